/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run control: why a run should come to its end before its last frame: a signal, the
 * session's deadline, too many failures.
 *
 * Signals arrive through a signalfd, so the supervisor handles them in its one poll()
 * loop. Those that the caller set to be ignored (nohup, a shell's background job) stay
 * ignored. SIGHUP counts as SIGTERM. Invariant: a stop never goes away, only becomes
 * more urgent.
 */
#ifndef PROCESS_RUN_CONTROL_H
#define PROCESS_RUN_CONTROL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "process_offline/status.h"

enum stop_reason { STOP_NONE, STOP_SIGNAL, STOP_DEADLINE, STOP_FAILURES };

struct run_control {
    int signal_descriptor; /* -1: signals are not watched */
    sigset_t old_mask;
    enum stop_reason reason;
    int signal;          /* that asked for the stop */
    bool stop_now;       /* a second signal: started frames are not waited for */
    int64_t stop_ns;     /* when the stop was asked for */
    int64_t deadline_ns; /* of the session; 0: none */
    bool continued;      /* SIGCONT came since run_control_take_continued */
};

/* `session_timeout_s` 0: no deadline. Without `watches_signals` they stay the caller's.
 */
PO_MUST_CHECK enum po_status run_control_open(struct run_control *control,
                                              double session_timeout_s,
                                              bool watches_signals,
                                              struct po_error *error);
/* Gives signals back to the caller's mask. Safe on one that was never opened. */
void run_control_close(struct run_control *control);

/* Reads what has arrived and compares the deadline with `now_ns`. */
void run_control_update(struct run_control *control, int64_t now_ns);
void run_control_stop(struct run_control *control, enum stop_reason reason,
                      int64_t now_ns);
bool run_control_take_continued(struct run_control *control);

/* In a child: the caller's signal mask. */
void run_control_leave_in_child(struct run_control *control);

#endif
