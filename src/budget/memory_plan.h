/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory plan: the limit of the run, what of it frames may hold, and how many may run at
 * once; where one frame alone does not fit, the rung of the ladder on which it does.
 *
 * The ladder, from the top: fewer frames at once; row strips; a cheaper mode; half and
 * quarter resolution; refusal with both numbers. A rung is chosen for the session, before
 * its first frame.
 */
#ifndef BUDGET_MEMORY_PLAN_H
#define BUDGET_MEMORY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process_offline/settings.h"
#include "process_offline/status.h"

enum degradation {
    DEGRADATION_NONE,
    DEGRADATION_STRIPS,
    DEGRADATION_CHEAPER_MODE,
    DEGRADATION_HALF,
    DEGRADATION_QUARTER,
    DEGRADATION_COUNT,
};

struct memory_limit {
    uint64_t bytes;
    bool is_explicit;
    const char *origin; /* "--memory-limit", "MemAvailable", ... */
    uint64_t available_bytes;
};

struct memory_plan {
    struct memory_limit limit;
    uint64_t baseline_bytes; /* the program itself, before its first frame */
    uint64_t budget_bytes;   /* what frames may hold */
    uint64_t frame_bytes;    /* the largest frame */
    size_t scratch_bytes;    /* the largest arena */
    int workers;
    int batch_size;
    bool keeps_pages; /* arenas need not give pages back between frames */
};

struct memory_limit memory_limit_choose(const struct po_run_settings *settings);

/* Workers and batch by settings, profile and the processors of this process. */
void memory_plan_workers(const struct po_run_settings *settings, uint64_t available_bytes,
                         int *workers, int *batch_size);

/* Changes settings and downscale to what they are on `rung`. */
void degradation_apply(enum degradation degradation, struct po_settings *settings,
                       int *downscale);
const char *degradation_name(enum degradation degradation);

struct session_run;
/* Fills limit, baseline and budget. */
void memory_plan_budget(struct session_run *run);
/* Chooses rung, workers and budget for the pending frames, all of which were probed;
 * frames that fit on no rung end here. */
PO_MUST_CHECK enum po_status memory_plan_make(struct session_run *run,
                                              struct po_error *error);

/* PO_MEMORY_LIMIT, with what the frame needs on the lowest rung and the smallest limit
 * that would do; memory_plan_budget must have been called. */
PO_MUST_CHECK enum po_status memory_plan_refuse(struct session_run *run, int frame,
                                                struct po_error *error);

#endif
