/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "calib/calibration_file.h"
#include "calib/distortion.h"
#include "calib/matrix3.h"
#include "calib/rectification_memo.h"
#include "support/test_folder.h"

#define assert_near(actual, expected, tolerance)                                         \
    assert_true(fabs((actual) - (expected)) <= (tolerance))

static struct calibration make_rig(enum distortion_model model)
{
    struct calibration rig = {.width_px = 752, .height_px = 480, .unit = RIG_MM};
    const double turn[3] = {0.014, -0.03, 0.02};
    const double radtan[5] = {-0.28, 0.07, 2e-4, 1e-5, 0.01};
    const double fisheye[4] = {-0.02, 0.01, -0.004, 0.001};
    for (int side = 0; side < 2; side++) {
        struct camera_model *camera = &rig.cameras[side];
        *camera = (struct camera_model){.fx = 458 + side,
                                        .fy = 457 - side,
                                        .cx = 367 + 5 * side,
                                        .cy = 248 - 7 * side,
                                        .skew = side,
                                        .model = model};
        camera->coefficient_count = model == DISTORTION_FISHEYE ? 4 : 5;
        if (model == DISTORTION_FISHEYE)
            memcpy(camera->coefficients, fisheye, sizeof(fisheye));
        else if (model == DISTORTION_RADTAN)
            memcpy(camera->coefficients, radtan, sizeof(radtan));
    }
    rotation_from_vector(rig.rotation, turn);
    rig.translation_mm[0] = -110;
    rig.translation_mm[1] = 2;
    rig.translation_mm[2] = -3;
    return rig;
}

/* Where a point of the rectified left camera's frame lands in a rectified image. */
static void project_rectified(const struct rectification *made, int side,
                              const double point[3], double *u, double *v)
{
    const double *p = made->projection[side];
    double x = point[0] - (side == 1 ? made->rig.baseline_mm : 0);
    *u = p[0] * x / point[2] + p[2];
    *v = p[4] * point[1] / point[2] + p[5];
}

/* The same point through the raw rig: its pose in the raw camera's frame. */
static void raw_frame(const struct calibration *rig, const struct rectification *made,
                      int side, const double point[3], double raw[3])
{
    double back[9];
    matrix3_transpose(back, made->rotation[0]);
    matrix3_apply(raw, back, point);
    if (side == 1) {
        matrix3_apply(raw, rig->rotation, raw);
        for (int i = 0; i < 3; i++)
            raw[i] += rig->translation_mm[i];
    }
}

/* A world point, seen raw, undistorted and turned, must land where the rig says. */
static void rectified_points_obey_the_rig(void **state)
{
    (void)state;
    static const enum distortion_model models[] = {DISTORTION_NONE, DISTORTION_RADTAN,
                                                   DISTORTION_FISHEYE};
    for (int m = 0; m < 3; m++) {
        struct calibration rig = make_rig(models[m]);
        struct rectification made;
        assert_int_equal(rectification_make(&rig, 752, 480, &made, NULL), PO_OK);
        assert_false(made.identity);
        assert_near(made.rig.baseline_mm, sqrt(110 * 110 + 4 + 9), 1e-9);
        for (int i = 0; i < 27; i++) {
            const double point[3] = {(i % 3 - 1) * 300.0, (i / 3 % 3 - 1) * 200.0,
                                     1000.0 + i / 9 * 700.0};
            double u[2];
            double v[2];
            for (int side = 0; side < 2; side++) {
                double raw[3];
                double pixel[2];
                double seen[3] = {0, 0, 1};
                raw_frame(&rig, &made, side, point, raw);
                camera_project(&rig.cameras[side], raw[0] / raw[2], raw[1] / raw[2],
                               &pixel[0], &pixel[1]);
                assert_true(camera_unproject(&rig.cameras[side], pixel[0], pixel[1],
                                             &seen[0], &seen[1]));
                matrix3_apply(seen, made.rotation[side], seen);
                u[side] = made.projection[side][0] * seen[0] / seen[2] +
                          made.projection[side][2];
                v[side] = made.projection[side][4] * seen[1] / seen[2] +
                          made.projection[side][5];
                double want_u;
                double want_v;
                project_rectified(&made, side, point, &want_u, &want_v);
                assert_near(u[side], want_u, 1e-4);
                assert_near(v[side], want_v, 1e-4);
            }
            assert_near(v[0], v[1], 1e-4);
            assert_near(rectified_rig_depth(&made.rig, u[0] - u[1]), point[2], 1e-2);
        }
    }
}

