/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session run: everything one run of a session works with, from its manifest to its
 * report. Lives in the supervisor; children inherit it by fork and only read it. The
 * rooms below never see it: they are given the parts they read.
 *
 * Invariant: `probes` is shared memory, written by the child that probes a frame.
 * `effective` holds the values in force; its strings are `asked`'s. Ownership:
 * session_run_release, safe on a zeroed struct.
 */
#ifndef SUPERVISE_SESSION_RUN_H
#define SUPERVISE_SESSION_RUN_H

#include "process/sandbox.h"
#include "record/frame_record.h"
#include "report/progress.h"
#include "store/output_lock.h"
#include "store/resume.h"
#include "supervise/network_state.h"
#include "survey/probe_frames.h"
#include "survey/session_survey.h"

/* As chosen for the session, and the next for a frame whose memory ran out. */
enum { SESSION_SETUPS = 2 };

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
    struct session_network network; /* of --matcher network and --prior */
    struct frame_setup asked_setup; /* before any degradation */
    struct frame_setup setups[SESSION_SETUPS];
    struct sandbox sandbox; /* of all children of the run */
    struct run_journal journal;
    struct progress progress;
    struct engine_result result;
    uint64_t survey_peak_bytes;  /* of the survey's children */
    bool is_survey_incomplete;   /* nothing of it is kept for later runs */
    struct frame_record *record; /* room for one that is read back */
    struct warning_list warnings;
    bool owns_process; /* signals are ours to take */
    double start_s;
    double first_frame_s; /* of the first commit; 0: none yet */
    struct hash folders;  /* of the inputs, as they were when the run began */
};

/* Makes a zeroed run ready, then reads its manifest: `settings` must outlive it. */
void session_run_init(struct session_run *run, const struct settings_set *settings);
PO_MUST_CHECK enum po_status session_run_load(struct session_run *run,
                                              struct po_error *error);
void session_run_release(struct session_run *run);

/* Fills the setups from `effective` and `values`; again after either changes. */
void session_setups_make(struct session_run *run);
/* The setup a frame runs with at its level of degradation. */
const struct frame_setup *session_setup(const struct session_run *run, int degradation);
/* Makes frame_ranges with --range-per-frame: the calibrations' until frames are surveyed
 * at. */
PO_MUST_CHECK enum po_status session_frame_ranges_make(struct session_run *run,
                                                       struct po_error *error);

/* The parts of a run that the rooms below read. */
struct probed_session session_probed(const struct session_run *run);
struct resume session_resume(const struct session_run *run);
struct memory_request session_memory_request(const struct session_run *run);

#endif
