/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/triangulation.h"
#include "stereo/disparity_map.h"

static const struct rectified_rig common_rig = {.width_px = 640,
                                                .height_px = 480,
                                                .focal_px = 500,
                                                .focal_y_px = 250,
                                                .cx_px = 320,
                                                .cy_px = 240,
                                                .doffs_px = 0,
                                                .baseline_mm = 100,
                                                .unit = RIG_MM};

static struct triangulation make(const struct rectified_rig *rig,
                                 enum po_length_unit unit)
{
    struct triangulation triangulation;
    assert_int_equal(triangulation_make(rig, unit, &triangulation, NULL), PO_OK);
    return triangulation;
}

static void points_of_known_disparities(void **state)
{
    (void)state;
    struct triangulation mm = make(&common_rig, PO_UNIT_MM);
    double point[3];
    triangulation_point(&mm, 420, 290, 50 * 16, point);
    assert_true(fabs(point[0] - 200) < 1e-9); /* 100 px * 1000 mm / 500 px */
    assert_true(fabs(point[1] - 200) < 1e-9); /* 50 px * 1000 mm / 250 px */
    assert_true(fabs(point[2] - 1000) < 1e-9);
    struct triangulation metres = make(&common_rig, PO_UNIT_M);
    triangulation_point(&metres, 420, 290, 50 * 16 + 8, point);
    assert_true(fabs(point[2] - 50.0 / 50.5) < 1e-12);
}

static void doffs_is_added_to_the_disparity(void **state)
{
    (void)state;
    struct rectified_rig rig = common_rig;
    rig.doffs_px = 12.25;
    struct triangulation mm = make(&rig, PO_UNIT_MM);
    assert_true(fabs(triangulation_depth(&mm, 16 * 10) - 50000.0 / 22.25) < 1e-9);
    assert_true(fabs(triangulation_depth(&mm, -16 * 10) - 50000.0 / 2.25) < 1e-9);
}

static void rows_equal_single_pixels(void **state)
{
    (void)state;
    struct triangulation mm = make(&common_rig, PO_UNIT_MM);
    int16_t values[100];
    float depths[100];
    for (int i = 0; i < 100; i++)
        values[i] = (int16_t)(1 + 37 * i);
    triangulation_depth_row(&mm, values, 100, depths);
    for (int i = 0; i < 100; i++)
        assert_true(depths[i] == (float)triangulation_depth(&mm, values[i]));
}

static void the_gate_holds_what_is_in_front(void **state)
{
    (void)state;
    struct triangulation mm = make(&common_rig, PO_UNIT_MM);
    struct depth_limits depth_limits = triangulation_depth_limits(&mm, 0, 0);
    assert_int_equal(depth_limits.lowest, 8); /* half a pixel */
    assert_int_equal(depth_limits.highest, INT16_MAX);
    struct rectified_rig rig = common_rig;
    rig.doffs_px = 3.53;
    mm = make(&rig, PO_UNIT_MM);
    depth_limits = triangulation_depth_limits(&mm, 0, 0);
    assert_int_equal(depth_limits.lowest, -48); /* -3 px */
    depth_limits = triangulation_depth_limits(&mm, 0, 1e12);
    assert_int_equal(depth_limits.lowest, -56); /* -3.5 px: a limit of one's own counts */
    rig.doffs_px = 4000;
    mm = make(&rig, PO_UNIT_MM);
    assert_true(triangulation_depth_limits(&mm, 0, 0).lowest > DISPARITY_INVALID);
}

static void the_gate_is_inclusive(void **state)
{
    (void)state;
    struct triangulation mm = make(&common_rig, PO_UNIT_MM);
    struct depth_limits depth_limits = triangulation_depth_limits(&mm, 500, 2000);
    assert_int_equal(depth_limits.lowest, 25 * 16);
    assert_int_equal(depth_limits.highest, 100 * 16);
    depth_limits = triangulation_depth_limits(&mm, 500.01, 1999.99);
    assert_int_equal(depth_limits.lowest, 25 * 16 + 1);
    assert_int_equal(depth_limits.highest, 100 * 16 - 1);
    struct triangulation metres = make(&common_rig, PO_UNIT_M);
    depth_limits = triangulation_depth_limits(&metres, 500.01, 1999.99);
    assert_int_equal(depth_limits.lowest, 25 * 16 + 1);
    assert_int_equal(depth_limits.highest, 100 * 16 - 1);
}

static void impossible_gates_are_empty(void **state)
{
    (void)state;
    struct triangulation mm = make(&common_rig, PO_UNIT_MM);
    struct depth_limits depth_limits = triangulation_depth_limits(&mm, 0, 1e-3);
    assert_true(depth_limits.lowest > depth_limits.highest);
    depth_limits = triangulation_depth_limits(&mm, 2000, 500);
    assert_true(depth_limits.lowest > depth_limits.highest);
    depth_limits = triangulation_depth_limits(&mm, 1e-3, 0);
    assert_int_equal(depth_limits.highest, INT16_MAX);
}

static void rigs_without_scale_are_refused(void **state)
{
    (void)state;
    struct rectified_rig rig = common_rig;
    struct triangulation triangulation;
    struct po_error error;
    rig.unit = RIG_NONE;
    assert_int_equal(triangulation_make(&rig, PO_UNIT_MM, &triangulation, &error),
                     PO_BAD_CALIBRATION);
    rig = common_rig;
    rig.baseline_mm = 0;
    assert_int_equal(triangulation_make(&rig, PO_UNIT_MM, &triangulation, &error),
                     PO_BAD_CALIBRATION);
    rig.baseline_mm = NAN;
    assert_int_equal(triangulation_make(&rig, PO_UNIT_MM, &triangulation, &error),
                     PO_BAD_CALIBRATION);
}

static void squares_are_never_scaled(void **state)
{
    (void)state;
    struct rectified_rig rig = common_rig;
    rig.unit = RIG_SQUARES;
    rig.baseline_mm = 3.34;
    struct triangulation squares = make(&rig, PO_UNIT_M);
    assert_true(fabs(triangulation_depth(&squares, 16 * 50) - 33.4) < 1e-9);
}

/* Limits beyond 16 bits hold nothing, or all there is. */
static void a_span_is_what_maps_can_hold(void **state)
{
    (void)state;
    static const struct {
        struct depth_limits limits;
        struct depth_span span;
    } rows[] = {
        {{-20, 300}, {-20, 300}},
        {{INT16_MIN, INT16_MAX}, {INT16_MIN, INT16_MAX}},
        {{INT16_MIN - 9, INT16_MAX + 9}, {INT16_MIN, INT16_MAX}},
        {{INT16_MAX + 1, INT16_MAX + 1}, {INT16_MAX, INT16_MIN}},
        {{INT16_MIN - 1, INT16_MIN - 1}, {INT16_MAX, INT16_MIN}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct depth_span span = depth_limits_span(&rows[i].limits);
        assert_int_equal(span.lowest, rows[i].span.lowest);
        assert_int_equal(span.highest, rows[i].span.highest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_of_known_disparities),
        cmocka_unit_test(doffs_is_added_to_the_disparity),
        cmocka_unit_test(rows_equal_single_pixels),
        cmocka_unit_test(the_gate_holds_what_is_in_front),
        cmocka_unit_test(the_gate_is_inclusive),
        cmocka_unit_test(impossible_gates_are_empty),
        cmocka_unit_test(rigs_without_scale_are_refused),
        cmocka_unit_test(squares_are_never_scaled),
        cmocka_unit_test(a_span_is_what_maps_can_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
