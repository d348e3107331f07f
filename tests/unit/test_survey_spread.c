/* SPDX-License-Identifier: Apache-2.0 */
/* How many frames stand for a session: a few that agree, more where they do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/survey_fixture.h"

enum { FEW = 20, MANY = 60, AS_MANY_AS_ARE_LOOKED_AT = 32 };

/* One rig without disparities below zero; `near_px` of frame `nearest`, 100 px of all
 * others. */
static void make_scene(int frame_count, int nearest, double near_px)
{
    tear_down(NULL);
    make_session(frame_count);
    for (int i = 0; i < frame_count; i++) {
        s.frames[i].calibration = 0;
        children.frames[i].range = (struct range_estimate){.low_px = 0, .high_px = 100};
    }
    children.frames[nearest].range.high_px = near_px;
}

static int asked_for_ranges(void)
{
    int count = 0;
    for (int i = 0; i < s.manifest.frame_count; i++)
        count += (children.wanted[i] & MEASURE_RANGE) != 0;
    return count;
}

static void frames_that_agree_stand_for_all(void **state)
{
    (void)state;
    make_scene(FEW, 0, 109);
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(asked_for_ranges(), 5);
    assert_int_equal(children.passes, 3); /* no frame is looked at in vain rounds */
    assert_int_equal(count_findings(CHECK_WARNING, "range", "not looked at"), 0);
}

/* The frame that reaches farthest is none of the sampled ones. */
static void all_of_a_small_session_are_looked_at(void **state)
{
    (void)state;
    make_scene(FEW, 0, 140);
    children.frames[FEW - 1].range.high_px = 260;
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(asked_for_ranges(), FEW);
    assert_true(holds(s.values.ranges[1], 0, 260));
    assert_int_equal(count_findings(CHECK_WARNING, "range", "not looked at"), 0);
}

static void some_of_a_large_one_and_it_is_said(void **state)
{
    (void)state;
    make_scene(MANY, 0, 140);
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_in_range(asked_for_ranges(), AS_MANY_AS_ARE_LOOKED_AT,
                    AS_MANY_AS_ARE_LOOKED_AT + 5);
    assert_int_equal(count_findings(CHECK_WARNING, "range", "is 100 to 140 px on"), 1);
    assert_true(warned("give --num-disparities, or --range-per-frame"));
}

static void a_far_end_counts_where_no_rig_gives_it(void **state)
{
    (void)state;
    for (int rig = 0; rig < 2; rig++) {
        make_scene(FEW, 0, 100);
        for (int i = 0; i < FEW; i++)
            s.frames[i].calibration = rig == 1 ? 0 : -1;
        children.frames[0].range.low_px = rig == 1 ? 30 : -30;
        assert_int_equal(survey(SURVEY_QUIET), PO_OK);
        assert_int_equal(asked_for_ranges(), rig == 1 ? 5 : FEW);
    }
}

/* What the user gives is not asked of the images. */
static void limits_need_no_more_looks(void **state)
{
    (void)state;
    make_scene(MANY, 0, 140);
    s.settings.match.min_depth_mm = 300;
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(asked_for_ranges(), 5);
    make_scene(FEW, 0, 100);
    children.frames[0].range.low_px = 50;
    for (int i = 0; i < FEW; i++)
        s.frames[i].calibration = -1;
    s.settings.match.min_disparity_px = 0;
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(asked_for_ranges(), 5);
    assert_int_equal(count_findings(CHECK_WARNING, "range", "not looked at"), 0);
}

static void a_stop_asks_no_more(void **state)
{
    (void)state;
    make_scene(FEW, 0, 140);
    children.stop_at = 2;
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(children.passes, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SURVEY_TEST(frames_that_agree_stand_for_all),
        SURVEY_TEST(all_of_a_small_session_are_looked_at),
        SURVEY_TEST(some_of_a_large_one_and_it_is_said),
        SURVEY_TEST(a_far_end_counts_where_no_rig_gives_it),
        SURVEY_TEST(limits_need_no_more_looks),
        SURVEY_TEST(a_stop_asks_no_more),
    };
    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
