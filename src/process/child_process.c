/* SPDX-License-Identifier: Apache-2.0 */
#include "process/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/leave.h"
#include "pool/lifeline.h"
#include "pool/memory_available.h"
#include "pool/worker_pool.h"
#include "process/child_guard.h"
#include "process/frame_end.h"

/* OpenCV and the codecs stay far below; threads of a small stack start quickly. */
enum { WORKER_STACK_BYTES = 1 << 20, HEAP_BLOCK_BYTES = 1 << 20 };

enum po_status shared_flags_init(struct shared_flags *flags, int frame_count,
                                 struct po_error *error)
{
    size_t bytes;
    *flags = (struct shared_flags){0};
    if (!size_multiply((size_t)frame_count + 1, sizeof(struct cancel), &bytes))
        return po_fail(error, PO_INTERNAL, "%d frames are too many", frame_count);
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the flags of %d frames",
                       frame_count);
    flags->stop = pages;
    flags->frames = flags->stop + 1;
    flags->bytes = bytes;
    return PO_OK;
}

void shared_flags_release(struct shared_flags *flags)
{
    if (flags->stop != NULL)
        (void)munmap(flags->stop, flags->bytes);
    *flags = (struct shared_flags){0};
}

struct child_side {
    const struct child_request *request;
    int event_descriptor;
    struct frame_ends *ends;
};

static void send_or_leave(int descriptor, const struct run_event *event)
{
    if (!event_send(descriptor, event))
        process_leave(CHILD_EXIT_ORPHAN);
}

/* By then each worker has run the frame it is at. */
static void expect_later(const struct child_request *request, int number)
{
    int later = number + request->workers;
    if (request->job->expect != NULL && later < request->frame_count)
        request->job->expect(request->job->context, request->frames[later]);
}

static void run_frame(void *context, int worker, int number)
{
    struct child_side *side = context;
    const struct child_request *request = side->request;
    int frame = request->frames[number];
    const struct frame_state *row = &request->state->frames[frame];
    const struct frame_attempt attempt = {.frame = frame,
                                          .worker = worker,
                                          .place = frame_ends_place(side->ends, worker),
                                          .number = row->attempts + 1,
                                          .degradation = row->degradation,
                                          .cancel = &request->flags->frames[frame],
                                          .stop = request->flags->stop,
                                          .event_descriptor = side->event_descriptor};
    struct run_event end = {.frame = frame};
    struct po_error error = {0};
    expect_later(request, number);
    enum po_status status =
        request->job->run(request->job->context, &attempt, &end, &error);
    end.frame = frame;
    frame_ends_take(side->ends, &attempt, &end, status, &error);
}

static void leave_not_ready(int descriptor, enum po_status status,
                            const struct po_error *error)
{
    struct run_event event = {.kind = EVENT_CHILD_FAILED, .frame = -1, .status = status};
    event_set_text(&event, error->message);
    (void)event_send(descriptor, &event);
    process_leave(CHILD_EXIT_NOT_READY);
}

/* A worker's frames on their way to the disk hold their files open. */
static void allow_descriptors(int workers)
{
    enum { OWN = 64, A_FRAME = 16 };
    struct rlimit limit;
    rlim_t wanted = OWN + (rlim_t)workers * FRAME_PLACES * A_FRAME;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* The child's main; never returns. */
static void child_main(const struct child_request *request, int event_descriptor,
                       int lifeline_descriptor)
{
    struct po_error error = {0};
    struct child_side side = {.request = request, .event_descriptor = event_descriptor};
    const struct engine_job *job = request->job;
    /* The heap must give back what library calls free, or frames would hold more than
     * they were admitted with: one arena, and large blocks as mappings of their own. */
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_MMAP_THRESHOLD, HEAP_BLOCK_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, HEAP_BLOCK_BYTES);
    allow_descriptors(request->workers);
    unsigned fences = 0;
    enum po_status status = PO_OK;
    if (request->sandbox != NULL)
        status = sandbox_enter(request->sandbox, &fences, &error);
    if (status == PO_OK)
        status = lifeline_start(lifeline_descriptor, CHILD_EXIT_ORPHAN, &error);
    if (status == PO_OK && job->prepare != NULL)
        status = job->prepare(job->context, request->workers, &error);
    if (status == PO_OK)
        status = frame_ends_create(
            &(struct frame_ends_settings){.job = job,
                                          .workers = request->workers,
                                          .event_descriptor = event_descriptor,
                                          .failures_allowed = request->failures_allowed,
                                          .stop = request->flags->stop},
            &side.ends, &error);
    if (status != PO_OK)
        leave_not_ready(event_descriptor, status, &error);
    const struct run_event ready = {.kind = EVENT_READY,
                                    .frame = -1,
                                    .bytes = memory_resident_bytes((int)getpid()),
                                    .fences = fences};
    send_or_leave(event_descriptor, &ready);
    const struct worker_pool_settings pool = {.workers = request->workers,
                                              .batch_size = request->batch_size,
                                              .stack_bytes = WORKER_STACK_BYTES,
                                              .cancel = request->flags->stop};
    status = worker_pool_run(&pool, request->frame_count, run_frame, &side, &error);
    frame_ends_destroy(side.ends);
    if (status != PO_OK)
        leave_not_ready(event_descriptor, status, &error);
    process_leave(0);
}

