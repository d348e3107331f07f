/* SPDX-License-Identifier: Apache-2.0 */
/* The engine with jobs that hang, crash, leave, run out of memory and dawdle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "process/engine.h"

enum { FRAMES = 12, STAGE_ONE = 1 };

enum deed {
    DEED_DONE,
    DEED_FAIL,
    DEED_HANG,
    DEED_HANG_POLITELY, /* listens to its cancel flag */
    DEED_HANG_IN_POOL,  /* only while others run beside it */
    DEED_SEGV,
    DEED_SEGV_ONCE,
    DEED_LEAVE,
    DEED_KILL,
    DEED_REFUSE_MEMORY_ONCE,
    DEED_REFUSE_MEMORY, /* until the degradation level is 1 */
    DEED_NO_MEMORY,
    DEED_COMMIT_AND_CRASH,
    DEED_SLOW,
    DEED_STOP_PROCESS,
    DEED_SURVIVE_SIGKILL, /* until scene->released */
};

/* Shared with the children. */
struct scene {
    enum deed deeds[FRAMES];
    atomic_int runs[FRAMES];
    atomic_int committed[FRAMES];
    atomic_int prepared;
    int prepare_fails; /* how many times */
    atomic_int released;
};

static struct scene *scene;

static void nap(long milliseconds)
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

static const struct engine_job job = {.name = "fake",
                                      .prepare = prepare,
                                      .run = run,
                                      .committed = committed,
                                      .can_degrade = can_degrade,
                                      .stage_name = stage_name};

static struct engine_settings usual(void)
{
    return (struct engine_settings){.workers = 3,
                                    .batch_size = 1,
                                    .parallel = true,
                                    .frame_timeout_s = 0.8,
                                    .grace_s = 20,
                                    .kill_wait_s = 10,
                                    .pool_restarts = 1};
}

static int set_scene(void **state)
{
    (void)state;
    scene = mmap(NULL, sizeof(*scene), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                 -1, 0);
    return scene == MAP_FAILED ? -1 : 0;
}

static int drop_scene(void **state)
{
    (void)state;
    return munmap(scene, sizeof(*scene));
}

struct played {
    struct run_state state;
    struct engine_result result;
    struct po_summary summary;
};

