/* SPDX-License-Identifier: Apache-2.0 */
/* What a survey makes of what children saw: ranges, rows, and which frames end there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/survey_fixture.h"

static void a_range_holds_all_that_was_seen_of_its_group(void **state)
{
    (void)state;
    s.values.range_known[1] = true;
    s.values.ranges[1] = (struct disparity_range){0, 64};
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(s.state.ended, 0);
    assert_true(s.values.range_known[0] && s.values.range_known[2]);
    assert_true(holds(s.values.ranges[0], 10, 41));
    assert_true(holds(s.values.ranges[2], 15, 47));
    assert_int_equal(s.values.ranges[1].count, 64); /* it was known */
    assert_true(noted("estimated on 2 frames"));
    assert_true(noted("estimated on 3 frames of b.yml"));
    assert_true(noted("rows align within"));
    for (int i = 2; i < 5; i++)
        assert_int_equal(children.wanted[i] & MEASURE_RANGE, 0);
}

/* Later rounds ask the frames that the first ones passed over. */
static void broken_frames_are_stood_in_for(void **state)
{
    (void)state;
    s.manifest.calibration_count = 0;
    for (int i = 0; i < FRAMES; i++) {
        s.frames[i].calibration = -1;
        children.broken[i] = i != 3;
    }
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_true(s.values.range_known[0]);
    assert_true(holds(s.values.ranges[0], 13, 43));
    assert_int_equal(children.asked[3], 1);
    assert_true(noted("estimated on 1 frame"));
}

/* A guess would give plausible nonsense: such frames end, and only they. */
static void frames_without_a_range_end(void **state)
{
    (void)state;
    for (int i = 2; i < 5; i++) {
        children.frames[i].range_status = PO_NO_RANGE;
        (void)snprintf(children.frames[i].range_reason, SURVEY_REASON_BYTES, "fog in %d",
                       i);
    }
    run_state_end(&s.state, 2, PO_FRAME_FAILED, PO_BAD_IMAGE, "cut off");
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(count_ended(PO_NO_RANGE), 2);
    assert_int_equal(count_ended(PO_BAD_IMAGE), 1);
    assert_string_equal(s.state.frames[2].message, "cut off");
    assert_non_null(strstr(s.state.frames[3].message, "fog in"));
    for (int i = 0; i < FRAMES; i++)
        assert_int_equal(told[i], i == 3 || i == 4);
    assert_false(s.values.range_known[1]);
    assert_int_equal(count_findings(CHECK_ERROR, "range", "fog in"), 1);
}

/* One says nothing, the others do. */
static void one_frame_does_not_decide(void **state)
{
    (void)state;
    children.frames[6].range_status = PO_NO_RANGE;
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_int_equal(s.state.ended, 0);
    assert_true(noted("estimated on 2 frames of b.yml"));
}

/* Nothing that was seen lies as near as --max-depth. */
static void limits_that_nothing_meets_are_an_error(void **state)
{
    (void)state;
    s.settings.match.max_depth_mm = 500; /* 100 px */
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_int_equal(count_ended(PO_NO_RANGE), 6); /* those with millimetres */
    assert_int_equal(count_findings(CHECK_ERROR, "range", "--max-depth"), 2);
    assert_true(s.values.range_known[0]);
}

static void limits_say_what_images_do_not(void **state)
{
    (void)state;
    s.settings.match.min_depth_mm = 1000; /* 50 px */
    for (int i = 0; i < FRAMES; i++)
        children.frames[i].range_status = PO_NO_RANGE;
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_true(s.values.range_known[1] && s.values.range_known[2]);
    assert_true(holds(s.values.ranges[1], 0, 50));
    assert_int_equal(count_ended(PO_NO_RANGE), 2); /* without a calibration */
    assert_false(s.values.range_known[0]);
}

/* The size of the images is not known, so the rig is not: no limit can be reckoned. */
static void limits_need_a_rig(void **state)
{
    (void)state;
    s.settings.match.min_depth_mm = 1000;
    for (int i = 0; i < FRAMES; i++) {
        s.probes[i].known = 0;
        children.frames[i].range_status = PO_NO_RANGE;
    }
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_int_equal(count_ended(PO_NO_RANGE), FRAMES);
}

