/* SPDX-License-Identifier: Apache-2.0 */
#include "process/run_control.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static bool is_ignored(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void watched_signals(sigset_t *set)
{
    static const int stoppers[] = {SIGINT, SIGTERM, SIGHUP};
    (void)sigemptyset(set);
    for (size_t i = 0; i < sizeof(stoppers) / sizeof(stoppers[0]); i++)
        if (!is_ignored(stoppers[i]))
            (void)sigaddset(set, stoppers[i]);
    (void)sigaddset(set, SIGCONT);
    (void)sigaddset(set, SIGCHLD);
}

enum po_status run_control_open(struct run_control *control, double session_timeout_s,
                                bool watches_signals, struct po_error *error)
{
    sigset_t set;
    *control = (struct run_control){.signal_descriptor = -1};
    if (session_timeout_s > 0)
        control->deadline_ns = clock_monotonic_ns() + (int64_t)(session_timeout_s * 1e9);
    if (!watches_signals)
        return PO_OK;
    /* A caller that ignores SIGCHLD would have the kernel reap our children unseen. */
    (void)signal(SIGCHLD, SIG_DFL);
    watched_signals(&set);
    if (sigprocmask(SIG_BLOCK, &set, &control->old_mask) != 0)
        return po_fail(error, PO_INTERNAL, "cannot block signals: %s", strerror(errno));
    control->signal_descriptor = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (control->signal_descriptor < 0) {
        int cause = errno;
        (void)sigprocmask(SIG_SETMASK, &control->old_mask, NULL);
        return po_fail(error, PO_IO, "cannot watch signals: %s; raise ulimit -n",
                       strerror(cause));
    }
    return PO_OK;
}

void run_control_close(struct run_control *control)
{
    if (control->signal_descriptor < 0)
        return;
    (void)close(control->signal_descriptor);
    control->signal_descriptor = -1;
    (void)sigprocmask(SIG_SETMASK, &control->old_mask, NULL);
}

void run_control_leave_in_child(struct run_control *control)
{
    if (control->signal_descriptor >= 0)
        (void)sigprocmask(SIG_SETMASK, &control->old_mask, NULL);
}

void run_control_stop(struct run_control *control, enum stop_reason reason,
                      int64_t now_ns)
{
    if (control->reason != STOP_NONE)
        return;
    control->reason = reason;
    control->stop_ns = now_ns;
}

static void take_signal(struct run_control *control, int number, int64_t now_ns)
{
    if (number == SIGCONT) {
        control->continued = true;
        return;
    }
    if (number == SIGCHLD)
        return;
    if (control->signal != 0) {
        control->stop_now = true;
        log_warning("second signal: stopping now");
        return;
    }
    control->signal = number == SIGINT ? SIGINT : SIGTERM;
    control->reason = STOP_SIGNAL;
    control->stop_ns = now_ns;
    log_warning("%s: started frames are finished first; a second signal stops now",
                number == SIGINT ? "interrupted" : "asked to end");
}

void run_control_update(struct run_control *control, int64_t now_ns)
{
    struct signalfd_siginfo info;
    while (control->signal_descriptor >= 0 &&
           read(control->signal_descriptor, &info, sizeof(info)) == (ssize_t)sizeof(info))
        take_signal(control, (int)info.ssi_signo, now_ns);
    if (control->deadline_ns != 0 && now_ns >= control->deadline_ns &&
        control->reason == STOP_NONE) {
        log_warning("the session's deadline (--session-timeout) is reached: no further "
                    "frame is started");
        run_control_stop(control, STOP_DEADLINE, now_ns);
    }
}

bool run_control_take_continued(struct run_control *control)
{
    bool continued = control->continued;
    control->continued = false;
    return continued;
}