/* Every pixel of the rectified images was seen by its camera. */
static void all_pixels_are_valid(void **state)
{
    (void)state;
    struct calibration rig = make_rig(DISTORTION_RADTAN);
    struct rectification made;
    assert_int_equal(rectification_make(&rig, 752, 480, &made, NULL), PO_OK);
    double tightest = 1e9;
    for (int side = 0; side < 2; side++) {
        double back[9];
        matrix3_transpose(back, made.rotation[side]);
        for (int i = 0; i <= 400; i++) {
            double t = i % 100 / 100.0;
            double x = i < 100 ? 0 : i < 200 ? 751 : 751 * t;
            double y = i < 200 ? 479 * t : i < 300 ? 0 : 479;
            const double *p = made.projection[side];
            double v[3] = {(x - p[2]) / p[0], (y - p[5]) / p[4], 1};
            double raw[2];
            matrix3_apply(v, back, v);
            camera_project(&rig.cameras[side], v[0] / v[2], v[1] / v[2], &raw[0],
                           &raw[1]);
            double inside = fmin(fmin(raw[0], 751 - raw[0]), fmin(raw[1], 479 - raw[1]));
            assert_true(inside > -0.1);
            tightest = fmin(tightest, inside);
        }
    }
    assert_true(tightest < 2); /* and no field is given away */
}

static void wide_fisheye_keeps_its_resolution(void **state)
{
    (void)state;
    struct calibration rig = make_rig(DISTORTION_FISHEYE);
    for (int side = 0; side < 2; side++) {
        rig.cameras[side].fx = rig.cameras[side].fy = 240;
        memset(rig.cameras[side].coefficients, 0, sizeof(rig.cameras[side].coefficients));
    }
    struct rectification made;
    assert_int_equal(rectification_make(&rig, 752, 480, &made, NULL), PO_OK);
    assert_true(made.rig.focal_px >= 120 && made.rig.focal_px <= 240);
}

static void absurd_pose_is_refused(void **state)
{
    (void)state;
    struct calibration rig = make_rig(DISTORTION_NONE);
    const double turned[3] = {0, 2.5, 0};
    struct po_error error = {0};
    rotation_from_vector(rig.rotation, turned);
    struct rectification made;
    assert_int_equal(rectification_make(&rig, 752, 480, &made, &error),
                     PO_BAD_CALIBRATION);
    assert_non_null(strstr(error.message, "R"));
}

/* All fourteen coefficients, the tilted sensor too, undone by the inverse. */
static void distortion_inverts(void **state)
{
    (void)state;
    struct camera_model camera = {.fx = 800,
                                  .fy = 790,
                                  .cx = 400,
                                  .cy = 300,
                                  .model = DISTORTION_RADTAN,
                                  .coefficient_count = 14};
    const double k[14] = {-0.3,  0.1,  1e-3,  -2e-3, 0.02, 0.01, -0.02,
                          0.005, 1e-3, -1e-3, 2e-3,  1e-3, 0.02, -0.03};
    memcpy(camera.coefficients, k, sizeof(k));
    for (int i = 0; i < 25; i++) {
        double x = (i % 5 - 2) * 0.2;
        double y = (i / 5 - 2) * 0.15;
        double u;
        double v;
        double back[2];
        camera_project(&camera, x, y, &u, &v);
        assert_true(camera_unproject(&camera, u, v, &back[0], &back[1]));
        assert_near(back[0], x, 1e-9);
        assert_near(back[1], y, 1e-9);
    }
}

