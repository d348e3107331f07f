/* SPDX-License-Identifier: Apache-2.0 */
/* Each step of refinement against a plain reference or a case worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "refine/steps.h"

enum { N = DISPARITY_INVALID };

static struct scratch scratch;
static uint32_t random_state = 1;

static uint32_t next_random(uint32_t below)
{
    random_state = random_state * 1664525U + 1013904223U;
    return (uint32_t)(((uint64_t)(random_state >> 4) * below) >> 28);
}

static struct disparity_map take_map(int width_px, int height_px)
{
    struct disparity_map map;
    assert_int_equal(disparity_map_take(&scratch, width_px, height_px, &map, NULL), 0);
    for (int y = 0; y < height_px; y++)
        memset(disparity_row(&map, y), 0, (size_t)width_px * sizeof(int16_t));
    return map;
}

static struct image_view take_image(int width_px, int height_px, int channels)
{
    struct image_view image;
    assert_int_equal(
        image_view_take(&scratch, width_px, height_px, channels, &image, NULL), 0);
    for (int y = 0; y < height_px; y++)
        memset(image_row(&image, y), 0, (size_t)(width_px * channels));
    return image;
}

static struct disparity_map map_of(int width_px, int height_px, const int16_t *values)
{
    struct disparity_map map = take_map(width_px, height_px);
    for (int y = 0; y < height_px; y++)
        memcpy(disparity_row(&map, y), values + (ptrdiff_t)y * width_px,
               (size_t)width_px * sizeof(int16_t));
    return map;
}

static void expect_map(const struct disparity_map *map, const int16_t *expected)
{
    for (int y = 0; y < map->height_px; y++)
        for (int x = 0; x < map->width_px; x++)
            if (disparity_row(map, y)[x] != expected[y * map->width_px + x])
                fail_msg("(%d, %d) is %d, not %d", x, y, disparity_row(map, y)[x],
                         expected[y * map->width_px + x]);
}

/* Surfaces with noise and holes; holes_of_ten in ten pixels are holes. */
static struct disparity_map random_map(int width_px, int height_px, uint32_t noise,
                                       uint32_t holes_of_ten)
{
    struct disparity_map map = take_map(width_px, height_px);
    for (int y = 0; y < height_px; y++) {
        for (int x = 0; x < width_px; x++) {
            int surface = ((x / 9 + y / 7) % 3) * 160;
            disparity_row(&map, y)[x] =
                next_random(10) < holes_of_ten
                    ? (int16_t)DISPARITY_INVALID
                    : (int16_t)(surface + (int)next_random(noise) - 40);
        }
    }
    return map;
}

/* ---- left-right check, uniqueness ----------------------------------------------- */

static void left_and_right_must_agree(void **state)
{
    (void)state;
    struct disparity_map left = map_of(6, 1, (int16_t[]){0, 48, 32, 16, 40, N});
    struct disparity_map right = map_of(6, 1, (int16_t[]){0, 32, 24, 16, N, 0});
    /* x=1 points left of the image; x=3 at right 2 (24, 8 apart); x=4 (2.5 px, so 1.5,
     * rounded up) at right 2, 16 apart. */
    assert_int_equal(left_right_check(&left, &right, 8), 3);
    expect_map(&left, (int16_t[]){0, N, N, 16, N, N});
}

static void uniqueness_compares_the_margin(void **state)
{
    (void)state;
    struct disparity_map map = map_of(4, 1, (int16_t[]){16, 16, N, 16});
    struct image_view margin = take_image(4, 1, 1);
    const uint8_t margins[] = {25, 26, 0, 255};
    memcpy(margin.pixels, margins, sizeof(margins));
    assert_int_equal(uniqueness_check(&map, &margin, 10), 1);
    expect_map(&map, (int16_t[]){N, 16, N, 16});
}

/* ---- speckle --------------------------------------------------------------------- */

static int flood(const struct disparity_map *map, int x, int y, int max_step, int *labels,
                 int label)
{
    static const int dx[] = {1, -1, 0, 0}, dy[] = {0, 0, 1, -1};
    int size = 1;
    labels[y * map->width_px + x] = label;
    for (int i = 0; i < 4; i++) {
        int u = x + dx[i], v = y + dy[i];
        if (u < 0 || v < 0 || u >= map->width_px || v >= map->height_px)
            continue;
        int value = disparity_row(map, v)[u];
        if (value == DISPARITY_INVALID || labels[v * map->width_px + u] != 0 ||
            abs(value - disparity_row(map, y)[x]) > max_step)
            continue;
        size += flood(map, u, v, max_step, labels, label);
    }
    return size;
}

