/* SPDX-License-Identifier: Apache-2.0 */
/* The engine with jobs that hang, crash, leave and dawdle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/engine_scene.h"

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

/* Two workers begin frames in order but for neighbours; one keeps the order as it is. */
static void short_frames_come_last(void **state)
{
    (void)state;
    for (int workers = 1; workers <= 2; workers++) {
        struct played played;
        struct engine_settings settings = usual();
        settings.workers = workers;
        atomic_store(&scene->started, 0);
        scene->is_short[0] = scene->is_short[3] = scene->is_short[7] = true;
        play(&settings, &played);
        all_others_done(&played, -1);
        for (int i = 0; i < FRAMES; i++) {
            bool is_last = workers > 1 && (i == 3 || i == 7);
            int before = workers == 1 ? 0 : (i > 3) + (i > 7);
            int turn = is_last ? FRAMES - 2 + (i == 7) : i - before;
            int slack = workers - 1;
            assert_in_range(atomic_load(&scene->turns[i]) + slack, turn,
                            turn + 2 * slack);
        }
        run_state_release(&played.state);
    }
}

static void frames_are_expected_while_others_run(void **state)
{
    (void)state;
    for (int workers = 1; workers <= 3; workers++) {
        struct played played;
        struct engine_settings settings = usual();
        settings.workers = workers;
        memset(scene->runs, 0, sizeof(scene->runs));
        memset(scene->expected, 0, sizeof(scene->expected));
        play(&settings, &played);
        for (int i = 0; i < FRAMES; i++)
            assert_int_equal(atomic_load(&scene->expected[i]), i >= workers);
        run_state_release(&played.state);
    }
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
    assert_int_equal(engine_run(&settings, &engine_scene_job, &control, &played.state,
                                &played.result, NULL),
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAY(all_well),
        PLAY(short_frames_come_last),
        PLAY(frames_are_expected_while_others_run),
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