static void each_frame_has_its_own_range(void **state)
{
    (void)state;
    s.settings.match.range_per_frame = true;
    for (int i = 0; i <= CALIBRATIONS; i++) {
        s.values.range_known[i] = i > 0;
        s.values.range_by_frame[i] = i > 0;
    }
    children.frames[3].range_status = PO_NO_RANGE;
    (void)snprintf(children.frames[3].range_reason, SURVEY_REASON_BYTES, "fog");
    children.broken[4] = true;
    run_state_end(&s.state, 5, PO_FRAME_FAILED, PO_BAD_IMAGE, "cut off");
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_true(holds(s.frame_ranges[2], 12, 42));
    assert_true(holds(s.frame_ranges[7], 17, 47));
    assert_int_equal(s.state.frames[3].cause, PO_NO_RANGE);
    assert_string_equal(s.state.frames[3].message, "fog");
    assert_int_equal(s.state.frames[4].status, PO_FRAME_PENDING); /* its load failed */
    assert_string_equal(s.state.frames[5].message, "cut off");
    s.settings.match.min_depth_mm = 1000;
    children.frames[6].range_status = PO_NO_RANGE;
    memset(s.rows, 0, sizeof(s.rows));
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_true(holds(s.frame_ranges[6], 0, 50));
    assert_int_equal(s.state.frames[6].status, PO_FRAME_PENDING);
}