static void speckles_are_those_a_flood_finds(void **state)
{
    (void)state;
    enum { W = 61, H = 43, MAX_SIZE = 12 };
    static int labels[W * H], sizes[W * H + 1];
    for (int round = 0; round < 20; round++) {
        size_t mark = scratch_mark(&scratch);
        struct disparity_map map = random_map(W, H, 24, (uint32_t)round / 4);
        struct disparity_map expected = take_map(W, H);
        memset(labels, 0, sizeof(labels));
        int count = 0;
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++)
                if (disparity_row(&map, y)[x] != N && labels[y * W + x] == 0) {
                    count++;
                    sizes[count] = flood(&map, x, y, 16, labels, count);
                }
        uint64_t dropped, expected_dropped = 0;
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                int label = labels[y * W + x];
                bool drop = label > 0 && sizes[label] <= MAX_SIZE;
                expected_dropped += drop;
                disparity_row(&expected, y)[x] =
                    drop ? (int16_t)N : disparity_row(&map, y)[x];
            }
        size_t before = scratch.used;
        scratch.peak = before;
        assert_int_equal(speckle_filter(&map, MAX_SIZE, 16, &scratch, &dropped, NULL), 0);
        assert_int_equal(scratch.peak - before, speckle_bytes(W, H));
        assert_int_equal(dropped, expected_dropped);
        for (int y = 0; y < H; y++)
            assert_memory_equal(disparity_row(&map, y), disparity_row(&expected, y),
                                W * sizeof(int16_t));
        scratch_rewind(&scratch, mark);
    }
}

/* ---- classes --------------------------------------------------------------------- */

static void claimed_holes_are_mismatches(void **state)
{
    (void)state;
    struct disparity_range range = {0, 16};
    struct disparity_map left = map_of(8, 1, (int16_t[]){0, N, N, N, N, N, N, 0});
    /* Right 1 claims left 3 +- 1.5, so 2 to 4; right 0 has no match, right 5 at 1.5 px
     * claims 5 to 8: four pixels, one outside. */
    struct disparity_map right = map_of(8, 1, (int16_t[]){N, 32, N, N, N, 24, N, N});
    struct image_view classes = take_image(8, 1, 1);
    struct hole_counts counts;
    assert_int_equal(
        classify_holes(&left, &right, range, &scratch, &classes, &counts, NULL), 0);
    const uint8_t expected[] = {1, 2, 3, 3, 3, 3, 3, 1};
    assert_memory_equal(classes.pixels, expected, sizeof(expected));
    assert_int_equal(counts.measured, 2);
    assert_int_equal(counts.occlusions, 1);
    assert_int_equal(counts.mismatches, 5);
}

static void without_a_right_map_geometry_decides(void **state)
{
    (void)state;
    struct disparity_range range = {0, 16};
    /* Background at 1 px, foreground at 4 px: the last 3 hole pixels are hidden. */
    struct disparity_map left =
        map_of(10, 1, (int16_t[]){16, N, N, N, N, N, 64, N, 16, N});
    struct disparity_map none = {.values = NULL};
    struct image_view classes = take_image(10, 1, 1);
    struct hole_counts counts;
    assert_int_equal(
        classify_holes(&left, &none, range, &scratch, &classes, &counts, NULL), 0);
    const uint8_t expected[] = {1, 3, 3, 2, 2, 2, 1, 3, 1, 3};
    assert_memory_equal(classes.pixels, expected, sizeof(expected));
}

/* ---- fills ----------------------------------------------------------------------- */

static void background_is_the_smaller_side(void **state)
{
    (void)state;
    const int16_t holes[] = {
        N, N,  N, N, N,  N, /* takes the row below */
        N, 32, N, N, 80, N, /* */
        N, N,  N, N, N,  N, /* as near to either: the row above */
        N, N,  N, N, N,  N, /* */
        7, N,  N, N, N,  N, /* */
        N, N,  N, N, N,  N,
    };
    const int16_t expected[] = {
        32, 32, 32, 32, 80, 80, 32, 32, 32, 32, 80, 80, 32, 32, 32, 32, 80, 80,
        7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
    };
    struct disparity_map map = map_of(6, 6, holes);
    assert_true(fill_background(&map));
    expect_map(&map, expected);
    struct disparity_map empty = map_of(2, 1, (int16_t[]){N, N});
    assert_false(fill_background(&empty));
    expect_map(&empty, (int16_t[]){N, N});
}

static int16_t walk(const struct disparity_map *map, int x, int y, int dx, int dy)
{
    for (x += dx, y += dy; x >= 0 && y >= 0 && x < map->width_px && y < map->height_px;
         x += dx, y += dy)
        if (disparity_row(map, y)[x] != N)
            return disparity_row(map, y)[x];
    return N;
}

