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
    (void)context;
    (void)workers;
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
        if (attempt->number > 1)
            return PO_OK;
        die_of(SIGSEGV);
        break;
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
    frame_attempt_stage(attempt, STAGE_ONE);
    end->stage = STAGE_ONE;
    end->points = 100;
    nap(5);
    return misbehave(attempt, error);
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

static const char *stage_name(int stage)
{
    return stage == STAGE_ONE ? "one" : "queued";
}

const struct engine_job engine_scene_job = {.name = "fake",
                                            .prepare = prepare,
                                            .run = run,
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
