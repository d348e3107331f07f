/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of a frame once it has run is finished beside the worker's next one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "support/engine_scene.h"

static void play_all(enum deed deed, int workers, struct played *played)
{
    struct engine_settings settings = usual();
    settings.workers = workers;
    settings.frame_timeout_s = 10;
    for (int i = 0; i < FRAMES; i++)
        scene->deeds[i] = deed;
    play(&settings, played);
}

/* A frame here is only well when so many more of its one worker run before it ends as may
 * be unfinished. */
static void the_worker_goes_on(void **state)
{
    (void)state;
    struct played played;
    struct engine_settings settings = usual();
    settings.workers = 1;
    settings.frame_timeout_s = 60;
    for (int i = 0; i < FRAMES - (FRAME_PLACES - 1); i++)
        scene->deeds[i] = DEED_FINISH_BESIDE;
    play(&settings, &played);
    all_others_done(&played, -1);
    run_state_release(&played.state);
}

/* Nor does what one frame left lie where the next one works. */
static void a_worker_has_few_frames_to_finish(void **state)
{
    (void)state;
    for (int workers = 1; workers <= 3; workers++) {
        struct played played;
        atomic_store(&scene->most_finishing, 0);
        play_all(DEED_FINISH_SLOW, workers, &played);
        all_others_done(&played, -1);
        assert_in_range(atomic_load(&scene->most_finishing), 1,
                        workers * (FRAME_PLACES - 1));
        assert_int_equal(atomic_load(&scene->clashes), 0);
        run_state_release(&played.state);
    }
}

static void a_late_failure_is_its_own(void **state)
{
    (void)state;
    struct played played;
    struct engine_settings settings = usual();
    settings.workers = 1;
    scene->deeds[4] = DEED_FINISH_FAIL;
    play(&settings, &played);
    all_others_done(&played, 4);
    assert_int_equal(played.state.frames[4].status, PO_FRAME_FAILED);
    assert_int_equal(played.state.frames[4].cause, PO_IO);
    assert_int_equal(played.state.frames[4].stage, STAGE_TWO);
    assert_string_equal(played.state.frames[4].message, "cloud.ply: the disk is full");
    run_state_release(&played.state);
}

static void the_last_frame_is_waited_for(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    scene->deeds[FRAMES - 1] = DEED_FINISH_SLOW;
    play(&settings, &played);
    all_others_done(&played, -1);
    assert_int_equal(atomic_load(&scene->runs[FRAMES - 1]), 1);
    run_state_release(&played.state);
}

static void the_watchdog_sees_what_is_finished(void **state)
{
    (void)state;
    for (int workers = 1; workers <= 3; workers += 2) {
        struct played played;
        struct engine_settings settings = usual();
        settings.workers = workers;
        scene->deeds[3] = DEED_FINISH_HANG;
        play(&settings, &played);
        all_others_done(&played, 3);
        assert_int_equal(played.state.frames[3].status, PO_FRAME_TIMED_OUT);
        assert_non_null(strstr(played.state.frames[3].message, "in stage two"));
        run_state_release(&played.state);
    }
}

/* A frame that hangs beside one that is being finished is asked to end by its own name.
 */
static void the_watchdog_sees_both(void **state)
{
    (void)state;
    struct played played;
    struct engine_settings settings = usual();
    settings.workers = 1;
    scene->deeds[2] = DEED_FINISH_SLOW;
    scene->deeds[3] = DEED_HANG_POLITELY;
    play(&settings, &played);
    all_others_done(&played, 3);
    assert_int_equal(played.state.frames[3].status, PO_FRAME_TIMED_OUT);
    assert_int_equal(played.result.killed_processes, 0);
    run_state_release(&played.state);
}

static void a_crash_while_finishing(void **state)
{
    (void)state;
    struct played played;
    const struct engine_settings settings = usual();
    scene->deeds[6] = DEED_FINISH_SEGV;
    play(&settings, &played);
    all_others_done(&played, 6);
    assert_int_equal(played.state.frames[6].status, PO_FRAME_CRASHED);
    assert_int_equal(played.state.frames[6].signal, SIGSEGV);
    run_state_release(&played.state);
}

/* At once, or with the frame that ran beside the last failure allowed. */
static void late_failures_stop_the_run(void **state)
{
    (void)state;
    struct played played;
    struct engine_settings settings = usual();
    settings.workers = 1;
    settings.max_failures = 1;
    scene->deeds[0] = DEED_FINISH_FAIL;
    for (int i = 1; i < FRAMES; i++)
        scene->deeds[i] = DEED_SLOW;
    play(&settings, &played);
    assert_int_equal(played.state.frames[0].status, PO_FRAME_FAILED);
    assert_in_range(played.summary.done, 0, 2);
    run_state_release(&played.state);
}

static void alone_it_is_finished_too(void **state)
{
    (void)state;
    struct played played;
    struct engine_settings settings = usual();
    settings.parallel = false;
    scene->deeds[2] = DEED_FINISH_FAIL;
    scene->deeds[5] = DEED_FINISH_SLOW;
    play(&settings, &played);
    all_others_done(&played, 2);
    assert_int_equal(played.state.frames[2].status, PO_FRAME_FAILED);
    run_state_release(&played.state);
}

/* As many as all frames on their way to the disk hold open. */
static void a_low_limit_of_descriptors_is_raised(void **state)
{
    enum { FEW = 48, FILES_OF_A_FRAME = 11 };
    (void)state;
    struct played played;
    struct rlimit usual_limit;
    struct engine_settings settings = usual();
    settings.workers = 10;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual_limit), 0);
    const struct rlimit low = {.rlim_cur = FEW, .rlim_max = usual_limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    play(&settings, &played);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual_limit), 0);
    all_others_done(&played, -1);
    assert_true(atomic_load(&scene->descriptors) >
                (long)settings.workers * FRAME_PLACES * FILES_OF_A_FRAME);
    run_state_release(&played.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAY(the_worker_goes_on),
        PLAY(a_worker_has_few_frames_to_finish),
        PLAY(a_late_failure_is_its_own),
        PLAY(the_last_frame_is_waited_for),
        PLAY(the_watchdog_sees_what_is_finished),
        PLAY(the_watchdog_sees_both),
        PLAY(a_crash_while_finishing),
        PLAY(late_failures_stop_the_run),
        PLAY(alone_it_is_finished_too),
        PLAY(a_low_limit_of_descriptors_is_raised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
