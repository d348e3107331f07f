/* SPDX-License-Identifier: Apache-2.0 */
/* Fills of holes, and what takes fills away, against a plain reference or a case worked
 * out by hand. */
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

static const struct row_kernels *next_table(void)
{
    static int round;
    return table_of(round++);
}

enum { M = PIXEL_MEASURED, O = PIXEL_FILLED_OCCLUSION, F = PIXEL_FILLED_MISMATCH };

/* Eight columns of a row, between two on each side that measure 0 px (1 px in the right
 * map) and must not matter. Column 3, a hole, is filled; left 0 measures 0 px, left 2 and
 * all from 4 on 1 px. */
static void expect_free_space(int fill, const int16_t *right, bool dropped)
{
    enum { PAD = 2, W = 8 };
    static const uint8_t classes[W + 2 * PAD] = {M, M, M, O, M, F | PIXEL_ON_PLANE,
                                                 M, M, M, M, M, M};
    struct image_view view = take_image(W + 2 * PAD, 1, 1);
    memcpy(view.pixels, classes, sizeof(classes));
    struct disparity_map map = map_of(
        W + 2 * PAD, 1, (int16_t[]){0, 0, 0, N, 16, (int16_t)fill, 16, 16, 16, 16, 0, 0});
    struct disparity_map right_map = take_map(W + 2 * PAD, 1);
    for (int x = 0; x < W + 2 * PAD; x++)
        disparity_row(&right_map, 0)[x] = 16;
    memcpy(disparity_row(&right_map, 0) + PAD, right, W * sizeof(int16_t));
    view.pixels += PAD, map.values += PAD, right_map.values += PAD;
    view.width_px = map.width_px = right_map.width_px = W;
    assert_int_equal(free_space_check(&map, &right_map, &view, next_table()), dropped);
    expect_map(&map, (int16_t[]){0, N, 16, dropped ? (int16_t)N : (int16_t)fill, 16, 16,
                                 16, 16});
}

static void fills_do_not_stand_before_what_the_right_camera_sees(void **state)
{
    (void)state;
    const int16_t sees[8] = {0, 16, N, 16, 16, 16, 16, N};
    /* Column 3 less 3 px is right column 0, which sees 0 px, as left column 0 does.
     * 41/16 are 3 px too and more than 2 px in front; 40 as well, half rounded up. */
    expect_free_space(48, sees, true);
    expect_free_space(41, sees, true);
    expect_free_space(40, sees, true);
    expect_free_space(39, sees, false); /* right column 1 */
    /* Within 2 px of it, or behind it. */
    expect_free_space(48, (int16_t[]){16, 16, N, 16, 16, 16, 16, N}, false);
    expect_free_space(48, (int16_t[]){64, 16, N, 16, 16, 16, 16, N}, false);
    /* Nothing is seen there; outside of the right image on either side. */
    expect_free_space(48, (int16_t[]){N, 16, N, 16, 16, 16, 16, N}, false);
    expect_free_space(64, sees, false);
    expect_free_space(-80, sees, false);
    expect_free_space(80, sees, false);
}

/* The limit itself, 2 px, is fine. */
static void free_space_begins_behind_two_pixels(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct disparity_map map =
            map_of(4, 1, (int16_t[]){0, 16, 16, (int16_t)(32 + more)});
        struct disparity_map right = map_of(4, 1, (int16_t[]){0, 0, 16, 16});
        struct image_view view = take_image(4, 1, 1);
        memcpy(view.pixels, (uint8_t[]){M, M, M, F}, 4);
        /* Right 1 sees 0 px; left 1 measures 1 px: agrees just so. */
        assert_int_equal(free_space_check(&map, &right, &view, next_table()), more);
    }
}

