/* SPDX-License-Identifier: Apache-2.0 */
/* A phase of the engine: what its parts work with, and how a child of it ended. */
#ifndef PROCESS_ENGINE_PHASE_H
#define PROCESS_ENGINE_PHASE_H

#include "process/child_process.h"
#include "process/engine_settings.h"
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

#endif
