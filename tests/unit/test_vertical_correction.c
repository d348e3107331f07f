/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rectify/vertical_correction.h"
#include "support/scratch_fixture.h"

enum { WIDTH = 641, HEIGHT = 437, DISPARITY_PX = 10, WAVES = 10 };

/* A texture without a preferred direction: waves of 6 to 20 px. */
static double texture(double x, double y)
{
    uint32_t state = 7;
    double sum = 0;
    for (int i = 0; i < WAVES; i++) {
        state = state * 1664525U + 1013904223U;
        double angle = 6.2831853 * (double)(state >> 8) / (1 << 24);
        state = state * 1664525U + 1013904223U;
        double wave = 6.2831853 / (6.0 + 14.0 * (double)(state >> 8) / (1 << 24));
        sum += sin(wave * (cos(angle) * x + sin(angle) * y) + i);
    }
    return 128 + 32 * sum;
}

static uint8_t grey(double value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : lround(value));
}

/* Left and right views of a plane whose right rows lie dy(x, y) lower. */
static struct vertical_disparity_views make_views(double a, double b, double c)
{
    struct vertical_disparity_views views;
    assert_int_equal(image_view_take(&scratch, WIDTH, HEIGHT, 1, &views.left, NULL), 0);
    assert_int_equal(image_view_take(&scratch, WIDTH, HEIGHT, 1, &views.right, NULL), 0);
    assert_int_equal(image_view_take(&scratch, (WIDTH + 1) / 2, (HEIGHT + 1) / 2, 1,
                                     &views.half_left, NULL),
                     0);
    assert_int_equal(disparity_map_take(&scratch, (WIDTH + 1) / 2, (HEIGHT + 1) / 2,
                                        &views.half_map, NULL),
                     0);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            double dy = a + b * (2.0 * x / WIDTH - 1) + c * (2.0 * y / HEIGHT - 1);
            image_row(&views.left, y)[x] = grey(texture(x, y));
            image_row(&views.right, y)[x] = grey(texture(x + DISPARITY_PX, y - dy));
        }
    }
    image_halve(&views.left, &views.half_left);
    for (int y = 0; y < views.half_map.height_px; y++)
        for (int x = 0; x < views.half_map.width_px; x++)
            disparity_row(&views.half_map, y)[x] = DISPARITY_PX / 2 * DISPARITY_SCALE;
    return views;
}

static struct vertical_disparity measure(const struct vertical_disparity_views *views)
{
    struct vertical_disparity offset;
    size_t before = scratch.used;
    scratch.peak = before;
    assert_int_equal(vertical_disparity_measure(views, &scratch, &offset, NULL), PO_OK);
    assert_int_equal(scratch.used, before);
    assert_int_equal(scratch.peak - before,
                     vertical_disparity_measure_bytes(WIDTH, HEIGHT));
    return offset;
}

static void near_value(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%g is not within %g of %g", value, tolerance, expected);
}

static void a_known_offset_is_measured(void **state)
{
    (void)state;
    struct vertical_disparity_views views = make_views(0.45, 0.2, -0.15);
    struct vertical_disparity offset = measure(&views);
    assert_true(offset.points > 500);
    near_value(offset.a_px, 0.45, 0.02);
    near_value(offset.b_px, 0.2, 0.02);
    near_value(offset.c_px, -0.15, 0.02);
    assert_true(vertical_disparity_matters(&offset));
}

static void aligned_rows_are_left_alone(void **state)
{
    (void)state;
    struct vertical_disparity_views views = make_views(0, 0, 0);
    struct vertical_disparity offset = measure(&views);
    assert_true(offset.points > 500);
    assert_false(vertical_disparity_matters(&offset));
}

static void the_warp_takes_the_offset_out(void **state)
{
    (void)state;
    struct vertical_disparity_views views = make_views(-0.7, 0.1, 0.3);
    struct vertical_disparity offset = measure(&views);
    size_t before = scratch.used;
    scratch.peak = before;
    assert_int_equal(vertical_disparity_warp(&offset, &scratch, &views.right, NULL),
                     PO_OK);
    assert_int_equal(scratch.peak - before, vertical_disparity_warp_bytes(WIDTH, HEIGHT));
    struct vertical_disparity rest = measure(&views);
    near_value(rest.a_px, 0, 0.02);
    near_value(rest.b_px, 0, 0.02);
    near_value(rest.c_px, 0, 0.02);
}

static void a_flat_image_says_nothing(void **state)
{
    (void)state;
    struct vertical_disparity_views views = make_views(0, 0, 0);
    for (int y = 0; y < HEIGHT; y++) {
        memset(image_row(&views.left, y), 90, WIDTH);
        memset(image_row(&views.right, y), 90, WIDTH);
    }
    image_halve(&views.left, &views.half_left);
    struct vertical_disparity offset = measure(&views);
    assert_int_equal(offset.points, 0);
    assert_false(vertical_disparity_matters(&offset));
    /* A warp of a flat image by anything is the same flat image. */
    offset = (struct vertical_disparity){3.3, -1.2, 0.7, .points = 60};
    assert_int_equal(vertical_disparity_warp(&offset, &scratch, &views.right, NULL),
                     PO_OK);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            assert_int_equal(image_row(&views.right, y)[x], 90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_known_offset_is_measured, scratch_rewind_all),
        cmocka_unit_test_teardown(aligned_rows_are_left_alone, scratch_rewind_all),
        cmocka_unit_test_teardown(the_warp_takes_the_offset_out, scratch_rewind_all),
        cmocka_unit_test_teardown(a_flat_image_says_nothing, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
