/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child process: runs a list of frames through a job on a pool of workers, and reports to
 * the supervisor by events. One worker and one frame make the sequential child.
 *
 * Ownership: the supervisor starts it, reaps it and closes its pipes; the child side
 * never returns. The cancel flags live in memory shared by both, one a frame, so a late
 * cancel can never hit the wrong frame.
 */
#ifndef PROCESS_CHILD_PROCESS_H
#define PROCESS_CHILD_PROCESS_H

#include <sys/types.h>

#include "base/cancel.h"
#include "process/engine_job.h"
#include "process/run_control.h"
#include "process/sandbox.h"

/* Shared between the supervisor and its children. */
struct shared_flags {
    struct cancel *frames; /* by frame */
    struct cancel *stop;   /* no further frame is started */
    size_t bytes;
};

PO_MUST_CHECK enum po_status shared_flags_init(struct shared_flags *flags,
                                               int frame_count, struct po_error *error);
void shared_flags_release(struct shared_flags *flags);

struct child_request {
    const struct engine_job *job;
    const struct run_state *state;
    const struct shared_flags *flags;
    struct run_control *control;
    struct sandbox *sandbox; /* NULL: none */
    const int *frames;
    int frame_count;
    int workers;
    int batch_size;
    int failures_allowed; /* so many, and no further frame is started; 0: no limit */
};

struct child_process {
    pid_t pid;
    int event_descriptor;    /* read end, non-blocking */
    int lifeline_descriptor; /* write end: closing it ends the child */
    int exit_descriptor;     /* readable when it has ended; -1: not to be had */
    bool reaped;
    int wait_status;
    uint64_t peak_bytes; /* resident, known when reaped */
};

PO_MUST_CHECK enum po_status child_process_start(const struct child_request *request,
                                                 struct child_process *child,
                                                 struct po_error *error);
/* Takes the end of the child if it has come. */
bool child_process_reap(struct child_process *child);
void child_process_kill(const struct child_process *child);
/* Closes the pipes; a child that is not reaped is left behind. */
void child_process_release(struct child_process *child);

#endif
