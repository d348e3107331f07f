/* SPDX-License-Identifier: Apache-2.0 */
/* The engine when memory runs out under frames, and all that ends a run early. */
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

static void frames_out_of_memory_are_degraded(void **state)
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
static void a_frame_alone_is_degraded(void **state)
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
    assert_int_equal(engine_run(&settings, &engine_scene_job, &control, &played.state,
                                &played.result, NULL),
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAY(frames_out_of_memory_are_degraded),
        PLAY(a_frame_alone_is_degraded),
        PLAY(a_refusal_of_memory_that_passes_changes_nothing),
        PLAY(a_child_that_cannot_prepare),
        PLAY(the_pool_timeout_ends_the_phase_only),
        PLAY(too_many_failures_stop_the_run),
        PLAY(a_signal_lets_started_frames_finish),
        PLAY(the_session_deadline_stops_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
