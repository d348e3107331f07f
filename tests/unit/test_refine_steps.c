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
#include "support/refine_fixture.h"

enum { N = DISPARITY_INVALID };

/* Every table in its turn. */
static const struct row_kernels *table_of(int round)
{
    return round % 2 == 0 ? &row_kernels_plain : row_kernels_find(PO_CPU_AUTO);
}

static void left_and_right_must_agree(void **state)
{
    (void)state;
    struct disparity_map left = map_of(6, 1, (int16_t[]){0, 48, 32, 16, 40, N});
    struct disparity_map right = map_of(6, 1, (int16_t[]){0, 32, 24, 16, N, 0});
    /* x=1 points left of the image; x=3 at right 2 (24, 8 apart); x=4 (2.5 px, so 1.5,
     * rounded up) at right 2, 16 apart. */
    assert_int_equal(left_right_check(&left, &right, 8, &row_kernels_plain), 3);
    expect_map(&left, (int16_t[]){0, N, N, 16, N, N});
}

/* The first column is checked, the limit itself is fine on both sides, and a match right
 * behind the last column is outside, whatever lies there. */
static void left_and_right_at_the_edges(void **state)
{
    (void)state;
    struct disparity_map left = map_of(4, 1, (int16_t[]){0, 0, 0, -16});
    struct disparity_map right = map_of(6, 1, (int16_t[]){N, -8, 8, 0, -16, 0});
    assert_int_equal(left_right_check(&left, &right, 8, &row_kernels_plain), 2);
    expect_map(&left, (int16_t[]){N, 0, 0, N});
}

static void uniqueness_compares_the_margin(void **state)
{
    (void)state;
    struct disparity_map map = map_of(4, 1, (int16_t[]){16, 16, N, 16});
    struct image_view uniqueness_margin = take_image(4, 1, 1);
    const uint8_t margins[] = {25, 26, 0, 255};
    memcpy(uniqueness_margin.pixels, margins, sizeof(margins));
    assert_int_equal(uniqueness_check(&map, &uniqueness_margin, 10), 1);
    expect_map(&map, (int16_t[]){N, 16, N, 16});
}

static void uniqueness_at_the_threshold_stays(void **state)
{
    (void)state;
    struct disparity_map map = map_of(2, 1, (int16_t[]){16, 16});
    struct image_view uniqueness_margin = take_image(2, 1, 1);
    const uint8_t margins[] = {50, 51}; /* 51 of 255 is 20 percent */
    memcpy(uniqueness_margin.pixels, margins, sizeof(margins));
    assert_int_equal(uniqueness_check(&map, &uniqueness_margin, 20), 1);
    expect_map(&map, (int16_t[]){N, 16});
    map = map_of(1, 1, (int16_t[]){16});
    uniqueness_margin.pixels[0] = 250; /* 98 percent and a little */
    assert_int_equal(uniqueness_check(&map, &uniqueness_margin, 99), 1);
}

/* ---- texture --------------------------------------------------------------------- */

/* Whether a row within four pixels changes, in green where it is coloured. */
static bool has_texture(const struct image_view *guide, int x, int y)
{
    int channels = guide->channels;
    for (int v = y - 4; v <= y + 4; v++)
        for (int u = x - 4; u < x + 4; u++) {
            if (v < 0 || v >= guide->height_px || u < 0 || u + 1 >= guide->width_px)
                continue;
            const uint8_t *pixel = image_row(guide, v) + u * channels + channels / 2;
            if (pixel[0] != pixel[channels])
                return true;
        }
    return false;
}