/* Nobody but the images says which camera is the left one. */
static void all_below_zero_is_told(void **state)
{
    (void)state;
    static const struct {
        bool swap;
        enum rig_unit unit;
        double high_px;
        const char *advice; /* NULL: nothing is said */
    } rows[] = {
        {false, RIG_NONE, -5, "use --swap"},
        {true, RIG_NONE, -5, "leave out --swap"},
        {false, RIG_MM, -5, NULL},
        {false, RIG_NONE, 5, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tear_down(NULL);
        set_up(NULL);
        s.settings.input.swap = rows[i].swap;
        s.calibrations[1].unit = rows[i].unit;
        for (int k = 5; k < FRAMES; k++)
            children.frames[k].range =
                (struct range_estimate){.low_px = -40, .high_px = rows[i].high_px};
        assert_int_equal(survey(SURVEY_FULL), PO_OK);
        assert_int_equal(count_findings(CHECK_WARNING, "swap", "exchanged"),
                         rows[i].advice != NULL);
        if (rows[i].advice != NULL)
            assert_int_equal(count_findings(CHECK_WARNING, "swap", rows[i].advice), 1);
    }
}

/* What is searched does not hold what matches: the frames of that calibration end. */
static void ranges_beside_the_images_are_an_error(void **state)
{
    (void)state;
    s.values.range_known[2] = true;
    s.values.ranges[2] = (struct disparity_range){200, 64};
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(count_ended(PO_NO_RANGE), 3);
    assert_int_equal(count_findings(CHECK_ERROR, "range", "are searched"), 1);
    assert_true(warned("200 to 263 are searched"));
    tear_down(NULL);
    set_up(NULL);
    s.values.range_known[2] = true;
    s.values.ranges[2] = (struct disparity_range){200, 64};
    s.settings.match.min_depth_mm = 100; /* the user meant it */
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(count_ended(PO_NO_RANGE), 0);
}

static void misaligned_rows_end_their_calibration(void **state)
{
    (void)state;
    for (int i = 5; i < FRAMES; i++) {
        children.frames[i].rows.median_px = 9;
        children.frames[i].rows.spread_px = 9;
    }
    children.frames[0].images.left.mean = 2; /* dark: a finding of the frame */
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    assert_int_equal(count_ended(PO_MISALIGNED), 3);
    assert_int_equal(s.state.ended, 3);
    assert_true(warned("f0: "));
    for (int i = 0; i < s.check.finding_count; i++)
        if (s.check.findings[i].severity == CHECK_NOTE)
            assert_false(warned(s.check.findings[i].text));
    tear_down(NULL);
    set_up(NULL);
    for (int i = 5; i < FRAMES; i++)
        children.frames[i].rows.median_px = children.frames[i].rows.spread_px = 9;
    assert_int_equal(survey(SURVEY_RANGES), PO_OK); /* rows are no matter of a plan */
    assert_int_equal(s.state.ended, 0);
    assert_int_equal(s.warnings.length, 0);
}

/* What the first pass left, the second takes out too. */
static void halve_rows(int frame, struct frame_survey *row)
{
    (void)frame;
    row->rows.a_px = children.passes == 1 ? 1.5 : 0.25;
    row->rows.median_px = row->rows.a_px;
}

static void rows_are_moved_in_two_passes(void **state)
{
    (void)state;
    s.settings.input.rectify_refine = true;
    s.values.rows_known[1] = s.values.rows_known[2] = false;
    children.look = halve_rows;
    for (int i = 5; i < FRAMES; i++)
        children.frames[i].rows.found = false;
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_true(s.values.vertical_fields[1].a_px == 1.75);
    assert_true(s.values.vertical_fields[2].a_px == 0);
    assert_true(s.values.rows_known[1] && s.values.rows_known[2]);
    assert_true(noted("rows were 1.50 px apart"));
    assert_true(noted("rows were 0.25 px apart"));
    assert_true(warned("too few points"));
    for (int i = 0; i < 2; i++)
        assert_int_equal(children.wanted[i] & MEASURE_ROWS, 0);
}

/* The first pass moved them; that the second sees nothing is no news. */
static void see_rows_once(int frame, struct frame_survey *row)
{
    (void)frame;
    row->rows.a_px = 1.5;
    row->rows.found = children.passes == 1;
}

static void rows_that_were_moved_are_not_said_to_stay(void **state)
{
    (void)state;
    s.values.rows_known[1] = false;
    children.look = see_rows_once;
    assert_int_equal(survey(SURVEY_RANGES), PO_OK);
    assert_true(s.values.vertical_fields[1].a_px == 1.5);
    assert_false(warned("too few points"));
}

/* Nothing is made of a survey that did not come to its end. */
static void a_stop_leaves_all_open(void **state)
{
    (void)state;
    for (int pass = 1; pass <= 4; pass++) {
        tear_down(NULL);
        set_up(NULL);
        s.values.rows_known[1] = false;
        children.stop_at = pass;
        assert_int_equal(survey(SURVEY_FULL), PO_OK);
        assert_int_equal(s.state.ended, 0);
        assert_int_equal(s.check.finding_count, 0);
        assert_int_equal(s.warnings.length, 0);
        for (int i = 0; i <= CALIBRATIONS; i++)
            assert_false(s.values.range_known[i]);
    }
}

static void failing_children_end_it(void **state)
{
    (void)state;
    children.status = PO_OUT_OF_MEMORY;
    assert_int_equal(survey(SURVEY_FULL), PO_OUT_OF_MEMORY);
    assert_int_equal(children.passes, 1);
    assert_int_equal(s.check.finding_count, 0);
    s.values.rows_known[1] = false;
    assert_int_equal(survey(SURVEY_FULL), PO_OUT_OF_MEMORY);
    assert_int_equal(children.passes, 2);
}

/* What is known is not asked again. */
static void kept_values_ask_for_nothing(void **state)
{
    (void)state;
    s.values.loaded = true;
    for (int i = 0; i <= CALIBRATIONS; i++) {
        s.values.range_known[i] = true;
        s.values.ranges[i] = (struct disparity_range){0, 64};
    }
    assert_int_equal(survey(SURVEY_QUIET), PO_OK);
    for (int i = 0; i < FRAMES; i++)
        assert_int_equal(children.asked[i], 0);
    assert_int_equal(survey(SURVEY_FULL), PO_OK);
    for (int i = 0; i < FRAMES; i++)
        assert_int_equal(children.asked[i], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SURVEY_TEST(a_range_holds_all_that_was_seen_of_its_group),
        SURVEY_TEST(broken_frames_are_stood_in_for),
        SURVEY_TEST(frames_without_a_range_end),
        SURVEY_TEST(one_frame_does_not_decide),
        SURVEY_TEST(limits_that_nothing_meets_are_an_error),
        SURVEY_TEST(limits_say_what_images_do_not),
        SURVEY_TEST(limits_need_a_rig),
        SURVEY_TEST(each_frame_has_its_own_range),
        SURVEY_TEST(all_below_zero_is_told),
        SURVEY_TEST(ranges_beside_the_images_are_an_error),
        SURVEY_TEST(misaligned_rows_end_their_calibration),
        SURVEY_TEST(rows_are_moved_in_two_passes),
        SURVEY_TEST(rows_that_were_moved_are_not_said_to_stay),
        SURVEY_TEST(a_stop_leaves_all_open),
        SURVEY_TEST(failing_children_end_it),
        SURVEY_TEST(kept_values_ask_for_nothing),
    };
    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
