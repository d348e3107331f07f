/* SPDX-License-Identifier: Apache-2.0 */
/* Medians, the bilateral filter and inpainting, each against a slow and plain version of
 * itself. */
#include <limits.h>
#include <math.h>
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
    for (int lattices = 1; lattices <= 2; lattices++) {
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
                                         lattices, &scratch, &result, &visited, NULL),
                         0);
        assert_int_equal(scratch.peak - before, weighted_median_bytes(W));
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
                                     1, &scratch, &result, &visited, NULL),
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

/* ---- the weighted median's definition --------------------------------------------- */

enum { MEDIAN_W = 78, MEDIAN_H = 31 };

struct median_scene {
    int lattices;
    struct disparity_map map;
    struct image_view classes, guide;
};

/* Colours that differ little, values of surfaces `apart` sixteenths from each other. */
static void fill_median_scene(struct median_scene *scene, int channels, int apart)
{
    static const uint8_t classes[] = {PIXEL_MEASURED, PIXEL_FILLED_OCCLUSION,
                                      PIXEL_FILLED_MISMATCH,
                                      PIXEL_ON_PLANE | PIXEL_FILLED_MISMATCH};
    scene->map = take_map(MEDIAN_W, MEDIAN_H);
    scene->classes = take_image(MEDIAN_W, MEDIAN_H, 1);
    scene->guide = take_image(MEDIAN_W, MEDIAN_H, channels);
    for (int y = 0; y < MEDIAN_H; y++)
        for (int x = 0; x < MEDIAN_W; x++) {
            int surface = (int)next_random(3);
            disparity_row(&scene->map, y)[x] =
                (int16_t)(surface * apart - apart + (int)next_random(40));
            image_row(&scene->classes, y)[x] = classes[next_random(4)];
            for (int c = 0; c < channels; c++)
                image_row(&scene->guide, y)[x * channels + c] =
                    (uint8_t)(100 + next_random(x < MEDIAN_W / 2 ? 20 : 80));
        }
}

/* What (at_x, at_y) weighs for (x, y): its colour and its distance fade to nothing. */
static int weight_of(const struct median_scene *scene, int x, int y, int at_x, int at_y)
{
    int channels = scene->guide.channels, apart = 0;
    const uint8_t *a = image_row(&scene->guide, y) + x * channels;
    const uint8_t *b = image_row(&scene->guide, at_y) + at_x * channels;
    int class = image_row(&scene->classes, at_y)[at_x];
    for (int c = 0; c < channels; c++)
        apart = abs(a[c] - b[c]) > apart ? abs(a[c] - b[c]) : apart;
    int near = apart < 63 ? 63 - apart : 0;
    int second = near * near >> 4, fourth = second * second >> 8;
    int dx = at_x - x, dy = at_y - y;
    int spatial = (int)lround(
        255 * exp(-sqrt((double)(dx * dx + dy * dy)) / (scene->lattices == 1 ? 9 : 5)));
    int trust = class == PIXEL_MEASURED || class >= PIXEL_ON_PLANE ? 255 : 77;
    return ((fourth * fourth >> 8) * spatial >> 8) * trust >> 8;
}

static int16_t median_of(const struct median_scene *scene, int x, int y)
{
    struct {
        int value, weight;
    } samples[64];
    int count = 0, total = 0, reached = 0, best = INT_MAX;
    for (int at_y = y - 7, row = 0; at_y <= y + 7; at_y += 2, row++)
        for (int at_x = x - 7; at_x <= x + 7; at_x += 2) {
            bool in_first = ((at_x - x + 7) / 2 + row) % 2 == 1;
            if (at_x < 0 || at_x >= MEDIAN_W || at_y < 0 || at_y >= MEDIAN_H ||
                (scene->lattices == 1 && !in_first))
                continue;
            samples[count].value = disparity_row(&scene->map, at_y)[at_x];
            samples[count].weight = weight_of(scene, x, y, at_x, at_y);
            total += samples[count++].weight;
        }
    for (int i = 0; i < count; i++) {
        reached = 0;
        for (int k = 0; k < count; k++)
            reached += samples[k].value <= samples[i].value ? samples[k].weight : 0;
        if (2 * reached >= total && samples[i].value < best)
            best = samples[i].value;
    }
    return total > 0 ? (int16_t)best : disparity_row(&scene->map, y)[x];
}

static bool is_filtered(const struct median_scene *scene, int x, int y)
{
    int class = image_row(&scene->classes, y)[x], low = INT_MAX, high = INT_MIN;
    for (int at_y = y - 1; at_y <= y + 1; at_y++)
        for (int at_x = x - 1; at_x <= x + 1; at_x++) {
            int value = disparity_row(
                &scene->map, clamp(at_y, MEDIAN_H - 1))[clamp(at_x, MEDIAN_W - 1)];
            low = value < low ? value : low;
            high = value > high ? value : high;
        }
    return class == PIXEL_FILLED_OCCLUSION || class == PIXEL_FILLED_MISMATCH ||
           high - low > 32;
}

/* Surfaces near each other, as far apart as a byte of whole pixels reaches, farther, and
 * at the ends of what a value can be. */
static void weighted_medians_are_those_of_the_definition(void **state)
{
    (void)state;
    static const int apart[] = {0, 20, 300, 2030, 2050, 5000, 32767};
    for (int i = 0; i < 2 * 2 * 2 * 7; i++) {
        size_t mark = scratch_mark(&scratch);
        struct median_scene scene = {.lattices = 1 + i / 4 % 2};
        struct row_tally visited = {0, MEDIAN_H, 0};
        fill_median_scene(&scene, i / 2 % 2 == 0 ? 1 : 3, apart[i / 8]);
        struct disparity_map result = take_map(MEDIAN_W, MEDIAN_H);
        const struct median_views views = {&scene.map, &scene.classes, &scene.guide,
                                           i % 2 == 0 ? &row_kernels_plain
                                                      : row_kernels_find(PO_CPU_AUTO)};
        assert_int_equal(
            weighted_median(&views, scene.lattices, &scratch, &result, &visited, NULL),
            0);
        for (int y = 0; y < MEDIAN_H; y++)
            for (int x = 0; x < MEDIAN_W; x++)
                if (is_filtered(&scene, x, y))
                    assert_int_equal(disparity_row(&result, y)[x],
                                     median_of(&scene, x, y));
        scratch_rewind(&scratch, mark);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(medians_are_the_thirteenth_of_25, scratch_rewind_all),
        cmocka_unit_test_teardown(a_weighted_median_follows_colour, scratch_rewind_all),
        cmocka_unit_test_teardown(weighted_medians_are_those_of_the_definition,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(filled_pixels_weigh_less, scratch_rewind_all),
        cmocka_unit_test_teardown(bilateral_keeps_holes_and_edges, scratch_rewind_all),
        cmocka_unit_test_teardown(inpainting_fills_holes_alone, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
