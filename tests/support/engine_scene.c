/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/engine_scene.h"

struct engine_scene *scene;

void nap(long milliseconds)
{
    const struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* The test runner catches signals, and a child inherits that. */
static void die_of(int number)
{
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

/*
 * Like a process stuck in the kernel: SIGKILL has no effect for as long as a tracer holds
 * the process at the door of its exit (ptrace(2), PTRACE_O_TRACEEXIT).
 */
static void survive_sigkill(void)
{
    int held[2];
    char byte = 'n';
    pid_t victim = getpid();
    if (pipe(held) != 0)
        _exit(3);
    pid_t tracer = fork();
    if (tracer == 0) {
        while (byte != 'y')
            byte = ptrace(PTRACE_SEIZE, victim, 0, PTRACE_O_TRACEEXIT) == 0 ? 'y' : 'n';
        (void)!write(held[1], &byte, 1);
        while (!atomic_load(&scene->released))
            nap(5);
        _exit(0);
    }
    (void)prctl(PR_SET_PTRACER, tracer);
    (void)!read(held[0], &byte, 1);
}

static enum po_status prepare(void *context, int workers, struct po_error *error)
{
    struct rlimit limit = {0};
    (void)context;
    (void)workers;
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    atomic_store(&scene->descriptors, (long)limit.rlim_cur);
    if (atomic_fetch_add(&scene->prepared, 1) < scene->prepare_fails)
        return po_fail(error, PO_BAD_CALIBRATION, "the maps cannot be made");
    return PO_OK;
}

static enum po_status misbehave(const struct frame_attempt *attempt,
                                struct po_error *error)
{
    switch (scene->deeds[attempt->frame]) {
    case DEED_FAIL:
        return po_fail(error, PO_BAD_IMAGE, "a.png: truncated");
    case DEED_HANG_IN_POOL:
        if (attempt->number > 1)
            return PO_OK;
        break;
    case DEED_HANG:
        break;
    case DEED_HANG_POLITELY:
        while (!cancel_requested(attempt->cancel))
            nap(5);
        return po_fail(error, PO_CANCELLED, "cancelled");
    case DEED_SEGV_ONCE:
        if (attempt->number == 1)
            die_of(SIGSEGV);
        return PO_OK;
    case DEED_SEGV:
        die_of(SIGSEGV);
        break;
    case DEED_LEAVE:
        _exit(0);
    case DEED_KILL:
        (void)kill(getpid(), SIGKILL);
        break;
    case DEED_REFUSE_MEMORY_ONCE:
        return attempt->number > 1 ? PO_OK
                                   : po_fail(error, PO_OUT_OF_MEMORY, "no memory for it");
    case DEED_REFUSE_MEMORY:
        if (attempt->degradation == 1)
            return PO_OK;
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for it");
    case DEED_NO_MEMORY:
        return po_fail(error, PO_MEMORY_LIMIT, "needs 9 MB, 5 MB are allowed");
    case DEED_STOP_PROCESS:
        if (attempt->number > 1)
            return PO_OK;
        (void)kill(getpid(), SIGSTOP);
        break;
    case DEED_COMMIT_AND_CRASH:
        atomic_store(&scene->committed[attempt->frame], 1);
        die_of(SIGABRT);
        break;
    case DEED_SURVIVE_SIGKILL:
        survive_sigkill();
        break;
    case DEED_SLOW:
        nap(400);
        return PO_OK;
    case DEED_DONE:
    case DEED_FINISH_BESIDE:
    case DEED_FINISH_FAIL:
    case DEED_FINISH_HANG:
    case DEED_FINISH_SEGV:
    case DEED_FINISH_SLOW:
        return PO_OK;
    }
    for (;;)
        nap(1000);
}

static enum po_status run(void *context, const struct frame_attempt *attempt,
                          struct run_event *end, struct po_error *error)
{
    (void)context;
    frame_attempt_started(attempt);
    atomic_fetch_add(&scene->runs[attempt->frame], 1);
    atomic_store(&scene->turns[attempt->frame], atomic_fetch_add(&scene->started, 1));
    frame_attempt_stage(attempt, STAGE_ONE);
    end->stage = STAGE_ONE;
    end->points = 100;
    nap(5); /* the frame before has begun to be finished */
    if ((atomic_load(&scene->places[attempt->worker]) & 1 << attempt->place) != 0)
        atomic_fetch_add(&scene->clashes, 1);
    return misbehave(attempt, error);
}

static void expect(void *context, int frame)
{
    (void)context;
    if (!atomic_load(&scene->runs[frame]))
        atomic_fetch_add(&scene->expected[frame], 1);
}

static enum po_status finish_badly(const struct frame_attempt *attempt,
                                   struct po_error *error)
{
    enum { PATIENCE_MS = 20000, NAP_MS = 5 };
    int next = (attempt->frame + FRAME_PLACES - 1) % FRAMES;
    switch (scene->deeds[attempt->frame]) {
    case DEED_FINISH_BESIDE:
        for (int ms = 0; ms < PATIENCE_MS && !atomic_load(&scene->runs[next]);
             ms += NAP_MS)
            nap(NAP_MS);
        return atomic_load(&scene->runs[next])
                   ? PO_OK
                   : po_fail(error, PO_INTERNAL, "the worker waited");
    case DEED_FINISH_FAIL:
        return po_fail(error, PO_IO, "cloud.ply: the disk is full");
    case DEED_FINISH_HANG:
        for (;;)
            nap(1000);
    case DEED_FINISH_SEGV:
        die_of(SIGSEGV);
        return PO_OK;
    case DEED_FINISH_SLOW:
        nap(60);
        return PO_OK;
    default:
        return PO_OK;
    }
}

static enum po_status finish(void *context, const struct frame_attempt *attempt,
                             struct run_event *end, struct po_error *error)
{
    (void)context;
    int now = atomic_fetch_add(&scene->finishing, 1) + 1;
    int most = atomic_load(&scene->most_finishing);
    while (most < now &&
           !atomic_compare_exchange_weak(&scene->most_finishing, &most, now)) {
    }
    atomic_fetch_or(&scene->places[attempt->worker], 1 << attempt->place);
    frame_attempt_stage(attempt, STAGE_TWO);
    end->stage = STAGE_TWO;
    enum po_status status = finish_badly(attempt, error);
    atomic_fetch_and(&scene->places[attempt->worker], ~(1 << attempt->place));
    atomic_fetch_sub(&scene->finishing, 1);
    return status;
}

static bool committed(void *context, int frame, struct run_event *end)
{
    (void)context;
    end->points = 100;
    return atomic_load(&scene->committed[frame]) != 0;
}

static bool can_degrade(void *context, int frame, int degradation)
{
    (void)context;
    (void)frame;
    return degradation == 0;
}

static bool is_short(void *context, int frame)
{
    (void)context;
    return scene->is_short[frame];
}

static const char *stage_name(int stage)
{
    static const char *const names[] = {
        [0] = "queued", [STAGE_ONE] = "one", [STAGE_TWO] = "two"};
    return names[stage];
}

const struct engine_job engine_scene_job = {.name = "fake",
                                            .prepare = prepare,
                                            .run = run,
                                            .expect = expect,
                                            .finish = finish,
                                            .is_short = is_short,
                                            .committed = committed,
                                            .can_degrade = can_degrade,
                                            .stage_name = stage_name};

struct engine_settings usual(void)
{
    return (struct engine_settings){.workers = 3,
                                    .batch_size = 1,
                                    .parallel = true,
                                    .frame_timeout_s = 0.8,
                                    .grace_s = 20,
                                    .kill_wait_s = 10,
                                    .pool_restarts = 1};
}

int engine_scene_set(void **state)
{
    (void)state;
    scene = mmap(NULL, sizeof(*scene), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                 -1, 0);
    return scene == MAP_FAILED ? -1 : 0;
}

int engine_scene_drop(void **state)
{
    (void)state;
    return munmap(scene, sizeof(*scene));
}

void play_with(const struct engine_settings *settings, struct run_control *control,
               struct played *played)
{
    *played = (struct played){.summary = {0}};
    assert_int_equal(run_state_init(&played->state, FRAMES, NULL), PO_OK);
    assert_int_equal(engine_run(settings, &engine_scene_job, control, &played->state,
                                &played->result, NULL),
                     PO_OK);
    run_state_summarize(&played->state, &played->summary);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

void play(const struct engine_settings *settings, struct played *played)
{
    struct run_control control;
    assert_int_equal(run_control_open(&control, 0, true, NULL), PO_OK);
    play_with(settings, &control, played);
    run_control_close(&control);
}

void all_others_done(const struct played *played, int except)
{
    for (int i = 0; i < FRAMES; i++)
        if (i != except)
            assert_int_equal(played->state.frames[i].status, PO_FRAME_DONE);
}
