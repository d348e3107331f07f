/* SPDX-License-Identifier: Apache-2.0 */
/* What of a drifted rig its rows tell, from matches whose truth is known: the pose
 * always, the ratio of focal lengths and the height of a centre where they are certain,
 * and nothing that rows do not see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calib/distortion.h"
#include "calib/matrix3.h"
#include "calibrate/drift_choice.h"
#include "support/synthetic_board.h"

enum { WIDTH = 640, HEIGHT = 480, FRAMES = 4, A_FRAME = 400, MATCHES = FRAMES * A_FRAME };

/* How the rig drifted, and what of it was photographed. */
struct drift {
    double focal_share; /* of the right camera */
    double both_share;  /* of both cameras */
    double rise_px;
    double forward_degrees; /* of the baseline */
    double turn_degrees[3];
    double near_mm, far_mm;
    double band; /* share of the image's height that has texture */
};

static const struct drift usual = {.near_mm = 800, .far_mm = 4000, .band = 1};

static struct calibration given_rig(void)
{
    struct calibration rig = {.width_px = WIDTH, .height_px = HEIGHT};
    for (int side = 0; side < 2; side++)
        rig.cameras[side] = (struct camera_model){.fx = 600,
                                                  .fy = 600,
                                                  .cx = 320,
                                                  .cy = 240,
                                                  .model = DISTORTION_RADTAN,
                                                  .coefficient_count = 4,
                                                  .coefficients = {-0.1}};
    rig.rotation[0] = rig.rotation[4] = rig.rotation[8] = 1;
    rig.translation_mm[0] = -80;
    return rig;
}

static struct calibration drifted_rig(const struct drift *drift)
{
    struct calibration rig = given_rig();
    double turn[3];
    for (int i = 0; i < 3; i++)
        turn[i] = drift->turn_degrees[i] / 57.29577951308232;
    rotation_from_vector(rig.rotation, turn);
    rig.translation_mm[2] = -80 * tan(drift->forward_degrees / 57.29577951308232);
    for (int side = 0; side < 2; side++) {
        double grow = (1 + drift->both_share) * (side == 1 ? 1 + drift->focal_share : 1);
        rig.cameras[side].fx *= grow;
        rig.cameras[side].fy *= grow;
    }
    rig.cameras[1].cy += drift->rise_px;
    return rig;
}

static double uniform(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return (*state >> 8) / 16777216.0;
}

/* A match as the drifted rig makes it, and as the given calibration reads its rays. */
static bool make_match(const struct drift *drift, uint32_t *state,
                       struct ray_match *match)
{
    const struct calibration given = given_rig();
    const struct calibration rig = drifted_rig(drift);
    double left[2] = {uniform(state) * WIDTH,
                      HEIGHT * (0.5 + drift->band * (uniform(state) - 0.5))};
    double right[2];
    double point[3] = {0, 0, 1};
    double share = uniform(state);
    double depth = 1 / (share / drift->near_mm + (1 - share) / drift->far_mm);
    assert_true(
        camera_unproject(&rig.cameras[0], left[0], left[1], &point[0], &point[1]));
    for (int i = 0; i < 3; i++)
        point[i] *= depth;
    matrix3_apply(point, rig.rotation, point);
    for (int i = 0; i < 3; i++)
        point[i] += rig.translation_mm[i];
    camera_project(&rig.cameras[1], point[0] / point[2], point[1] / point[2], &right[0],
                   &right[1]);
    right[0] += 0.3 * synthetic_normal(state);
    right[1] += 0.15 * synthetic_normal(state);
    return right[0] > 0 && right[0] < WIDTH && right[1] > 0 && right[1] < HEIGHT &&
           camera_unproject(&given.cameras[0], left[0], left[1], &match->left[0],
                            &match->left[1]) &&
           camera_unproject(&given.cameras[1], right[0], right[1], &match->right[0],
                            &match->right[1]);
}

static struct drift_choice choose(const struct drift *drift)
{
    struct epipolar_problem problem;
    struct drift_choice choice;
    struct po_error error;
    const struct calibration given = given_rig();
    struct ray_match *matches = calloc(MATCHES, sizeof(*matches));
    uint32_t state = 20;
    assert_non_null(matches);
    for (int count = 0; count < MATCHES;) {
        matches[count].frame = count % FRAMES;
        count += make_match(drift, &state, &matches[count]);
    }
    epipolar_problem_make(&given, matches, MATCHES, FRAMES, &problem);
    assert_int_equal(drift_choice_make(&problem, &choice, &error), PO_OK);
    free(matches);
    return choice;
}

