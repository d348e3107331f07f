/* SPDX-License-Identifier: Apache-2.0 */
/* What an engine is given and what it gives back, beside the frames. Plain values. */
#ifndef PROCESS_ENGINE_SETTINGS_H
#define PROCESS_ENGINE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "process/sandbox.h"
#include "process_offline/settings.h"

/* What the engine reports while it runs; each may be NULL. */
struct engine_observer {
    void *context;
    void (*frame_started)(void *context, int frame);
    void (*frame_staged)(void *context, int frame, int stage);
    void (*frame_ended)(void *context, int frame);
    /* A sentence for the report: a restart, a kill. */
    void (*noted)(void *context, const char *text);
    /* About ten times a second; `resident_bytes` of the child now. */
    void (*tick)(void *context, int running, uint64_t resident_bytes);
    /* As often, during surveys too: shows others that this process lives. */
    void (*pulse)(void *context);
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
    int max_failures;        /* 0: no limit */
    struct sandbox *sandbox; /* of the children; NULL: none */
    struct engine_observer observer;
};

/* As the user's settings say: one child at a time with one worker; and with a pool of
 * them, whose size the caller sets. */
struct engine_settings engine_settings_alone(const struct po_run_settings *settings);
struct engine_settings engine_settings_pool(const struct po_run_settings *settings);

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

#endif
