/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run state: one row a frame, and how it ended.
 *
 * Invariant: a frame that is not PO_FRAME_PENDING has ended for good; `ended` counts
 * them. Children inherit the table by fork, so a job reads attempt and degradation in it.
 * Ownership: run_state_release frees rows and messages.
 */
#ifndef PROCESS_RUN_STATE_H
#define PROCESS_RUN_STATE_H

#include <stdbool.h>

#include "process/event.h"
#include "process_offline/summary.h"

struct frame_state {
    enum po_frame_status status;
    enum po_status cause; /* why it failed */
    int signal;           /* that ended it, when it crashed */
    int stage;            /* the last one it was heard from */
    int attempts;         /* times it was started */
    int degradation;      /* of the memory ladder, for its next attempt */
    bool suspect;         /* runs alone from now on */
    bool memory_refused;  /* once */
    bool spoke;           /* was heard from in its current child */
    uint32_t stage_us[EVENT_STAGES];
    int64_t started_ns;
    double latency_ms; /* from its start to its end; 0: unknown */
    uint64_t points;
    uint64_t predicted_bytes;
    bool match_reused;
    uint32_t incomplete; /* bits the job gives: parts that it is done without */
    char *message;       /* NULL: none */
};

struct run_state {
    int frame_count;
    int ended;
    int not_ok; /* ended other than done or reused */
    struct frame_state *frames;
};

PO_MUST_CHECK enum po_status run_state_init(struct run_state *state, int frame_count,
                                            struct po_error *error);
void run_state_release(struct run_state *state);

/* Ends a frame. `message` may be NULL; it is copied. */
void run_state_end(struct run_state *state, int frame, enum po_frame_status status,
                   enum po_status cause, const char *message);
/* Notes what the frame said last, for its next attempt's end. */
void run_state_note(struct run_state *state, int frame, const char *message);

/* Counts of each end into `summary`; frames that never ended count as not_run. */
void run_state_summarize(const struct run_state *state, struct po_summary *summary);

#endif
