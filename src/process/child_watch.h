/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child watch: the supervisor's poll() loop over one child, from its start to its end.
 *
 * It takes events into the run state, asks silent frames to cancel, kills a process that
 * does not listen, follows signals and deadlines. What becomes of the frames that were
 * running when the child ended is settle.h's matter.
 */
#ifndef PROCESS_CHILD_WATCH_H
#define PROCESS_CHILD_WATCH_H

#include "process/child_process.h"
#include "process/engine.h"
#include "process/watchdog.h"

enum child_end {
    CHILD_FINISHED,      /* left by itself with status 0 */
    CHILD_STALLED,       /* killed: a frame was silent */
    CHILD_CRASHED,       /* a signal, or an exit status it should not have */
    CHILD_OUT_OF_MEMORY, /* killed by the kernel for memory */
    CHILD_NOT_READY,     /* could not prepare itself, and said why */
    CHILD_STOPPED,       /* killed: the run stops now */
    CHILD_PHASE_TIMEOUT, /* killed: --pool-timeout */
};

/* Everything a phase of the engine works with. */
struct engine {
    const struct engine_settings *settings;
    const struct engine_job *job;
    struct run_control *control;
    struct run_state *state;
    struct engine_result *result;
    struct shared_flags flags;
    struct watchdog watchdog; /* its running frames are those of the current child */
    bool alone;               /* the child runs one frame: its faults are that frame's */
    int workers;              /* of the current child */
};

struct child_outcome {
    enum child_end end;
    enum po_status cause; /* CHILD_NOT_READY */
    int signal;           /* 0: it exited */
    int exit_status;
    int silent_frame; /* CHILD_STALLED; -1: the process as a whole */
    double silent_s;
    double allowed_s;
    bool unkillable; /* still there long after SIGKILL, and left behind */
    char text[EVENT_TEXT_BYTES];
};

/* Reads signals, deadlines and the count of failures: is the run to come to its end? */
bool engine_is_stopped(struct engine *engine, int64_t now_ns);

/* `phase_deadline_ns` 0: none. Releases the child. */
void child_watch(struct engine *engine, struct child_process *child,
                 int64_t *phase_deadline_ns, struct child_outcome *outcome);

#endif