/* What the right camera sees counts only where a measured left pixel says the same. */
static void free_space_needs_both_cameras(void **state)
{
    (void)state;
    /* The pixel that right 0 sees: left 0 at up to 7/16 px, left 1 from 8/16 on, which
     * measures nothing, and none left of the image. */
    expect_free_space(48, (int16_t[]){7, 16, N, 16, 16, 16, 16, N}, true);
    expect_free_space(48, (int16_t[]){8, 16, N, 16, 16, 16, 16, N}, false);
    expect_free_space(48, (int16_t[]){-8, 16, N, 16, 16, 16, 16, N}, true);
    expect_free_space(48, (int16_t[]){-9, 16, N, 16, 16, 16, 16, N}, false);
    struct image_view view = take_image(4, 1, 1);
    struct disparity_map right = map_of(4, 1, (int16_t[]){0, 16, 16, 0});
    const struct {
        int16_t first;
        uint8_t first_class, last_class;
        bool dropped;
    } cases[] = {
        {0, M, F, true},    {16, M, F, true}, {17, M, F, false}, /* 1 px apart at most */
        {-17, M, F, false}, {0, O, F, false},                    /* filled itself */
        {0, M, M, false},                                        /* measured: not asked */
        {0, M, O, true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct disparity_map map = map_of(4, 1, (int16_t[]){cases[i].first, 16, 16, 48});
        memcpy(view.pixels, (uint8_t[]){cases[i].first_class, M, M, cases[i].last_class},
               4);
        assert_int_equal(free_space_check(&map, &right, &view, next_table()),
                         cases[i].dropped);
        expect_map(&map, (int16_t[]){cases[i].first, 16, 16,
                                     cases[i].dropped ? (int16_t)N : (int16_t)48});
    }
}

/* In whichever part of a row a filled pixel lies. */
static void free_space_is_checked_along_the_whole_row(void **state)
{
    (void)state;
    enum { W = 75 };
    for (int at = 7; at < W; at++) {
        size_t mark = scratch_mark(&scratch);
        struct disparity_map map = take_map(W, 1), right = take_map(W, 1);
        struct image_view view = take_image(W, 1, 1);
        for (int x = 0; x < W; x++) {
            disparity_row(&map, 0)[x] = x == at ? 96 : 16;
            disparity_row(&right, 0)[x] = 16;
            view.pixels[x] = x == at ? F : M;
        }
        assert_int_equal(free_space_check(&map, &right, &view, next_table()), 1);
        for (int x = 0; x < W; x++)
            assert_int_equal(disparity_row(&map, 0)[x], x == at ? N : 16);
        scratch_rewind(&scratch, mark);
    }
}

/* The nearest value of the row in this direction. */
static int16_t plain_side(const int16_t *row, int x, int step, int width_px)
{
    while (x >= 0 && x < width_px && row[x] == N)
        x += step;
    return x >= 0 && x < width_px ? row[x] : (int16_t)N;
}

static void background_is_that_of_the_definition(void **state)
{
    (void)state;
    enum { W = 101, H = 40 };
    for (uint32_t holes = 1; holes < 10; holes += 4) {
        struct disparity_map map = random_map(W, H, 50, holes);
        int16_t before[H][W];
        for (int y = 0; y < H; y++) {
            disparity_row(&map, y)[y] = 77; /* no row is all holes */
            for (int x = 0; x < W - 40 && y % 2 == 0; x++)
                disparity_row(&map, y)[x] = disparity_row(&map, y)[x] == N
                                                ? (int16_t)5
                                                : disparity_row(&map, y)[x];
            memcpy(before[y], disparity_row(&map, y), sizeof(before[y]));
        }
        assert_true(fill_background(&map));
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                int16_t left = plain_side(before[y], x, -1, W);
                int16_t right = plain_side(before[y], x, 1, W);
                int16_t smaller = left < right ? left : right;
                int16_t larger = left < right ? right : left;
                assert_int_equal(disparity_row(&map, y)[x],
                                 smaller == N ? larger : smaller);
            }
    }
}

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

/* Rows of one value each, with a hole, and empty ones, which take the nearest: of two as
 * near the upper one. */
static void empty_rows_take_the_nearest(void **state)
{
    (void)state;
    enum { W = 5, H = 9 };
    for (unsigned filled = 1; filled < 1U << H; filled++) {
        size_t mark = scratch_mark(&scratch);
        struct disparity_map map = take_map(W, H);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++)
                disparity_row(&map, y)[x] =
                    (filled >> y & 1U) && x != y % W ? (int16_t)(16 + y) : (int16_t)N;
        assert_true(fill_background(&map));
        for (int y = 0; y < H; y++) {
            int nearest = -1;
            for (int other = 0; other < H; other++)
                if ((filled >> other & 1U) &&
                    (nearest < 0 || abs(other - y) < abs(nearest - y)))
                    nearest = other;
            for (int x = 0; x < W; x++)
                assert_int_equal(disparity_row(&map, y)[x], 16 + nearest);
        }
        scratch_rewind(&scratch, mark);
    }
    struct disparity_map narrow = map_of(1, 2, (int16_t[]){7, N});
    disparity_row(&narrow, 0)[1] = N; /* of the row's padding */
    assert_true(fill_background(&narrow));
    expect_map(&narrow, (int16_t[]){7, 7});
}

static int16_t value_on_the_way(const struct disparity_map *map, int x, int y, int dx,
                                int dy)
{
    for (x += dx, y += dy; x >= 0 && y >= 0 && x < map->width_px && y < map->height_px;
         x += dx, y += dy)
        if (disparity_row(map, y)[x] != N)
            return disparity_row(map, y)[x];
    return N;
}

static int16_t expected_fill(const struct disparity_map *map, int class, int x, int y)
{
    static const int dx[] = {-1, 1, 0, 0, -1, 1, -1, 1};
    static const int dy[] = {0, 0, -1, 1, -1, 1, 1, -1};
    int16_t found[8];
    int count = 0, directions = class == PIXEL_FILLED_OCCLUSION ? 2 : 8;
    for (int i = 0; i < directions; i++) {
        int16_t value = value_on_the_way(map, x, y, dx[i], dy[i]);
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
        assert_int_equal(
            fill_directions(&map, &classes, table_of((int)holes / 2), &scratch, NULL), 0);
        assert_int_equal(scratch.peak - before, fill_directions_bytes(W, H));
        for (int y = 0; y < H; y++)
            assert_memory_equal(disparity_row(&map, y), disparity_row(&expected, y),
                                W * sizeof(int16_t));
        scratch_rewind(&scratch, mark);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(fills_do_not_stand_before_what_the_right_camera_sees,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(free_space_begins_behind_two_pixels,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(free_space_needs_both_cameras, scratch_rewind_all),
        cmocka_unit_test_teardown(free_space_is_checked_along_the_whole_row,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(background_is_that_of_the_definition,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(background_is_the_smaller_side, scratch_rewind_all),
        cmocka_unit_test_teardown(empty_rows_take_the_nearest, scratch_rewind_all),
        cmocka_unit_test_teardown(directions_are_those_one_walks, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