static int compare_values(const void *a, const void *b)
{
    return *(const int16_t *)a - *(const int16_t *)b;
}

static int16_t expected_fill(const struct disparity_map *map, int class, int x, int y)
{
    static const int dx[] = {-1, 1, 0, 0, -1, 1, -1, 1};
    static const int dy[] = {0, 0, -1, 1, -1, 1, 1, -1};
    int16_t found[8];
    int count = 0, directions = class == PIXEL_FILLED_OCCLUSION ? 2 : 8;
    for (int i = 0; i < directions; i++) {
        int16_t value = walk(map, x, y, dx[i], dy[i]);
        if (value != N)
            found[count++] = value;
    }
    if (count == 0)
        return N;
    qsort(found, (size_t)count, sizeof(int16_t), compare_values);
    return found[directions == 2 ? 0 : (count - 1) / 2];
}

static void directions_are_those_one_walks(void **state)
{
    (void)state;
    enum { W = 37, H = 29 };
    for (uint32_t holes = 1; holes < 10; holes += 2) {
        size_t mark = scratch_mark(&scratch);
        struct disparity_map map = random_map(W, H, 300, holes);
        struct disparity_map expected = take_map(W, H);
        struct image_view classes = take_image(W, H, 1);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                bool hole = disparity_row(&map, y)[x] == N;
                int class = !hole            ? PIXEL_MEASURED
                            : next_random(2) ? PIXEL_FILLED_OCCLUSION
                                             : PIXEL_FILLED_MISMATCH;
                image_row(&classes, y)[x] = (uint8_t) class;
                disparity_row(&expected, y)[x] =
                    hole ? expected_fill(&map, class, x, y) : disparity_row(&map, y)[x];
            }
        size_t before = scratch.used;
        scratch.peak = before;
        assert_int_equal(fill_directions(&map, &classes, &scratch, NULL), 0);
        assert_int_equal(scratch.peak - before, fill_directions_bytes(W, H));
        for (int y = 0; y < H; y++)
            assert_memory_equal(disparity_row(&map, y), disparity_row(&expected, y),
                                W * sizeof(int16_t));
        scratch_rewind(&scratch, mark);
    }
}

/* ---- segmentation and planes ----------------------------------------------------- */

static void two_colours_are_two_segments(void **state)
{
    (void)state;
    enum { W = 80, H = 60 };
    struct image_view guide = take_image(W, H, 3);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            bool disc = (x - 40) * (x - 40) + (y - 30) * (y - 30) < 256;
            image_row(&guide, y)[3 * x + 1] = disc ? 200 : (uint8_t)40;
        }
    for (int shift = 0; shift < 3; shift++) {
        struct segmentation segmentation;
        size_t mark = scratch_mark(&scratch);
        scratch.peak = mark;
        assert_int_equal(segmentation_run(&guide, shift, &scratch, &segmentation, NULL),
                         0);
        assert_int_equal(scratch.peak - mark, segmentation_bytes(W, H, 3, shift));
        assert_int_equal(scratch.used - mark, segmentation_label_bytes(W, H, shift));
        assert_int_equal(segmentation.labels[0], 0);
        int centre = (30 >> shift) * segmentation.width_px + (40 >> shift);
        assert_int_not_equal(segmentation.labels[centre], 0);
        int last = segmentation.width_px * segmentation.height_px - 1;
        assert_int_equal(segmentation.labels[last], 0);
        assert_true(segmentation.count >= 2 && segmentation.count <= 3);
        scratch_rewind(&scratch, mark);
    }
}

static void one_pixel_is_one_segment(void **state)
{
    (void)state;
    struct image_view guide = take_image(1, 1, 1);
    struct segmentation segmentation;
    for (int shift = 0; shift < 3; shift++) {
        assert_int_equal(segmentation_run(&guide, shift, &scratch, &segmentation, NULL),
                         0);
        assert_int_equal(segmentation.count, 1);
        assert_int_equal(segmentation.labels[0], 0);
    }
}

static int16_t plane_value(int x, int y)
{
    return (int16_t)(320 + 3 * x - 2 * y);
}