static void play_with(const struct engine_settings *settings, struct run_control *control,
                      struct played *played)
{
    *played = (struct played){.summary = {0}};
    assert_int_equal(run_state_init(&played->state, FRAMES, NULL), PO_OK);
    assert_int_equal(
        engine_run(settings, &job, control, &played->state, &played->result, NULL),
        PO_OK);
    run_state_summarize(&played->state, &played->summary);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

static void play(const struct engine_settings *settings, struct played *played)
{
    struct run_control control;
    assert_int_equal(run_control_open(&control, 0, true, NULL), PO_OK);
    play_with(settings, &control, played);
    run_control_close(&control);
}

static void all_others_done(const struct played *played, int except)
{
    for (int i = 0; i < FRAMES; i++)
        if (i != except)
            assert_int_equal(played->state.frames[i].status, PO_FRAME_DONE);
}

static void all_well(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    play(&settings, &played);
    assert_int_equal(played.summary.done, FRAMES);
    assert_int_equal(played.summary.points, FRAMES * 100);
    assert_int_equal(atomic_load(&scene->prepared), 1);
    assert_int_equal(played.result.sequential_frames, 0);
    run_state_release(&played.state);
}

static void one_by_one(void **state)
{
    (void)state;
    struct played played;
    struct engine_settings settings = usual();
    settings.parallel = false;
    scene->deeds[2] = DEED_SEGV;
    play(&settings, &played);
    all_others_done(&played, 2);
    assert_int_equal(played.state.frames[2].status, PO_FRAME_CRASHED);
    assert_int_equal(played.state.frames[2].signal, SIGSEGV);
    assert_int_equal(atomic_load(&scene->runs[2]), 1);
    assert_int_equal(atomic_load(&scene->prepared), FRAMES);
    run_state_release(&played.state);
}

static void a_failure_is_only_its_own(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    scene->deeds[4] = DEED_FAIL;
    scene->deeds[5] = DEED_NO_MEMORY;
    play(&settings, &played);
    assert_int_equal(played.summary.done, FRAMES - 2);
    assert_int_equal(played.state.frames[4].status, PO_FRAME_FAILED);
    assert_int_equal(played.state.frames[4].cause, PO_BAD_IMAGE);
    assert_string_equal(played.state.frames[4].message, "a.png: truncated");
    assert_int_equal(played.state.frames[5].status, PO_FRAME_OUT_OF_MEMORY);
    run_state_release(&played.state);
}

static void a_stuck_frame_times_out_alone(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    scene->deeds[3] = DEED_HANG;
    play(&settings, &played);
    all_others_done(&played, 3);
    assert_int_equal(played.state.frames[3].status, PO_FRAME_TIMED_OUT);
    assert_non_null(strstr(played.state.frames[3].message, "in stage one"));
    assert_int_equal(atomic_load(&scene->runs[3]), 2);
    assert_int_equal(played.result.killed_processes, 2);
    run_state_release(&played.state);
}

static void a_listening_frame_costs_no_process(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    scene->deeds[3] = DEED_HANG_POLITELY;
    play(&settings, &played);
    all_others_done(&played, 3);
    assert_int_equal(played.state.frames[3].status, PO_FRAME_TIMED_OUT);
    assert_int_equal(played.result.killed_processes, 0);
    assert_int_equal(played.result.cancelled_frames, 2);
    run_state_release(&played.state);
}

static void a_stall_that_passes_is_forgiven(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    scene->deeds[0] = DEED_HANG_IN_POOL;
    play(&settings, &played);
    all_others_done(&played, -1);
    assert_null(played.state.frames[0].message);
    assert_int_equal(played.state.frames[0].attempts, 2);
    run_state_release(&played.state);
}

static void a_crash_makes_suspects_and_only_one_ends(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    scene->deeds[6] = DEED_SEGV;
    scene->deeds[1] = DEED_SEGV_ONCE;
    play(&settings, &played);
    all_others_done(&played, 6);
    assert_int_equal(played.state.frames[6].status, PO_FRAME_CRASHED);
    assert_non_null(strstr(played.state.frames[6].message, "SIGSEGV"));
    run_state_release(&played.state);
}

static void no_restart_goes_straight_to_sequential(void **state)
{
    (void)state;
    struct played played;
    struct engine_settings settings = usual();
    settings.pool_restarts = 0;
    settings.workers = 1;
    scene->deeds[0] = DEED_SEGV;
    play(&settings, &played);
    all_others_done(&played, 0);
    assert_int_equal(played.result.sequential_frames, FRAMES);
    assert_int_equal(played.result.pool_restarts, 0);
    run_state_release(&played.state);
}

static void every_way_to_die(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    scene->deeds[0] = DEED_LEAVE;
    scene->deeds[4] = DEED_KILL;
    play(&settings, &played);
    assert_int_equal(played.state.frames[0].status, PO_FRAME_CRASHED);
    assert_int_equal(played.state.frames[0].signal, 0);
    assert_int_equal(played.state.frames[4].status, PO_FRAME_CRASHED);
    assert_int_equal(played.state.frames[4].signal, SIGKILL);
    assert_int_equal(played.summary.done, FRAMES - 2);
    run_state_release(&played.state);
}

static void a_committed_frame_is_done_though_its_event_was_lost(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    scene->deeds[8] = DEED_COMMIT_AND_CRASH;
    play(&settings, &played);
    all_others_done(&played, -1);
    assert_int_equal(atomic_load(&scene->runs[8]), 1);
    run_state_release(&played.state);
}

static void a_stopped_pool_is_a_stall(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    scene->deeds[9] = DEED_STOP_PROCESS;
    play(&settings, &played);
    all_others_done(&played, -1);
    assert_int_equal(played.result.killed_processes, 1);
    run_state_release(&played.state);
}

/* Nobody waits for it for ever, and what it held back goes on. */
static void a_process_that_survives_sigkill(void **state)
{
    (void)state;
    struct played played = {.summary = {0}};
    struct run_control control;
    struct engine_settings settings = usual();
    settings.kill_wait_s = 0.4;
    scene->deeds[3] = DEED_SURVIVE_SIGKILL;
    assert_int_equal(run_control_open(&control, 0, true, NULL), PO_OK);
    assert_int_equal(run_state_init(&played.state, FRAMES, NULL), PO_OK);
    int64_t before_ns = clock_monotonic_ns();
    assert_int_equal(
        engine_run(&settings, &job, &control, &played.state, &played.result, NULL),
        PO_OK);
    assert_true(clock_monotonic_ns() - before_ns < 20LL * 1000 * 1000 * 1000);
    run_control_close(&control);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), 0); /* still there, both times */
    atomic_store(&scene->released, 1);
    int left = 0;
    while (waitpid(-1, NULL, 0) > 0)
        left++;
    assert_int_equal(left, 2);
    assert_int_equal(played.result.unkillable_processes, 2);
    all_others_done(&played, 3);
    assert_int_equal(played.state.frames[3].status, PO_FRAME_TIMED_OUT);
    assert_non_null(strstr(played.state.frames[3].message, "did not die within 0.4 s"));
    run_state_release(&played.state);
}

