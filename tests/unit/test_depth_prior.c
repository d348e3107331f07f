/* SPDX-License-Identifier: Apache-2.0 */
/* A prior's alignment and the holes it fills, on a surface that is known everywhere. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "refine/depth_prior.h"
#include "support/refine_fixture.h"

enum { W = 160, H = 120, WRONG_BY = 5 * DISPARITY_SCALE };

static const struct disparity_range range = {0, 64};

struct fixture {
    struct disparity_map map;
    struct image_view classes;
    struct image_view confidence;
    float prior[W * H];
    struct prior_target target;
    struct disparity_map aligned;
    struct prior_fit fit;
    uint64_t filled;
};

static struct fixture f;

/* A bowl, in pixels: no plane describes it. */
static double truth_px(int x, int y)
{
    double u = (x - 80) / 40.0, v = (y - 60) / 40.0;
    return 20.0 + 3.0 * u * u + 2.0 * v * v + u;
}

static bool in_hole(int x, int y)
{
    return x >= 60 && x < 76 && y >= 50 && y < 66;
}

/* All measured but for the hole, whose plain fill is wrong. */
static void make(enum pixel_class hole)
{
    memset(&f, 0, sizeof(f));
    f.map = take_map(W, H);
    f.classes = take_image(W, H, 1);
    f.confidence = take_image(W, H, 1);
    f.aligned = take_map(W, H);
    f.target = (struct prior_target){&f.map, &f.classes, &f.confidence, f.prior, range};
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            bool is_hole = in_hole(x, y);
            int value = (int)floor(truth_px(x, y) * DISPARITY_SCALE + 0.5);
            disparity_row(&f.map, y)[x] = (int16_t)(is_hole ? value + WRONG_BY : value);
            image_row(&f.classes, y)[x] = (uint8_t)(is_hole ? hole : PIXEL_MEASURED);
            image_row(&f.confidence, y)[x] = is_hole ? 0 : 230;
            f.prior[y * W + x] = (float)(0.013 * truth_px(x, y) + 0.7);
        }
}

static void align(void)
{
    scratch.peak = scratch.used;
    size_t before = scratch.used;
    assert_int_equal(depth_prior_align(&f.target, &scratch, &f.fit, &f.aligned, NULL), 0);
    assert_int_equal(scratch.peak - before, depth_prior_align_bytes());
    assert_int_equal(scratch.used, before);
}

static void fill(void)
{
    scratch.peak = scratch.used;
    size_t before = scratch.used;
    assert_int_equal(
        depth_prior_fill(&f.target, &f.fit, &f.aligned, 0, H, &scratch, &f.filled, NULL),
        0);
    assert_int_equal(scratch.peak - before, depth_prior_fill_bytes(W, H));
    assert_int_equal(scratch.used, before);
}

static int error_at(int x, int y)
{
    return abs(disparity_row(&f.map, y)[x] -
               (int)floor(truth_px(x, y) * DISPARITY_SCALE + 0.5));
}

static void check_measured_untouched(void)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            if (in_hole(x, y))
                continue;
            assert_int_equal(image_row(&f.classes, y)[x], PIXEL_MEASURED);
            assert_int_equal(image_row(&f.confidence, y)[x], 230);
            assert_int_equal(error_at(x, y), 0);
        }
}

static void scale_and_shift_are_found(void **state)
{
    (void)state;
    make(PIXEL_FILLED_MISMATCH);
    align();
    assert_true(f.fit.accepted);
    assert_int_equal(f.fit.order, 0);
    assert_true(f.fit.inlier_share > 0.99 && f.fit.residual_px < 0.1);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            assert_in_range(disparity_row(&f.aligned, y)[x] + 1 -
                                (int)floor(truth_px(x, y) * DISPARITY_SCALE + 0.5),
                            0, 2);
}

static void holes_take_the_prior_and_say_so(void **state)
{
    static const enum pixel_class holes[] = {PIXEL_FILLED_MISMATCH,
                                             PIXEL_FILLED_OCCLUSION};
    (void)state;
    for (int i = 0; i < 2; i++) {
        make(holes[i]);
        align();
        fill();
        assert_int_equal(f.filled, 16 * 16);
        for (int y = 50; y < 66; y++)
            for (int x = 60; x < 76; x++) {
                assert_in_range(error_at(x, y), 0, 3);
                assert_int_equal(image_row(&f.classes, y)[x], PIXEL_FILLED_PRIOR);
                assert_in_range(image_row(&f.confidence, y)[x], 1, 127);
            }
        check_measured_untouched();
    }
}

static void a_warped_prior_takes_a_field_of_higher_order(void **state)
{
    (void)state;
    make(PIXEL_FILLED_MISMATCH);
    for (int i = 0; i < W * H; i++)
        f.prior[i] *= 1.0F + 0.0012F * (float)(i % W);
    align();
    assert_true(f.fit.accepted);
    assert_true(f.fit.order > 0);
    assert_true(f.fit.residual_px < 0.3);
    fill();
    assert_true(f.filled > 200);
    assert_in_range(error_at(68, 58), 0, 8);
}

