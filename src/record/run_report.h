/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run report: report.json, the contract with other tools.
 *
 * Frames are asked for one at a time through `frame`, so a run of a million frames needs
 * no more memory than one of ten; each pass over them must give the same answers.
 * Invariant: totals.found equals frame_count and the sum of the counts a status.
 * Ownership: the report borrows everything it points to.
 */
#ifndef RECORD_RUN_REPORT_H
#define RECORD_RUN_REPORT_H

#include "process_offline/summary.h"
#include "record/frame_record.h"
#include "record/plane_record.h"
#include "session/manifest.h"
#include "settings/settings_table.h"

enum { REPORT_STAGES_MAX = 12 };

#define RUN_REPORT_FILE "report.json"

struct report_stage {
    const char *name; /* literal: "load", "match" */
    double ms;
};

/* One frame's line; pointers stay valid until the next call of the source. */
struct report_frame {
    const char *id;
    enum po_frame_status status; /* PENDING: not run */
    const char *stage;           /* where it ended when not done; else NULL */
    const char *message;         /* why; else NULL */
    int attempts;
    bool match_reused;   /* refined again from the raw match of an earlier run */
    bool earlier_result; /* it did not finish, and its folder holds an earlier run's */
    int stage_count;
    struct report_stage stages[REPORT_STAGES_MAX];
    double latency_ms;                 /* from taken to committed; 0: unknown or reused */
    const struct frame_record *record; /* NULL when there is none on disk */
};

typedef void report_frame_source(void *context, int index, struct report_frame *frame);

/* What was noteworthy: a pool restart, a degradation level, a signal. */
struct report_event {
    double time_s; /* since the start */
    char text[WARNING_BYTES];
};

enum { OTHER_FRAMES_LISTED = 20 };

/* Results in the output directory that an earlier run left, of frames not in this one. */
struct report_other_frames {
    int count;
    int listed; /* the first by name */
    char ids[OTHER_FRAMES_LISTED][RECORD_ID_BYTES];
};

/* One part of a session that several machines made. */
struct report_shard {
    int number;
    int count;
    char host[128];
    const char *end; /* literal: "ended", "died", "never_began", "other_plan" */
    int exit_status; /* of one that ended */
    int frames;      /* that came to an end in it */
    double wall_s;   /* NaN: it did not end */
};

struct report_memory {
    uint64_t limit_bytes;
    char limit_origin[RECORD_LABEL_BYTES]; /* "--memory-limit", "MemAvailable", ... */
    uint64_t baseline_bytes;               /* of the processes before the first frame */
    uint64_t predicted_bytes;              /* peak of the run as planned */
    uint64_t measured_bytes;               /* peak of the run as seen */
    uint64_t peak_rss_bytes;               /* largest single process */
    uint64_t frame_bytes;                  /* the largest frame's plan */
};

/* Networks of a run: that of the matcher, that of the prior, or both. */
struct report_network {
    bool present;
    bool beside;            /* the prior's ran while frames were matched */
    uint64_t process_bytes; /* runtime and models, in each process */
    uint64_t frame_bytes;   /* the runtime's own, in each running frame */
    int frames;             /* it ran on, of those done */
    double p50_ms, p95_ms;  /* a frame's; NaN: none */
};

struct report_totals {
    int found;
    int done, reused, failed, timed_out, crashed, out_of_memory, not_run;
    int matches_reused;  /* of the frames done */
    int earlier_results; /* of the frames that did not finish */
    int incomplete;      /* done or reused, and lacking a part of what was asked for */
    uint64_t points;
    int warnings; /* of the run, its session and calibrations, and of frames */
    double latency_p50_ms, latency_p95_ms, latency_p99_ms; /* NaN: no frame ran */
    int scored_frames;
    struct frame_scores scores; /* mean, each frame with the same weight */
    struct plane_summary plane; /* of --quality-check */
    int stage_count;
    struct report_stage stages[REPORT_STAGES_MAX]; /* mean over frames that ran */
};

/* What held of the children's sandbox, in all of them. */
struct report_sandbox {
    bool known; /* false: no child was started, or none was to have one */
    bool files; /* Landlock */
    bool calls; /* seccomp */
};

struct run_report {
    const struct manifest *manifest; /* NULL: it could not be loaded */
    const struct settings_set *settings;
    const char *output_directory;
    int workers; /* most at once; 0: nothing had to be done */
    int batch_size;
    double wall_s;
    double first_frame_s;     /* from the start to the first commit; NaN: none */
    double survey_s;          /* of first_frame_s, looking at images; NaN: unknown */
    double idle_share;        /* of the workers, 0..1; NaN: unknown */
    double frames_per_second; /* frames done / wall_s */
    struct report_memory memory;
    struct report_network network;
    struct report_sandbox sandbox;
    struct warning_list warnings; /* of the run and its session, not of a frame */
    struct report_other_frames other_frames;
    int shard_count; /* 0: one process made all */
    const struct report_shard *shards;
    int event_count;
    const struct report_event *events;
    int exit_status;
    struct report_totals totals; /* filled by run_report_count */
    int frame_count;
    report_frame_source *frame;
    void *frame_context;
};

/* "done", "reused", "failed", "timed_out", "crashed", "out_of_memory", "not_run". */
const char *frame_status_name(enum po_frame_status status);

/* The count of one status, to add to. */
int *report_status_count(struct report_totals *totals, enum po_frame_status status);

/* One pass over the frames that fills `totals`. */
PO_MUST_CHECK enum po_status run_report_count(struct run_report *report,
                                              struct po_error *error);
/* Publishes `path` atomically. `totals` must be filled. */
PO_MUST_CHECK enum po_status run_report_write(const struct run_report *report,
                                              const char *path, struct po_error *error);

/* A frame of an earlier report, as far as runs are compared. */
struct past_frame {
    char id[RECORD_ID_BYTES];
    enum po_frame_status status;
    uint64_t points;
    double total_ms; /* sum of its stages */
    struct record_extent extent;
    struct frame_scores scores;
};

enum { PAST_SETTING_BYTES = 64, PAST_UNKNOWN_LISTED = 8 };

/* An earlier report read back, or the present one for comparison with it. */
struct past_report {
    char version[RECORD_LABEL_BYTES];
    /* By row, of those that change results; "": not in the report. */
    char settings[SETTING_MAX][PAST_SETTING_BYTES];
    bool has_settings; /* at least one that this version knows */
    int unknown_count; /* settings that this version does not know */
    char unknown[PAST_UNKNOWN_LISTED][PAST_SETTING_BYTES]; /* the first of them */
    int frame_count;
    int left_out;              /* frames that --frames or --single-frame did not select */
    struct past_frame *frames; /* in the order of the file */
    struct report_totals totals;
    double frames_per_second;
    uint64_t measured_bytes;
    uint64_t peak_rss_bytes;
    int exit_status;
};

PO_MUST_CHECK enum po_status run_report_read(const char *path, struct past_report *past,
                                             struct po_error *error);
void past_report_release(struct past_report *past);

/* Whether a setting shapes results, so that two runs are compared by it: where files are
 * does not, how they are read does. */
bool run_report_compares(const struct setting_row *row);

#endif
