/* SPDX-License-Identifier: Apache-2.0 */
#include "process/signal_listener.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/leave.h"
#include "base/log.h"

enum { TICK_MS = 100 };

static const int64_t deaf_ns = 2000LL * 1000 * 1000; /* of a frame that was cancelled */

static void follow(struct signal_listener *listener, int64_t now_ns)
{
    struct run_control *control = listener->control;
    int64_t grace_ns = (int64_t)(listener->grace_s * 1e9);
    run_control_update(control, now_ns);
    if (control->reason != STOP_SIGNAL)
        return;
    if (!control->stop_now && now_ns - control->stop_ns < grace_ns)
        return;
    if (listener->cancelled_ns == 0) {
        listener->cancelled_ns = now_ns;
        atomic_store(&listener->cancel.requested, 1);
    }
    if (now_ns - listener->cancelled_ns < deaf_ns)
        return;
    log_warning("the frame does not stop when asked to: left at once; finished frames "
                "are kept");
    process_leave(128 + control->signal);
}

static void listen_until_stopped(void *context)
{
    struct signal_listener *listener = context;
    struct pollfd polled[] = {
        {.fd = listener->control->signal_descriptor, .events = POLLIN},
        {.fd = listener->ends[0], .events = POLLIN},
    };
    while (polled[1].revents == 0) {
        (void)poll(polled, 2, TICK_MS);
        follow(listener, clock_monotonic_ns());
    }
}

void signal_listener_start(struct signal_listener *listener, struct run_control *control,
                           double grace_s)
{
    *listener = (struct signal_listener){
        .control = control, .grace_s = grace_s, .ends = {-1, -1}};
    if (control->signal_descriptor < 0 || pipe2(listener->ends, O_CLOEXEC) != 0)
        return;
    if (thread_start(listen_until_stopped, listener, &listener->thread, NULL) != PO_OK)
        log_debug("no thread listens to signals");
}

void signal_listener_stop(struct signal_listener *listener)
{
    if (listener->ends[1] >= 0)
        (void)close(listener->ends[1]);
    thread_join(listener->thread);
    if (listener->ends[0] >= 0)
        (void)close(listener->ends[0]);
    listener->thread = NULL;
}