static void starved_frames_go_down_a_rung(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    scene->deeds[2] = DEED_REFUSE_MEMORY;
    play(&settings, &played);
    all_others_done(&played, -1);
    assert_int_equal(played.state.frames[2].attempts, 3);
    assert_int_equal(played.state.frames[2].degradation, 1);
    run_state_release(&played.state);
}

/* Without a pool: as it is, then a level lower. */
static void a_frame_alone_goes_down_a_rung(void **state)
{
    (void)state;
    struct played played;
    struct engine_settings settings = usual();
    settings.parallel = false;
    scene->deeds[2] = DEED_REFUSE_MEMORY;
    play(&settings, &played);
    all_others_done(&played, -1);
    assert_int_equal(played.state.frames[2].attempts, 3);
    assert_int_equal(played.state.frames[2].degradation, 1);
    run_state_release(&played.state);
}

/* With nothing beside it too: a refusal that passes must not cost the resolution. */
static void a_refusal_of_memory_that_passes_changes_nothing(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        struct played played;
        struct engine_settings settings = usual();
        settings.workers = way == 0 ? 2 : 1;
        settings.parallel = way < 2;
        scene->deeds[2] = DEED_REFUSE_MEMORY_ONCE;
        play(&settings, &played);
        all_others_done(&played, -1);
        assert_int_equal(played.state.frames[2].attempts, 2);
        assert_int_equal(played.state.frames[2].degradation, 0);
        run_state_release(&played.state);
    }
}

static void a_child_that_cannot_prepare(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    scene->prepare_fails = 3; /* two pools and the first frame alone */
    play(&settings, &played);
    all_others_done(&played, 0);
    assert_int_equal(played.state.frames[0].status, PO_FRAME_FAILED);
    assert_string_equal(played.state.frames[0].message, "the maps cannot be made");
    run_state_release(&played.state);
}

static void the_pool_timeout_ends_the_phase_only(void **state)
{
    (void)state;
    struct played played;
    struct engine_settings settings = usual();
    settings.pool_timeout_s = 0.5;
    for (int i = 0; i < FRAMES; i++)
        scene->deeds[i] = DEED_SLOW;
    play(&settings, &played);
    assert_int_equal(played.summary.done, FRAMES);
    assert_true(played.result.sequential_frames > 0);
    run_state_release(&played.state);
}

