/* SPDX-License-Identifier: Apache-2.0 */
/* Which lens a survey takes where a calibration may be read as two. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/survey_fixture.h"
#include "survey/lens_choice.h"

/* Two raw cameras whose four coefficients may be of two models. */
static void make_doubtful(struct calibration *calibration)
{
    const struct camera_model camera = {.fx = 500,
                                        .fy = 500,
                                        .cx = 320,
                                        .cy = 240,
                                        .model = DISTORTION_RADTAN,
                                        .coefficient_count = 4,
                                        .coefficients = {-0.02, 0.001}};
    calibration->rectified = false;
    calibration->lens_in_doubt = true;
    calibration->cameras[0] = calibration->cameras[1] = camera;
    for (int i = 0; i < 9; i++)
        calibration->rotation[i] = i % 4 == 0;
    calibration->translation_mm[0] = -100;
}

/* How far rows are apart with each lens; NAN: nothing is found. */
static double radtan_px, fisheye_px;

static void see_through_lens(int frame, struct frame_survey *row)
{
    int calibration = s.frames[frame].calibration;
    bool fisheye = calibration >= 0 &&
                   s.calibrations[calibration].cameras[0].model == DISTORTION_FISHEYE;
    double rows_px = fisheye ? fisheye_px : radtan_px;
    row->rows.found = !isnan(rows_px);
    row->rows.median_px = 0;
    row->rows.spread_px = rows_px;
}

static void the_lens_with_the_better_rows_is_taken(void **state)
{
    (void)state;
    static const struct {
        double radtan_px, fisheye_px;
        bool fisheye;
        const char *told; /* NULL: it is plain */
    } rows[] = {
        {0.3, 3, false, NULL},
        {3, 0.3, true, "read as fisheye (rows are 0.30 px apart so and 3.00 px"},
        {0.30, 0.31, false, "read as radial-tangential (rows are 0.30 px"},
        {NAN, 0.3, true, "read as fisheye (the images match only so)"},
        {0.3, NAN, false, "read as radial-tangential (the images match only so)"},
        {NAN, NAN, false, "read as radial-tangential (the images do not say which)"},
    };
    log_set_level(LOG_ERROR);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool changed = true;
        tear_down(NULL);
        set_up(NULL);
        radtan_px = rows[i].radtan_px;
        fisheye_px = rows[i].fisheye_px;
        children.look = see_through_lens;
        assert_false(lens_is_open(&s.manifest));
        make_doubtful(&s.calibrations[1]);
        assert_true(lens_is_open(&s.manifest));
        const struct session_survey survey = the_survey();
        assert_int_equal(lens_choose(&survey, &s.manifest, &changed, NULL), PO_OK);
        const struct lens_kept *kept = &s.values.lenses[1];
        assert_int_equal(changed, rows[i].fisheye);
        assert_int_equal(s.calibrations[1].cameras[0].model,
                         rows[i].fisheye ? DISTORTION_FISHEYE : DISTORTION_RADTAN);
        assert_false(lens_is_open(&s.manifest));
        assert_true(kept->known);
        assert_int_equal(kept->changed, rows[i].fisheye);
        assert_int_equal(kept->told, rows[i].told != NULL);
        assert_int_equal(s.warnings.length, rows[i].told != NULL);
        if (rows[i].told != NULL && !warned(rows[i].told))
            fail_msg("%s", s.warnings.texts[0]);
        assert_false(s.values.lenses[0].known); /* it is not in doubt */
    }
}

/* The same lens again in a later run, with the same words. */
static void a_kept_lens_is_taken_again(void **state)
{
    (void)state;
    static const struct {
        bool doubt, known, changed, told;
    } rows[] = {
        {true, true, true, true},   {true, true, false, true},
        {true, true, false, false}, {true, false, false, false},
        {false, true, true, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tear_down(NULL);
        set_up(NULL);
        make_doubtful(&s.calibrations[1]);
        s.calibrations[1].lens_in_doubt = rows[i].doubt;
        s.values.lenses[1] = (struct lens_kept){
            .known = rows[i].known, .changed = rows[i].changed, .told = rows[i].told};
        bool is_taken = rows[i].doubt && rows[i].known;
        bool changes = is_taken && rows[i].changed;
        assert_int_equal(lens_take_kept(&s.values, &s.manifest, &s.warnings), changes);
        assert_int_equal(s.calibrations[1].cameras[0].model,
                         changes ? DISTORTION_FISHEYE : DISTORTION_RADTAN);
        assert_int_equal(lens_is_open(&s.manifest), rows[i].doubt && !is_taken);
        assert_int_equal(s.warnings.length, is_taken && rows[i].told);
        if (is_taken && rows[i].told)
            assert_true(warned(changes ? "read as fisheye, as found before"
                                       : "read as radial-tangential, as found before"));
    }
}

/* A survey that was stopped, or failed, decides nothing: the lens is as it was read. */
static void a_stop_leaves_the_lens_open(void **state)
{
    (void)state;
    for (int pass = 1; pass <= 4; pass++) {
        bool changed = true;
        tear_down(NULL);
        set_up(NULL);
        radtan_px = 3;
        fisheye_px = 0.3;
        children.look = see_through_lens;
        children.stop_at = pass <= 2 ? pass : 0;
        children.status = pass == 3 ? PO_IO : PO_OK;
        make_doubtful(&s.calibrations[0]);
        const struct session_survey survey = the_survey();
        enum po_status status = lens_choose(&survey, &s.manifest, &changed, NULL);
        assert_int_equal(status, children.status);
        bool is_whole = pass == 4;
        assert_int_equal(changed, is_whole);
        assert_int_equal(s.calibrations[0].lens_in_doubt, !is_whole);
        assert_int_equal(s.calibrations[0].cameras[0].model,
                         is_whole ? DISTORTION_FISHEYE : DISTORTION_RADTAN);
        assert_int_equal(s.values.lenses[0].known, is_whole);
        assert_int_equal(s.warnings.length, is_whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SURVEY_TEST(the_lens_with_the_better_rows_is_taken),
        SURVEY_TEST(a_kept_lens_is_taken_again),
        SURVEY_TEST(a_stop_leaves_the_lens_open),
    };
    log_set_level(LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
