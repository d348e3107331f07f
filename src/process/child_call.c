/* SPDX-License-Identifier: Apache-2.0 */
#include "process/child_call.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/leave.h"
#include "process/child_guard.h"

/* Most calls are over at once: the first looks follow each other quickly. */
enum { LEAST_PAUSE_NS = 200 * 1000, MOST_PAUSE_NS = 5 * 1000 * 1000 };

/* One that a file system holds in the kernel does not die: it is left behind. */
static const double KILLED_WITHIN_S = 10;

/* Whether the child ended within that time. */
static bool ends_within(pid_t pid, double seconds, int *wait_status)
{
    struct timespec pause = {0, LEAST_PAUSE_NS};
    double end_s = clock_monotonic_s() + seconds;
    for (;;) {
        pid_t ended = waitpid(pid, wait_status, WNOHANG);
        if (ended == pid || (ended < 0 && errno != EINTR))
            return true;
        if (clock_monotonic_s() > end_s)
            return false;
        (void)nanosleep(&pause, NULL);
        if (pause.tv_nsec < MOST_PAUSE_NS)
            pause.tv_nsec *= 2;
    }
}

/* Waits for the child; false when it had to be killed. */
static bool wait_for(pid_t pid, double timeout_s, int *wait_status)
{
    if (ends_within(pid, timeout_s, wait_status))
        return true;
    (void)kill(pid, SIGKILL);
    (void)ends_within(pid, KILLED_WITHIN_S, wait_status);
    return false;
}

/* Behind the result: whether it is whole. The child's status alone does not tell, as a
 * caller who ignores SIGCHLD never gets one. */
static unsigned char *done_mark(const struct child_call *call, void *shared)
{
    return (unsigned char *)shared + call->result_bytes;
}

static enum po_status run_child(const struct child_call *call, void *shared,
                                struct po_error *error)
{
    int wait_status = 0;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return po_fail(error, PO_OUT_OF_MEMORY, "cannot start a process: %s",
                       strerror(errno));
    if (pid == 0) {
        child_guard(parent, NULL, 0);
        call->run(call->request, shared);
        *done_mark(call, shared) = 1;
        process_leave(0);
    }
    if (!wait_for(pid, call->timeout_s, &wait_status))
        return po_fail(error, PO_CANCELLED, "no answer within %.0f s", call->timeout_s);
    if (WIFSIGNALED(wait_status))
        return po_fail(error, PO_INTERNAL, "died of signal %d (%s)%s",
                       WTERMSIG(wait_status), strsignal(WTERMSIG(wait_status)),
                       WTERMSIG(wait_status) == SIGKILL ? ", probably out of memory"
                                                        : "");
    if (*done_mark(call, shared) == 0)
        return po_fail(error, PO_INTERNAL, "ended with status %d before it was done",
                       WEXITSTATUS(wait_status));
    return PO_OK;
}

enum po_status child_call_run(const struct child_call *call, struct po_error *error)
{
    size_t bytes = call->result_bytes + 1;
    void *shared =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a result of %zu bytes",
                       call->result_bytes);
    enum po_status status = run_child(call, shared, error);
    if (status == PO_OK)
        memcpy(call->result, shared, call->result_bytes);
    (void)munmap(shared, bytes);
    return status;
}