/* Flat pictures with a few dots, grey and coloured. */
static void without_texture_nothing_is_measured(void **state)
{
    (void)state;
    enum { W = 70, H = 41, DOTS = 6 };
    for (int round = 0; round < 8; round++) {
        size_t mark = scratch_mark(&scratch);
        int channels = round % 2 == 0 ? 1 : 3;
        struct image_view guide = take_image(W, H, channels);
        for (int y = 0; y < H; y++)
            memset(image_row(&guide, y), 90, (size_t)(W * channels));
        for (int i = 0; i < DOTS * round / 2; i++) {
            int at = (7919 * (i + 1) + 104729 * round) % (W * H);
            image_row(&guide, at / W)[at % W * channels + channels / 2] = 91;
        }
        struct disparity_map map = random_map(W, H, 24, (uint32_t)round);
        uint64_t dropped, expected_dropped = 0;
        struct disparity_map expected = take_map(W, H);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                int16_t value = disparity_row(&map, y)[x];
                bool drops = !has_texture(&guide, x, y);
                disparity_row(&expected, y)[x] = drops ? (int16_t)N : value;
                expected_dropped += drops && value != N;
            }
        assert_int_equal(texture_check(&map,
                                       &(struct texture_views){&guide, table_of(round)},
                                       &scratch, &dropped, NULL),
                         PO_OK);
        assert_int_equal(dropped, expected_dropped);
        for (int y = 0; y < H; y++)
            assert_memory_equal(disparity_row(&map, y), disparity_row(&expected, y),
                                W * sizeof(int16_t));
        scratch_rewind(&scratch, mark);
    }
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

static void a_run_as_long_as_the_largest_speckle_goes(void **state)
{
    (void)state;
    struct disparity_map map =
        map_of(9, 2,
               (int16_t[]){7, 7, 7, N, N, 7, 7, 7, 7, /* three go, four stay */
                           N, N, N, N, 60, N, N, N, N});
    uint64_t dropped;
    assert_int_equal(speckle_filter(&map, 3, 16, &scratch, &dropped, NULL), 0);
    assert_int_equal(dropped, 4);
    expect_map(&map, (int16_t[]){N, N, N, N, N, 7, 7, 7, 7, /* */
                                 N, N, N, N, N, N, N, N, N});
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
        classify_holes(&(struct hole_maps){&left, &right, range, &row_kernels_plain},
                       &scratch, &classes, &counts, NULL),
        0);
    const uint8_t expected[] = {1, 2, 3, 3, 3, 3, 3, 1};
    assert_memory_equal(classes.pixels, expected, sizeof(expected));
    assert_int_equal(counts.measured, 2);
    assert_int_equal(counts.occlusions, 1);
    assert_int_equal(counts.mismatches, 5);
}

/* A right pixel x - k claims the left pixel x when its disparity is within 1.5 px of k.
 */
static bool is_claimed(const int16_t *right, int width_px, int x)
{
    for (int at = 0; at < width_px; at++)
        if (right[at] != N && abs(right[at] - (x - at) * DISPARITY_SCALE) <= 24)
            return true;
    return false;
}

static void claims_are_those_of_the_definition(void **state)
{
    (void)state;
    enum { W = 23, GUARD_BYTES = 64, GUARD = 0x5a };
    static const struct disparity_range ranges[] = {
        {0, 16}, {-24, 16}, {-8, 16}, {-40, 16}, {4, 32}};
    for (int round = 0; round < 60; round++) {
        const struct disparity_range range = ranges[round % 5];
        size_t mark = scratch_mark(&scratch);
        struct disparity_map left = random_map(W, 1, 300, 7);
        struct disparity_map right = take_map(W, 1);
        struct image_view classes = take_image(W, 1, 1);
        int16_t *values = disparity_row(&right, 0);
        for (int x = 0; x < W; x++)
            values[x] = next_random(3) > 0
                            ? (int16_t)N
                            : (int16_t)(range.min_px * DISPARITY_SCALE +
                                        (int)next_random((uint32_t)range.count * 16));
        uint8_t *guard = scratch_take(&scratch, GUARD_BYTES); /* in front of the marks */
        memset(guard, GUARD, GUARD_BYTES);
        struct hole_counts counts;
        size_t before = scratch.used;
        scratch.peak = before;
        assert_int_equal(
            classify_holes(&(struct hole_maps){&left, &right, range, table_of(round)},
                           &scratch, &classes, &counts, NULL),
            0);
        assert_int_equal(scratch.peak - before, classify_holes_bytes(W, range));
        for (int i = 0; i < GUARD_BYTES; i++)
            assert_int_equal(guard[i], GUARD);
        for (int x = 0; x < W; x++) {
            int hole =
                is_claimed(values, W, x) ? PIXEL_FILLED_MISMATCH : PIXEL_FILLED_OCCLUSION;
            bool measured = disparity_row(&left, 0)[x] != N;
            assert_int_equal(classes.pixels[x], measured ? PIXEL_MEASURED : hole);
        }
        scratch_rewind(&scratch, mark);
    }
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
        classify_holes(&(struct hole_maps){&left, &none, range, &row_kernels_plain},
                       &scratch, &classes, &counts, NULL),
        0);
    const uint8_t expected[] = {1, 3, 3, 2, 2, 2, 1, 3, 1, 3};
    assert_memory_equal(classes.pixels, expected, sizeof(expected));
}