static void outliers_do_not_move_the_fit(void **state)
{
    (void)state;
    make(PIXEL_FILLED_MISMATCH);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            if (!in_hole(x, y) && next_random(100) < 25)
                disparity_row(&f.map, y)[x] = (int16_t)next_random(1000);
    align();
    assert_true(f.fit.accepted);
    assert_in_range(disparity_row(&f.aligned, 58)[68] + 4 -
                        (int)floor(truth_px(68, 58) * DISPARITY_SCALE + 0.5),
                    0, 8);
}

static void a_prior_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    make(PIXEL_FILLED_MISMATCH);
    for (int i = 0; i < W * H; i++)
        f.prior[i] = (float)(1.0 / (double)f.prior[i]);
    align();
    assert_false(f.fit.accepted);
    assert_non_null(strstr(f.fit.refusal, "inverse depth is wanted"));

    make(PIXEL_FILLED_MISMATCH);
    for (int i = 0; i < W * H; i++) {
        f.prior[i] = (float)next_random(1000);
        disparity_row(&f.map, i / W)[i % W] = (int16_t)next_random(1000);
    }
    align();
    assert_false(f.fit.accepted);

    make(PIXEL_FILLED_MISMATCH);
    for (int i = 0; i < W * H; i++)
        f.prior[i] = 3.5F;
    align();
    assert_false(f.fit.accepted);
    assert_non_null(strstr(f.fit.refusal, "same everywhere"));

    make(PIXEL_FILLED_MISMATCH);
    for (int y = 2; y < H; y++)
        memset(image_row(&f.classes, y), PIXEL_FILLED_MISMATCH, W);
    align();
    assert_false(f.fit.accepted);
    assert_non_null(strstr(f.fit.refusal, "too few pixels"));
}

static void a_plain_fill_that_agrees_stays(void **state)
{
    (void)state;
    make(PIXEL_FILLED_MISMATCH);
    for (int y = 50; y < 66; y++)
        for (int x = 60; x < 76; x++)
            disparity_row(&f.map, y)[x] -= (int16_t)(WRONG_BY - 1 * DISPARITY_SCALE);
    align();
    fill();
    assert_int_equal(f.filled, 0);
    assert_int_equal(image_row(&f.classes, 58)[68], PIXEL_FILLED_MISMATCH);
    assert_int_equal(image_row(&f.confidence, 58)[68], 0);
}

static void a_prior_that_scatters_around_a_hole_stays_out(void **state)
{
    (void)state;
    make(PIXEL_FILLED_MISMATCH);
    align();
    for (int y = 30; y < 86; y++)
        for (int x = 40; x < 96; x++)
            disparity_row(&f.aligned, y)[x] =
                (int16_t)(disparity_row(&f.aligned, y)[x] +
                          ((x / 2 + y / 2) % 2 == 0 ? 40 : -40));
    fill();
    assert_int_equal(f.filled, 0);
}

static void a_prior_that_jumps_or_says_nothing_stays_out(void **state)
{
    (void)state;
    make(PIXEL_FILLED_MISMATCH);
    for (int y = 50; y < 66; y++)
        for (int x = 68; x < 76; x++)
            f.prior[y * W + x] = NAN;
    align();
    disparity_row(&f.aligned, 51)[61] = 60 * DISPARITY_SCALE;
    fill();
    assert_true(f.filled > 0);
    assert_int_equal(image_row(&f.classes, 58)[72], PIXEL_FILLED_MISMATCH);
    assert_int_equal(image_row(&f.classes, 54)[64], PIXEL_FILLED_MISMATCH);
    assert_int_equal(image_row(&f.classes, 60)[62], PIXEL_FILLED_PRIOR);
}

static void only_rows_that_count_are_counted(void **state)
{
    (void)state;
    make(PIXEL_FILLED_MISMATCH);
    align();
    assert_int_equal(depth_prior_fill(&f.target, &f.fit, &f.aligned, 55, 60, &scratch,
                                      &f.filled, NULL),
                     0);
    assert_int_equal(f.filled, 5 * 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(scale_and_shift_are_found, scratch_rewind_all),
        cmocka_unit_test_teardown(holes_take_the_prior_and_say_so, scratch_rewind_all),
        cmocka_unit_test_teardown(a_warped_prior_takes_a_field_of_higher_order,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(outliers_do_not_move_the_fit, scratch_rewind_all),
        cmocka_unit_test_teardown(a_prior_that_does_not_fit_is_refused,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(a_plain_fill_that_agrees_stays, scratch_rewind_all),
        cmocka_unit_test_teardown(a_prior_that_scatters_around_a_hole_stays_out,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(a_prior_that_jumps_or_says_nothing_stays_out,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(only_rows_that_count_are_counted, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
