/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session run: everything one run of a session works with, from its manifest to its
 * report. Lives in the supervisor; children inherit it by fork and only read it.
 *
 * Invariant: `facts` is shared memory, written by the child that examines a frame.
 * `effective` holds the values in force; its strings are `asked`'s. Ownership:
 * session_run_release, safe on a zeroed struct.
 */
#ifndef SUPERVISE_SESSION_RUN_H
#define SUPERVISE_SESSION_RUN_H

#include "budget/memory_plan.h"
#include "check/session_check.h"
#include "frame/frame_pipeline.h"
#include "process/engine.h"
#include "record/frame_record.h"
#include "record/run_report.h"
#include "report/progress.h"
#include "store/output_lock.h"
#include "store/run_journal.h"
#include "store/session_values.h"
#include "survey/frame_probes.h"
#include "survey/frame_surveys.h"

enum { SESSION_PATH_BYTES = 4096, SESSION_SETUPS = 2 };

struct session_paths {
    char output[SESSION_PATH_BYTES];
    char frames[SESSION_PATH_BYTES];  /* <output>/frames */
    char state[SESSION_PATH_BYTES];   /* <output>/.state */
    char inputs[SESSION_PATH_BYTES];  /* <output>/.state/inputs */
    char values[SESSION_PATH_BYTES];  /* <output>/.state/session.json */
    char matches[SESSION_PATH_BYTES]; /* <output>/.state/matches */
};

/* How frames are made on one rung: the session's, or the next for a starved frame. */
struct frame_setup {
    bool present;
    struct po_settings settings;
    struct frame_context context; /* without rectifiers: those live in the child */
};

struct session_run {
    const struct settings_set *asked;
    struct settings_set effective;
    struct settings_set reported; /* effective, with what the memory ladder changed */
    struct session_paths paths;
    struct manifest *manifest;
    struct output_lock lock;
    struct run_control control;
    struct run_state state;
    struct session_values values;
    struct frame_probes probes;
    struct frame_groups groups;
    struct frame_surveys surveys;
    struct disparity_range *frame_ranges; /* with --range-per-frame; else NULL */
    struct session_check check;           /* what the survey found */
    struct memory_plan memory;
    struct frame_setup setups[SESSION_SETUPS];
    struct run_journal journal;
    struct progress progress;
    struct engine_result result;
    uint64_t survey_peak_bytes;  /* of the children that looked before the run */
    struct frame_record *record; /* room for one that is read back */
    struct warning_list warnings;
    bool owns_process; /* signals are ours to take */
    int empty_clouds;  /* of calibrated frames */
    double start_s;
    double first_frame_s;  /* of the first commit; 0: none yet */
    int64_t started_at_ns; /* wall clock, to tell files of this run from older ones */
};

/* Makes a zeroed run ready, then reads its manifest: `settings` must outlive it. */
void session_run_init(struct session_run *run, const struct settings_set *settings);
PO_MUST_CHECK enum po_status session_run_load(struct session_run *run,
                                              struct po_error *error);

/* Fills both setups from `effective` and `values`; again after either changes. */
void session_setups_make(struct session_run *run);
/* The setup a frame runs with at its rung. */
const struct frame_setup *session_setup(const struct session_run *run, int degradation);

/* Tells progress and journal that a frame has ended. */
void session_run_report_frame(struct session_run *run, int frame);

/* Sets paths. */
PO_MUST_CHECK enum po_status session_paths_name(struct session_paths *paths,
                                                const struct po_settings *settings,
                                                const struct manifest *manifest,
                                                struct po_error *error);
/* Sets paths and makes the directories. */
PO_MUST_CHECK enum po_status session_paths_make(struct session_paths *paths,
                                                const struct po_settings *settings,
                                                const struct manifest *manifest,
                                                struct po_error *error);
void session_run_release(struct session_run *run);

/* The engine's settings for this run. */
struct engine_settings session_engine_settings(const struct session_run *run);
/* Runs `job` over the pending frames of `state`, in children or, with --in-process,
 * right here. */
PO_MUST_CHECK enum po_status
session_run_engine(struct session_run *run, const struct engine_settings *settings,
                   const struct engine_job *job, struct run_state *state,
                   struct engine_result *result, struct po_error *error);

#endif