static enum po_status open_pipes(int events[2], int lifeline[2], struct po_error *error)
{
    if (pipe2(events, O_CLOEXEC) != 0)
        return po_fail(error, PO_IO, "cannot make a pipe: %s; raise ulimit -n",
                       strerror(errno));
    if (pipe2(lifeline, O_CLOEXEC) != 0) {
        int cause = errno;
        (void)close(events[0]);
        (void)close(events[1]);
        return po_fail(error, PO_IO, "cannot make a pipe: %s; raise ulimit -n",
                       strerror(cause));
    }
    (void)fcntl(events[0], F_SETFL, O_NONBLOCK);
    return PO_OK;
}

/* Readable from the process's end on; -1 where the kernel has no such thing. */
static int open_exit(pid_t pid)
{
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    (void)pid;
    return -1;
#endif
}

enum po_status child_process_start(const struct child_request *request,
                                   struct child_process *child, struct po_error *error)
{
    int events[2] = {-1, -1};
    int lifeline[2] = {-1, -1};
    *child = (struct child_process){
        .event_descriptor = -1, .lifeline_descriptor = -1, .exit_descriptor = -1};
    enum po_status status = open_pipes(events, lifeline, error);
    if (status != PO_OK)
        return status;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        const struct sandbox *sandbox = request->sandbox;
        const int kept[] = {events[1], lifeline[0],
                            sandbox != NULL ? sandbox->ruleset : -1};
        child_guard(parent, kept, 3);
        run_control_leave_in_child(request->control);
        child_main(request, events[1], lifeline[0]);
    }
    int cause = errno;
    (void)close(events[1]);
    (void)close(lifeline[0]);
    if (pid < 0) {
        (void)close(events[0]);
        (void)close(lifeline[1]);
        return po_fail(error, PO_OUT_OF_MEMORY,
                       "cannot start a process: %s; raise "
                       "ulimit -u or free memory",
                       strerror(cause));
    }
    child->pid = pid;
    child->exit_descriptor = open_exit(pid);
    child->event_descriptor = events[0];
    child->lifeline_descriptor = lifeline[1];
    return PO_OK;
}

bool child_process_reap(struct child_process *child)
{
    struct rusage usage = {0}; /* of one that somebody else reaped nothing is known */
    if (child->reaped)
        return true;
    pid_t pid;
    do
        pid = wait4(child->pid, &child->wait_status, WNOHANG, &usage);
    while (pid < 0 && errno == EINTR);
    if (pid != child->pid && !(pid < 0 && errno == ECHILD))
        return false;
    child->reaped = true;
    child->peak_bytes = (uint64_t)usage.ru_maxrss << 10;
    return true;
}

void child_process_kill(const struct child_process *child)
{
    if (!child->reaped)
        (void)kill(child->pid, SIGKILL);
}

void child_process_release(struct child_process *child)
{
    if (child->event_descriptor >= 0)
        (void)close(child->event_descriptor);
    if (child->lifeline_descriptor >= 0)
        (void)close(child->lifeline_descriptor);
    if (child->exit_descriptor >= 0)
        (void)close(child->exit_descriptor);
    child->event_descriptor = -1;
    child->lifeline_descriptor = -1;
    child->exit_descriptor = -1;
}
