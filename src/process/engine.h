/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engine: brings every frame of a run to an end, whatever frames do to their process.
 *
 * Parallel phase: a pool process works on all frames; a frame that stalls or a process
 * that crashes ends it, and it is started again without the suspects. Then the sequential
 * phase: what is left, and the suspects, each alone in a child. A frame's last word is
 * always spoken alone, so that one frame's fault is never another's. See engine.c.
 */
#ifndef PROCESS_ENGINE_H
#define PROCESS_ENGINE_H

#include "process/engine_job.h"
#include "process/run_control.h"

/* What the engine tells while it runs; each may be NULL. */
struct engine_observer {
    void *context;
    void (*frame_started)(void *context, int frame);
    void (*frame_staged)(void *context, int frame, int stage);
    void (*frame_ended)(void *context, int frame);
    /* A sentence for the report: a restart, a kill. */
    void (*noted)(void *context, const char *text);
    /* About ten times a second; `resident_bytes` of the child now. */
    void (*tick)(void *context, int running, uint64_t resident_bytes);
};

struct engine_settings {
    int workers;
    int batch_size;
    bool in_process; /* no children: see run_frames.h */
    bool parallel;
    double frame_timeout_s;
    double pool_timeout_s; /* 0: none */
    double grace_s;
    double kill_wait_s; /* a process still there so long after SIGKILL is left behind */
    int pool_restarts;
    int max_failures; /* 0: no limit */
    struct engine_observer observer;
};

/* What the run was like, for the report. */
struct engine_result {
    int workers; /* of one child, the most */
    int pool_restarts;
    int sequential_frames;
    int cancelled_frames;
    int killed_processes;
    int unkillable_processes;
    int memory_kills;
    uint64_t baseline_bytes; /* of a child that is ready, the largest */
    uint64_t peak_bytes;     /* of a child, the largest */
};

/* Ends every pending frame of `state`, or leaves it pending when `control` stops the run.
 * PO_OK whatever the frames did. */
PO_MUST_CHECK enum po_status
engine_run(const struct engine_settings *settings, const struct engine_job *job,
           struct run_control *control, struct run_state *state,
           struct engine_result *result, struct po_error *error);

#endif