static void same_rotations_as_opencv(void **state)
{
    (void)state;
    char path[TEST_PATH_BYTES];
    if (!test_data_path(PO_SOURCE_DIR, "euroc_v1_excerpt/calib_cv.yml", path))
        skip();
    struct calibration file;
    assert_int_equal(calibration_read(path, NULL, &file, NULL), PO_OK);
    assert_true(file.has_file_rectification);
    struct rectification given;
    struct rectification made;
    assert_int_equal(rectification_make(&file, 752, 480, &given, NULL), PO_OK);
    assert_near(given.rig.focal_px, 436.2345864026956, 1e-9);
    file.has_file_rectification = false;
    assert_int_equal(rectification_make(&file, 752, 480, &made, NULL), PO_OK);
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < 9; i++)
            assert_near(made.rotation[side][i], given.rotation[side][i], 1e-8);
    assert_near(made.rig.baseline_mm, given.rig.baseline_mm, 1e-6);
    /* Ours sees a little more and is never finer than OpenCV's alpha = 0. */
    assert_true(made.rig.focal_px > 0.95 * given.rig.focal_px);
    assert_true(made.rig.focal_px <= given.rig.focal_px);
    assert_near(made.rig.cx_px, given.rig.cx_px, 5);
    assert_near(made.rig.cy_px, given.rig.cy_px, 5);
}

static void scaled_rigs_see_the_same_depth(void **state)
{
    (void)state;
    struct rectified_rig rig = {.width_px = 1280,
                                .height_px = 720,
                                .focal_px = 1000,
                                .focal_y_px = 1000,
                                .cx_px = 639.5,
                                .cy_px = 359.5,
                                .doffs_px = 31,
                                .baseline_mm = 120,
                                .unit = RIG_MM,
                                .disparity_count_hint = 97};
    struct rectified_rig half = rectified_rig_scaled(&rig, 2);
    assert_int_equal(half.width_px, 640);
    assert_int_equal(half.disparity_count_hint, 49);
    assert_near(half.cx_px, 319.5, 1e-12);
    assert_near(rectified_rig_depth(&half, 10), rectified_rig_depth(&rig, 20), 1e-9);
    assert_near(rectified_rig_disparity(&rig, rectified_rig_depth(&rig, 33)), 33, 1e-9);
    assert_true(isinf(rectified_rig_depth(&rig, -31)));
}

/* What is recalled is what would be made, of each of more rigs than are remembered, and
 * of one that changes in place. */
static void memo_recalls_what_is_made(void **state)
{
    struct po_error error;
    struct rectification_memo *memo = rectification_memo_create();
    struct calibration rig = make_rig(DISTORTION_RADTAN);
    (void)state;
    assert_non_null(memo);
    for (int i = 0; i < 30; i++) {
        struct rectification made;
        struct rectification recalled;
        int scale = 1 + i % 2;
        struct calibration fitted = rig;
        rig.cameras[1].coefficients[0] = fitted.cameras[1].coefficients[0] =
            -0.28 + 0.001 * (i / 3);
        assert_int_equal(
            PO_OK, calibration_fit_images(&fitted, 752 * scale, 480 * scale, &error));
        assert_int_equal(
            PO_OK, rectification_make(&fitted, 752 * scale, 480 * scale, &made, &error));
        for (int again = 0; again < 2; again++) {
            assert_int_equal(PO_OK,
                             rectification_memo_make(memo, &rig, 752 * scale, 480 * scale,
                                                     &recalled, &error));
            assert_memory_equal(&recalled, &made, sizeof(made));
        }
    }
    rectification_memo_destroy(memo);
}

static void memo_keeps_no_failure(void **state)
{
    struct po_error error = {0};
    struct rectification made;
    struct rectification_memo *memo = rectification_memo_create();
    struct calibration rig = make_rig(DISTORTION_RADTAN);
    (void)state;
    for (int again = 0; again < 2; again++) {
        error.message[0] = '\0';
        assert_int_equal(rectification_memo_make(memo, &rig, 700, 300, &made, &error),
                         PO_BAD_CALIBRATION);
        assert_non_null(strstr(error.message, "700x300"));
    }
    rectification_memo_destroy(memo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rectified_points_obey_the_rig),
        cmocka_unit_test(all_pixels_are_valid),
        cmocka_unit_test(wide_fisheye_keeps_its_resolution),
        cmocka_unit_test(absurd_pose_is_refused),
        cmocka_unit_test(distortion_inverts),
        cmocka_unit_test(same_rotations_as_opencv),
        cmocka_unit_test(scaled_rigs_see_the_same_depth),
        cmocka_unit_test(memo_recalls_what_is_made),
        cmocka_unit_test(memo_keeps_no_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