static void expect_classes_by_geometry(int width_px, const int16_t *row, int16_t behind,
                                       const uint8_t *expected)
{
    struct disparity_map left = map_of(width_px, 1, row);
    struct disparity_map none = {.values = NULL};
    struct image_view classes = take_image(width_px, 1, 1);
    struct hole_counts counts;
    disparity_row(&left, 0)[width_px] = behind; /* of the row's padding */
    assert_int_equal(
        classify_holes(&(struct hole_maps){&left, &none, {0, 16}, &row_kernels_plain},
                       &scratch, &classes, &counts, NULL),
        0);
    assert_memory_equal(classes.pixels, expected, (size_t)width_px);
}

static void geometry_at_the_border_and_at_small_steps(void **state)
{
    (void)state;
    /* At the left border all that is nearer than infinity is hidden from the right. */
    expect_classes_by_geometry(4, (int16_t[]){N, N, 32, 32}, 0, (uint8_t[]){2, 2, 1, 1});
    expect_classes_by_geometry(3, (int16_t[]){N, N, 0}, 0, (uint8_t[]){3, 3, 1});
    expect_classes_by_geometry(3, (int16_t[]){N, N, -16}, 0, (uint8_t[]){3, 3, 1});
    /* A step of one pixel hides nothing, a larger one the pixels it is wide. */
    expect_classes_by_geometry(4, (int16_t[]){16, N, N, 32}, 0, (uint8_t[]){1, 3, 3, 1});
    expect_classes_by_geometry(4, (int16_t[]){16, N, N, 33}, 0, (uint8_t[]){1, 3, 2, 1});
    /* Each hole has the value left of it. */
    expect_classes_by_geometry(5, (int16_t[]){64, N, 16, N, 48}, 0,
                               (uint8_t[]){1, 3, 1, 2, 1});
    /* What lies behind the row decides nothing. */
    expect_classes_by_geometry(3, (int16_t[]){N, N, N}, 64, (uint8_t[]){3, 3, 3});
    expect_classes_by_geometry(3, (int16_t[]){16, N, N}, 160, (uint8_t[]){1, 3, 3});
}

/* ---- fills ----------------------------------------------------------------------- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(left_and_right_must_agree, scratch_rewind_all),
        cmocka_unit_test_teardown(left_and_right_at_the_edges, scratch_rewind_all),
        cmocka_unit_test_teardown(uniqueness_compares_the_margin, scratch_rewind_all),
        cmocka_unit_test_teardown(uniqueness_at_the_threshold_stays, scratch_rewind_all),
        cmocka_unit_test_teardown(without_texture_nothing_is_measured,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(speckles_are_those_a_flood_finds, scratch_rewind_all),
        cmocka_unit_test_teardown(a_run_as_long_as_the_largest_speckle_goes,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(claimed_holes_are_mismatches, scratch_rewind_all),
        cmocka_unit_test_teardown(claims_are_those_of_the_definition, scratch_rewind_all),
        cmocka_unit_test_teardown(without_a_right_map_geometry_decides,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(geometry_at_the_border_and_at_small_steps,
                                  scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