static void test_right_lenses_stay(void **unused)
{
    (void)unused;
    struct drift drift = usual;
    drift.turn_degrees[0] = 0.4;
    drift.turn_degrees[2] = -0.3;
    const struct drift_choice choice = choose(&drift);
    assert_int_equal(choice.model, DRIFT_POSE);
    assert_true(choice.fit.right.fx == 600 && choice.fit.right.cy == 240);
    assert_true(fabs(choice.fit.change[EPIPOLAR_TURN_X] * 57.2958 - 0.4) < 0.02);
    assert_true(isfinite(choice.held_out_px[DRIFT_BOTH]));
}

static void test_a_focal_length_is_found(void **unused)
{
    (void)unused;
    for (int sign = -1; sign <= 1; sign += 2) {
        struct drift drift = usual;
        drift.focal_share = sign * 0.01;
        drift.turn_degrees[0] = 0.4;
        const struct drift_choice choice = choose(&drift);
        double wanted_px = 600 * (1 + drift.focal_share);
        assert_int_equal(choice.model, DRIFT_FOCAL);
        assert_true(fabs(choice.fit.right.fx - wanted_px) < 0.6);
        assert_true(fabs(choice.fit.right.fy - wanted_px) < 0.6);
        assert_true(fabs(choice.fit.right.fx - wanted_px) <
                    3 * choice.sigma[EPIPOLAR_FOCAL] * 600);
    }
}

static void test_a_centre_is_found(void **unused)
{
    (void)unused;
    struct drift drift = usual;
    drift.rise_px = 12;
    struct drift_choice choice = choose(&drift);
    assert_int_equal(choice.model, DRIFT_RISE);
    assert_true(fabs(choice.fit.right.cy - 252) < 3 * choice.sigma[EPIPOLAR_RISE] * 600);
    drift.focal_share = -0.008;
    choice = choose(&drift);
    assert_int_equal(choice.model, DRIFT_BOTH);
    assert_true(fabs(choice.fit.right.fx - 595.2) < 0.6);
    assert_true(fabs(choice.fit.right.cy - 252) < 3 * choice.sigma[EPIPOLAR_RISE] * 600);
}

/* Certain, but rows hardly get better by it. */
static void test_a_little_is_left(void **unused)
{
    (void)unused;
    struct drift drift = usual;
    drift.rise_px = 3;
    const struct drift_choice choice = choose(&drift);
    assert_int_equal(choice.model, DRIFT_POSE);
    assert_true(choice.held_out_px[DRIFT_RISE] < choice.held_out_px[DRIFT_POSE]);
}

/* A focal length that both cameras share does not show in rows. */
static void test_what_rows_do_not_see_stays(void **unused)
{
    (void)unused;
    struct drift drift = usual;
    drift.both_share = 0.02;
    const struct drift_choice choice = choose(&drift);
    assert_int_equal(choice.model, DRIFT_POSE);
    assert_true(choice.fit.after_px < 0.15);
}

/* At one distance a baseline that points forward moves rows as a focal length does. */
static void test_one_distance_does_not_tell(void **unused)
{
    (void)unused;
    struct drift drift = usual;
    drift.near_mm = 780;
    drift.far_mm = 820;
    drift.focal_share = 0.008;
    const struct drift_choice alike = choose(&drift);
    drift.near_mm = usual.near_mm;
    drift.far_mm = usual.far_mm;
    const struct drift_choice varied = choose(&drift);
    assert_int_equal(alike.model, DRIFT_POSE);
    assert_int_equal(varied.model, DRIFT_FOCAL);
}

static void test_a_forward_baseline_is_no_focal_length(void **unused)
{
    (void)unused;
    struct drift drift = usual;
    drift.near_mm = 780;
    drift.far_mm = 820;
    drift.forward_degrees = 4;
    assert_int_equal(choose(&drift).model, DRIFT_POSE);
}

static void test_a_narrow_band_does_not_tell(void **unused)
{
    (void)unused;
    struct drift drift = usual;
    drift.band = 0.05;
    drift.focal_share = 0.01;
    assert_int_equal(choose(&drift).model, DRIFT_POSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right_lenses_stay),
        cmocka_unit_test(test_a_focal_length_is_found),
        cmocka_unit_test(test_a_centre_is_found),
        cmocka_unit_test(test_a_little_is_left),
        cmocka_unit_test(test_what_rows_do_not_see_stays),
        cmocka_unit_test(test_one_distance_does_not_tell),
        cmocka_unit_test(test_a_forward_baseline_is_no_focal_length),
        cmocka_unit_test(test_a_narrow_band_does_not_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