static void holes_of_a_slanted_segment_are_on_its_plane(void **state)
{
    (void)state;
    enum { W = 60, H = 40 };
    struct image_view guide = take_image(W, H, 1);
    struct image_view classes = take_image(W, H, 1);
    struct disparity_map map = take_map(W, H);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            bool hole = x > 20 && x < 40 && y > 10 && y < 25;
            bool outlier = next_random(10) < 2;
            disparity_row(&map, y)[x] =
                hole      ? (int16_t)N
                : outlier ? (int16_t)(next_random(500))
                          : (int16_t)(plane_value(x, y) + (int)next_random(5) - 2);
            image_row(&classes, y)[x] = hole ? PIXEL_FILLED_MISMATCH : PIXEL_MEASURED;
        }
    struct segmentation segmentation;
    uint64_t filled;
    struct disparity_range range = {0, 64};
    assert_int_equal(segmentation_run(&guide, 1, &scratch, &segmentation, NULL), 0);
    size_t before = scratch.used;
    scratch.peak = before;
    assert_int_equal(
        plane_fill(&map, &classes, &segmentation, 0.5, range, &scratch, &filled, NULL),
        0);
    assert_int_equal(scratch.peak - before, plane_fill_bytes(W, H, 1));
    assert_int_equal(filled, 19 * 14);
    for (int y = 11; y < 25; y++)
        for (int x = 21; x < 40; x++) {
            int error = disparity_row(&map, y)[x] - plane_value(x, y);
            assert_in_range(error + 3, 0, 6);
            assert_int_equal(image_row(&classes, y)[x],
                             PIXEL_FILLED_MISMATCH | PIXEL_ON_PLANE);
        }
}

static void noise_is_no_plane(void **state)
{
    (void)state;
    enum { W = 60, H = 40 };
    struct image_view guide = take_image(W, H, 1);
    struct image_view classes = take_image(W, H, 1);
    struct disparity_map map = random_map(W, H, 3000, 3);
    struct segmentation segmentation;
    uint64_t filled;
    struct disparity_range range = {0, 256};
    assert_int_equal(segmentation_run(&guide, 0, &scratch, &segmentation, NULL), 0);
    assert_int_equal(
        plane_fill(&map, &classes, &segmentation, 0.5, range, &scratch, &filled, NULL),
        0);
    assert_int_equal(filled, 0);
}

/* ---- medians --------------------------------------------------------------------- */

static int clamp(int value, int last)
{
    return value < 0 ? 0 : value > last ? last : value;
}

static void medians_are_the_thirteenth_of_25(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1},  {2, 1},   {1, 7},    {3, 2},
                                   {17, 9}, {300, 6}, {256, 12}, {514, 5}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t mark = scratch_mark(&scratch);
        int width_px = sizes[i][0], height_px = sizes[i][1];
        struct disparity_map map = random_map(width_px, height_px, i < 5 ? 6 : 3000, 0);
        struct disparity_map result = take_map(width_px, height_px);
        median_5x5(&map, &result);
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
        uint64_t visited;
        size_t before = scratch.used;
        scratch.peak = before;
        assert_int_equal(weighted_median(&map, &classes, &guide, radius, &scratch,
                                         &result, &visited, NULL),
                         0);
        assert_int_equal(scratch.peak - before, weighted_median_bytes(W, 3, radius));
        assert_int_equal(visited, 2 * H); /* the columns on both sides of the edge */
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
    uint64_t visited;
    assert_int_equal(
        weighted_median(&map, &classes, &guide, 7, &scratch, &result, &visited, NULL), 0);
    assert_int_equal(visited, W * H - 7 * H);
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

static int set_up(void **state)
{
    (void)state;
    return scratch_init(&scratch, 16 << 20, NULL);
}

static int rewind_all(void **state)
{
    (void)state;
    scratch_rewind(&scratch, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_release(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(left_and_right_must_agree, rewind_all),
        cmocka_unit_test_teardown(uniqueness_compares_the_margin, rewind_all),
        cmocka_unit_test_teardown(speckles_are_those_a_flood_finds, rewind_all),
        cmocka_unit_test_teardown(claimed_holes_are_mismatches, rewind_all),
        cmocka_unit_test_teardown(without_a_right_map_geometry_decides, rewind_all),
        cmocka_unit_test_teardown(background_is_the_smaller_side, rewind_all),
        cmocka_unit_test_teardown(directions_are_those_one_walks, rewind_all),
        cmocka_unit_test_teardown(two_colours_are_two_segments, rewind_all),
        cmocka_unit_test_teardown(one_pixel_is_one_segment, rewind_all),
        cmocka_unit_test_teardown(holes_of_a_slanted_segment_are_on_its_plane,
                                  rewind_all),
        cmocka_unit_test_teardown(noise_is_no_plane, rewind_all),
        cmocka_unit_test_teardown(medians_are_the_thirteenth_of_25, rewind_all),
        cmocka_unit_test_teardown(a_weighted_median_follows_colour, rewind_all),
        cmocka_unit_test_teardown(filled_pixels_weigh_less, rewind_all),
        cmocka_unit_test_teardown(bilateral_keeps_holes_and_edges, rewind_all),
        cmocka_unit_test_teardown(inpainting_fills_holes_alone, rewind_all),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
