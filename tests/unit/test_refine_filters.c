/* SPDX-License-Identifier: Apache-2.0 */
/* Medians, the bilateral filter and inpainting, each against a slow and plain version of
 * itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "refine/steps.h"
#include "support/refine_fixture.h"

enum { N = DISPARITY_INVALID };

static int clamp(int value, int last)
{
    return value < 0 ? 0 : value > last ? last : value;
}

static void medians_are_the_thirteenth_of_25(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1},  {2, 1},   {1, 7},    {3, 2},
                                   {17, 9}, {300, 6}, {256, 12}, {514, 5}};
    const struct row_kernels *tables[] = {
        &row_kernels_plain, row_kernels_find(PO_CPU_SSE4), row_kernels_find(PO_CPU_AUTO)};
    for (size_t i = 0; i < 3 * sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t mark = scratch_mark(&scratch);
        int width_px = sizes[i / 3][0], height_px = sizes[i / 3][1];
        struct disparity_map map = random_map(width_px, height_px, i < 15 ? 6 : 3000, 0);
        struct disparity_map result = take_map(width_px, height_px);
        median_5x5(&map, tables[i % 3], &result);
        for (int y = 0; y < height_px; y++)
            for (int x = 0; x < width_px; x++) {
                int16_t window[25];
                for (int k = 0; k < 25; k++)
                    window[k] = disparity_row(
                        &map, clamp(y + k / 5 - 2,
                                    height_px - 1))[clamp(x + k % 5 - 2, width_px - 1)];
                qsort(window, 25, sizeof(int16_t), compare_values);
                assert_int_equal(disparity_row(&result, y)[x], window[12]);
            }
        scratch_rewind(&scratch, mark);
    }
}

static void a_weighted_median_follows_colour(void **state)
{
    (void)state;
    enum { W = 50, H = 40 };
    for (int radius = 5; radius <= 9; radius += 2) {
        size_t mark = scratch_mark(&scratch);
        /* Left half dark at 160, right half bright at 320; the depth edge strays two
         * pixels into the dark half and should come back. */
        struct disparity_map map = take_map(W, H);
        struct disparity_map result = take_map(W, H);
        struct image_view guide = take_image(W, H, 3);
        struct image_view classes = take_image(W, H, 1);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                disparity_row(&map, y)[x] = x < 23 ? 160 : 320;
                disparity_row(&result, y)[x] = disparity_row(&map, y)[x];
                image_row(&classes, y)[x] = PIXEL_MEASURED;
                memset(image_row(&guide, y) + 3 * x, x < 25 ? 20 : 220, 3);
            }
        struct row_tally visited = {0, H, 0};
        size_t before = scratch.used;
        scratch.peak = before;
        assert_int_equal(weighted_median(&(struct median_views){&map, &classes, &guide,
                                                                &row_kernels_plain},
                                         radius, &scratch, &result, &visited, NULL),
                         0);
        assert_int_equal(scratch.peak - before, weighted_median_bytes(W, 3, radius));
        assert_int_equal(visited.pixels,
                         2 * H); /* the columns on both sides of the edge */
        for (int y = 0; y < H; y++) {
            assert_int_equal(disparity_row(&result, y)[22], 160);
            assert_int_equal(disparity_row(&result, y)[23], 160);
            assert_int_equal(disparity_row(&result, y)[24], 320);
            assert_int_equal(disparity_row(&result, y)[25], 320);
        }
        scratch_rewind(&scratch, mark);
    }
}

static void filled_pixels_weigh_less(void **state)
{
    (void)state;
    enum { W = 21, H = 21 };
    struct disparity_map map = take_map(W, H);
    struct disparity_map result = take_map(W, H);
    struct image_view guide = take_image(W, H, 1);
    struct image_view classes = take_image(W, H, 1);
    /* Two in three columns around the centre hold a filled value, one a measured one. */
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            bool measured = x % 3 == 0;
            disparity_row(&map, y)[x] = measured ? 100 : 110;
            image_row(&classes, y)[x] = measured ? PIXEL_MEASURED : PIXEL_FILLED_MISMATCH;
        }
    struct row_tally visited = {3, H - 2, 0}; /* all are filtered, these are counted */
    assert_int_equal(weighted_median(&(struct median_views){&map, &classes, &guide,
                                                            &row_kernels_plain},
                                     7, &scratch, &result, &visited, NULL),
                     0);
    assert_int_equal(visited.pixels, (W - 7) * (H - 5));
    assert_int_equal(disparity_row(&result, 10)[10], 100);
}

/* ---- classic --------------------------------------------------------------------- */

static void bilateral_keeps_holes_and_edges(void **state)
{
    (void)state;
    const int16_t values[] = {
        160, 162, N, 480, 480, 160, 158, N, 480, 480, 160, 160, N, 480, 480,
    };
    struct disparity_map map = map_of(5, 3, values);
    struct disparity_map result = take_map(5, 3);
    struct bilateral_settings settings = {5, 1.0, 10.0};
    assert_int_equal(bilateral_filter(&map, &settings, &scratch, &result, NULL), 0);
    const int16_t expected[] = {
        160, 160, N, 480, 480, 160, 160, N, 480, 480, 160, 160, N, 480, 480,
    };
    expect_map(&result, expected);
    settings.diameter_px = 33;
    assert_int_equal(bilateral_filter(&map, &settings, &scratch, &result, NULL),
                     PO_BAD_ARGUMENT);
}

static void inpainting_fills_holes_alone(void **state)
{
    (void)state;
    enum { W = 24, H = 20 };
    struct disparity_map map = take_map(W, H);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            disparity_row(&map, y)[x] =
                x > 8 && x < 14 && y > 5 && y < 12 ? (int16_t)N : (int16_t)(16 * x + 3);
    size_t before = scratch.used;
    scratch.peak = before;
    assert_int_equal(inpaint_holes(&map, 3, &scratch, NULL), 0);
    assert_int_equal(scratch.peak - before, inpaint_holes_bytes(W, H));
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            int value = disparity_row(&map, y)[x];
            if (x > 8 && x < 14 && y > 5 && y < 12)
                assert_in_range(value, 16 * 7, 16 * 15);
            else
                assert_int_equal(value, 16 * x + 3);
        }
    struct disparity_map empty = map_of(2, 1, (int16_t[]){N, N});
    assert_int_equal(inpaint_holes(&empty, 3, &scratch, NULL), 0);
    expect_map(&empty, (int16_t[]){N, N});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(medians_are_the_thirteenth_of_25, scratch_rewind_all),
        cmocka_unit_test_teardown(a_weighted_median_follows_colour, scratch_rewind_all),
        cmocka_unit_test_teardown(filled_pixels_weigh_less, scratch_rewind_all),
        cmocka_unit_test_teardown(bilateral_keeps_holes_and_edges, scratch_rewind_all),
        cmocka_unit_test_teardown(inpainting_fills_holes_alone, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
