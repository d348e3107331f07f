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
#include "record/record_shelf.h"
#include "report/progress.h"
#include "store/link_lock.h"
#include "store/output_lock.h"
#include "store/resume.h"
#include "store/session_plan.h"
#include "store/shard_record.h"
#include "supervise/network_state.h"
#include "survey/probe_frames.h"
#include "survey/session_survey.h"

/* As chosen for the session, and the next for a frame whose memory ran out. */
enum { SESSION_SETUPS = 2, SHARD_TAG_BYTES = 64 };

/* What a run is for. */
enum run_role {
    RUN_WHOLE, /* a session from its first look to its report */
    RUN_LOOK,  /* nothing is written: a dry run, a check */
    RUN_PLAN,  /* the first look, for shards */
    RUN_SHARD, /* a part, by a plan */
    RUN_MERGE, /* the report of all parts */
};

struct session_run {
    const struct settings_set *asked;
    struct settings_set effective;
    struct settings_set reported; /* effective, with what the memory ladder changed */
    struct session_paths paths;
    struct manifest *manifest;
    struct output_lock lock;
    enum run_role role;
    struct shard shard;                   /* count 0: the whole session */
    struct hash session_digest;           /* of the manifest as it was loaded */
    struct session_plan plan;             /* of a shard or a merge */
    struct settings_set planned_settings; /* then `asked`, completed by the plan */
    struct link_lock link_lock;           /* of a plan, a shard or a merge */
    int64_t shard_began_ns;               /* by the file system's clock */
    struct kept_rectification
        rectification; /* of --rectify-uncalibrated, if it has one */
    bool has_rectification;
    char build_tag[SHARD_TAG_BYTES];
    const struct merged_shards *merged; /* of a merge, once made; else NULL */
    struct run_control control;
    struct run_state state;
    struct session_values values;
    struct frame_probes probes;
    struct frame_groups groups;
    struct frame_surveys surveys;
    struct kept_pairs kept_pairs;   /* of surveyed frames, for these frames themselves */
    uint64_t kept_pair_bytes;       /* of them when the work began */
    struct kept_tables kept_tables; /* of rectification, for all children */
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
    uint64_t survey_peak_bytes;            /* of the survey's children */
    double survey_busy_s;                  /* of their workers */
    double survey_s;                       /* while frames waited for them */
    bool is_survey_incomplete;             /* nothing of it is kept for later runs */
    char survey_gap[SURVEY_SKIPPED_BYTES]; /* then: which frame is missing, and why */
    struct frame_record *record;           /* room for one that is read back */
    struct record_shelf shelf;             /* of the report */
    struct warning_list warnings;
    bool owns_process; /* signals are ours to take */
    double start_s;
    double first_frame_s; /* of the first commit; 0: none yet */
    struct hash folders;  /* of the inputs, as they were when the run began */
};

/* Makes a zeroed run ready for session_load; `settings` must outlive it. A run of a part
 * of the session is one of a shard. */
void session_run_init(struct session_run *run, const struct settings_set *settings,
                      enum run_role role);
void session_run_release(struct session_run *run);

/* Whether it goes by a plan: it looks at nothing that the plan knows. */
bool session_run_is_planned(const struct session_run *run);

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
