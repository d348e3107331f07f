/* SPDX-License-Identifier: Apache-2.0 */
/* The engine with jobs that lack all they may lack, in pools of one and several workers
 * and one child at a time: every frame ends as it should, and its text names the job. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/log.h"
#include "support/engine_scene.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static const struct {
    enum deed deed;
    enum po_frame_status ends;
    const char *told;
} deeds[] = {
    {DEED_SEGV, PO_FRAME_CRASHED, "in stage fake"},
    {DEED_HANG, PO_FRAME_TIMED_OUT, "in stage fake"},
    {DEED_HANG_POLITELY, PO_FRAME_TIMED_OUT, "in stage fake"},
    {DEED_REFUSE_MEMORY, PO_FRAME_OUT_OF_MEMORY, "no memory for it"},
    {DEED_REFUSE_MEMORY_ONCE, PO_FRAME_DONE, NULL},
    {DEED_NO_MEMORY, PO_FRAME_OUT_OF_MEMORY, "5 MB are allowed"},
    {DEED_FAIL, PO_FRAME_FAILED, "truncated"},
    {DEED_KILL, PO_FRAME_CRASHED, "SIGKILL"},
    {DEED_LEAVE, PO_FRAME_CRASHED, "status 0"},
    {DEED_COMMIT_AND_CRASH, PO_FRAME_CRASHED, "SIGABRT"},
};

static const struct {
    int workers;
    bool parallel;
} pools[] = {{3, true}, {1, true}, {0, true}, {2, false}};

static void play_bare(const struct engine_settings *settings, struct played *played)
{
    struct run_control control;
    const struct engine_job bare = {.name = "fake", .run = engine_scene_job.run};
    *played = (struct played){.summary = {0}};
    assert_int_equal(run_control_open(&control, 0, false, NULL), PO_OK);
    assert_int_equal(run_state_init(&played->state, FRAMES, NULL), PO_OK);
    assert_int_equal(
        engine_run(settings, &bare, &control, &played->state, &played->result, NULL),
        PO_OK);
    run_control_close(&control);
}

static void check_frames(const struct played *played, int pool)
{
    for (int i = 0; i < COUNT(deeds); i++) {
        const struct frame_state *row = &played->state.frames[i];
        const char *message = row->message != NULL ? row->message : "";
        if (row->status != deeds[i].ends ||
            (deeds[i].told != NULL && strstr(message, deeds[i].told) == NULL))
            fail_msg("pool %d, deed %d: ends with %d: %s", pool, i, (int)row->status,
                     message);
    }
    for (int i = COUNT(deeds); i < FRAMES; i++)
        assert_int_equal(played->state.frames[i].status, PO_FRAME_DONE);
}

static void each_deed_ends_its_frame_alone(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    for (int pool = 0; pool < COUNT(pools); pool++) {
        struct played played;
        struct engine_settings settings = usual();
        settings.workers = pools[pool].workers;
        settings.parallel = pools[pool].parallel;
        settings.frame_timeout_s = 0.4;
        for (int i = 0; i < COUNT(deeds); i++)
            scene->deeds[i] = deeds[i].deed;
        memset(scene->runs, 0, sizeof(scene->runs));
        play_bare(&settings, &played);
        check_frames(&played, pool);
        run_state_release(&played.state);
    }
    log_set_level(LOG_INFO);
}

/* What a pool cannot prepare for want of memory is prepared alone. */
static void a_pool_that_is_not_ready_blames_no_frame(void **state)
{
    (void)state;
    for (int fails = 1; fails <= 2; fails++) {
        struct played played;
        const struct engine_settings settings = usual();
        scene->prepare_fails = fails;
        atomic_store(&scene->prepared, 0);
        play(&settings, &played);
        all_others_done(&played, -1);
        run_state_release(&played.state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAY(each_deed_ends_its_frame_alone),
        PLAY(a_pool_that_is_not_ready_blames_no_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