static void too_many_failures_stop_the_run(void **state)
{
    (void)state;
    struct played played;
    struct engine_settings settings = usual();
    struct run_control control;
    settings.workers = 1;
    settings.max_failures = 2;
    for (int i = 0; i < 4; i++)
        scene->deeds[i] = DEED_FAIL;
    for (int i = 4; i < FRAMES; i++)
        scene->deeds[i] = DEED_SLOW;
    assert_int_equal(run_control_open(&control, 0, true, NULL), PO_OK);
    play_with(&settings, &control, &played);
    run_control_close(&control);
    assert_int_equal(control.reason, STOP_FAILURES);
    assert_true(played.summary.failed >= 2);
    assert_true(played.summary.not_run > 0);
    run_state_release(&played.state);
}

static void a_signal_lets_started_frames_finish(void **state)
{
    (void)state;
    struct played played;
    struct run_control control;
    const struct engine_settings settings = usual();
    for (int i = 0; i < FRAMES; i++)
        scene->deeds[i] = DEED_SLOW;
    assert_int_equal(run_control_open(&control, 0, true, NULL), PO_OK);
    pid_t messenger = fork();
    if (messenger == 0) {
        while (atomic_load(&scene->runs[2]) == 0)
            nap(5); /* until three frames run */
        (void)kill(getppid(), SIGINT);
        _exit(0);
    }
    played = (struct played){.summary = {0}};
    assert_int_equal(run_state_init(&played.state, FRAMES, NULL), PO_OK);
    assert_int_equal(
        engine_run(&settings, &job, &control, &played.state, &played.result, NULL),
        PO_OK);
    run_state_summarize(&played.state, &played.summary);
    assert_int_equal(waitpid(messenger, NULL, 0), messenger);
    run_control_close(&control);
    assert_int_equal(control.reason, STOP_SIGNAL);
    assert_int_equal(control.signal, SIGINT);
    assert_true(played.summary.done >= 3);
    assert_true(played.summary.not_run > 0);
    assert_int_equal(played.result.killed_processes, 0);
    run_state_release(&played.state);
}

static void the_session_deadline_stops_the_run(void **state)
{
    (void)state;
    struct played played;
    struct run_control control;
    struct engine_settings settings = usual();
    settings.grace_s = 0.05;
    for (int i = 0; i < FRAMES; i++)
        scene->deeds[i] = DEED_SLOW;
    assert_int_equal(run_control_open(&control, 0.05, true, NULL), PO_OK);
    play_with(&settings, &control, &played);
    run_control_close(&control);
    assert_int_equal(control.reason, STOP_DEADLINE);
    assert_int_equal(played.summary.done, 0);
    assert_int_equal(played.summary.not_run, FRAMES);
    run_state_release(&played.state);
}

#define PLAY(test) cmocka_unit_test_setup_teardown(test, set_scene, drop_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAY(all_well),
        PLAY(one_by_one),
        PLAY(a_failure_is_only_its_own),
        PLAY(a_stuck_frame_times_out_alone),
        PLAY(a_listening_frame_costs_no_process),
        PLAY(a_stall_that_passes_is_forgiven),
        PLAY(a_crash_makes_suspects_and_only_one_ends),
        PLAY(no_restart_goes_straight_to_sequential),
        PLAY(every_way_to_die),
        PLAY(a_committed_frame_is_done_though_its_event_was_lost),
        PLAY(a_stopped_pool_is_a_stall),
        PLAY(a_process_that_survives_sigkill),
        PLAY(starved_frames_go_down_a_rung),
        PLAY(a_frame_alone_goes_down_a_rung),
        PLAY(a_refusal_of_memory_that_passes_changes_nothing),
        PLAY(a_child_that_cannot_prepare),
        PLAY(the_pool_timeout_ends_the_phase_only),
        PLAY(too_many_failures_stop_the_run),
        PLAY(a_signal_lets_started_frames_finish),
        PLAY(the_session_deadline_stops_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
