/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signal listener: a thread that follows signals while a frame runs in this very process,
 * where no poll() loop does.
 *
 * The first signal lets the frame finish within its grace; the second, or the end of the
 * grace, raises `cancel`; a frame that does not listen to that is not waited for: the
 * process leaves, and what was finished stays. Invariant: between start and stop the
 * control belongs to the listener. Ownership: signal_listener_stop ends the thread.
 */
#ifndef PROCESS_SIGNAL_LISTENER_H
#define PROCESS_SIGNAL_LISTENER_H

#include "base/cancel.h"
#include "base/thread.h"
#include "process/run_control.h"

struct signal_listener {
    struct run_control *control;
    double grace_s;
    struct cancel cancel; /* for the frame */
    int64_t cancelled_ns; /* 0: not yet */
    int ends[2];          /* closing the second ends the thread */
    struct thread *thread;
};

/* Where signals are the caller's own, or no thread can be had, nobody listens. */
void signal_listener_start(struct signal_listener *listener, struct run_control *control,
                           double grace_s);
void signal_listener_stop(struct signal_listener *listener);

#endif
