/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory plan: the limit of the run, what of it frames may hold, and how many may run at
 * once; where one frame alone does not fit, the level of degradation at which it does.
 *
 * The ladder, from the top: fewer frames at once; row strips; a cheaper mode; half and
 * quarter resolution; refusal with both numbers. A level is chosen for the session,
 * before its first frame. Planning reads and returns values: nothing of the run is
 * changed on the way.
 */
#ifndef BUDGET_MEMORY_PLAN_H
#define BUDGET_MEMORY_PLAN_H

#include "budget/frame_planner.h"
#include "process/run_state.h"

struct memory_limit {
    uint64_t bytes;
    bool is_explicit;
    const char *origin; /* "--memory-limit", "MemAvailable", ... */
    uint64_t available_bytes;
};

/* What planning reads; borrowed. */
struct memory_request {
    struct probed_session session;
    const struct frame_setup *asked; /* without degradation and without strips */
    const struct run_state *state;   /* its pending frames are planned */
    uint64_t network_bytes;          /* of a network, in each process that has one */
    bool is_kept;                    /* an earlier run chose the two below */
    enum degradation kept_degradation;
    uint64_t kept_frame_budget_bytes;
};

struct memory_plan {
    struct memory_limit limit;
    uint64_t baseline_bytes; /* the program itself, before its first frame */
    uint64_t budget_bytes;   /* what frames may hold */
    uint64_t frame_bytes;    /* the largest frame */
    size_t scratch_bytes;    /* the largest arena */
    int workers;
    int batch_size;
    bool lowers_workers; /* fewer than the settings and processors allow */
    enum degradation degradation;
    uint64_t frame_budget_bytes; /* what strips must fit into; 0: whole images */
};

/* What one frame needs at the level that was chosen. */
struct frame_demand {
    uint64_t bytes; /* 0: it cannot be planned */
    bool refused;   /* fits at no level: see memory_plan_refuse */
};

struct memory_limit memory_limit_choose(const struct po_run_settings *settings);

/* Workers and batch by settings, profile and the processors of this process. */
void memory_plan_workers(const struct po_run_settings *settings, uint64_t available_bytes,
                         int *workers, int *batch_size);

/* Fills limit, baseline and budget. */
void memory_plan_budget(const struct memory_request *request, struct memory_plan *plan);
/* Fills the whole plan, and `demands` by frame for those that are pending, all of which
 * were probed. */
void memory_plan_make(const struct memory_request *request, struct memory_plan *plan,
                      struct frame_demand *demands);

/* PO_MEMORY_LIMIT, with what the frame needs at the lowest level and the smallest limit
 * that would do; memory_plan_budget has filled `plan`. */
PO_MUST_CHECK enum po_status memory_plan_refuse(const struct memory_request *request,
                                                const struct memory_plan *plan, int frame,
                                                struct po_error *error);

#endif
