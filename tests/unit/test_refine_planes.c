/* SPDX-License-Identifier: Apache-2.0 */
/* Planes of segments: which are fitted, and what they fill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "refine/plane_tiles.h"
#include "refine/row_scan.h"
#include "support/refine_fixture.h"

enum { N = DISPARITY_INVALID };

static int16_t plane_value(int x, int y)
{
    return (int16_t)(320 + 3 * x - 2 * y);
}

/* How an image of one segment, of at least `min_area_px`, is filled from the range 0 to
 * 63 px where `share` of its values lie on a plane: how many pixels are. */
static uint64_t fill_planes(int shift, struct disparity_map *map,
                            struct image_view *classes, double share,
                            uint32_t min_area_px)
{
    struct image_view guide = take_image(map->width_px, map->height_px, 1);
    struct segmentation segmentation;
    uint64_t filled;
    assert_int_equal(segmentation_run(&guide, shift, &scratch, &segmentation, NULL), 0);
    size_t before = scratch.used;
    scratch.peak = before;
    assert_int_equal(plane_fill(map, classes,
                                &(struct plane_demand){&segmentation,
                                                       share,
                                                       min_area_px,
                                                       {0, 64},
                                                       row_kernels_find(PO_CPU_AUTO)},
                                &scratch, &filled, NULL),
                     0);
    assert_int_equal(scratch.peak - before,
                     plane_fill_bytes(map->width_px, map->height_px, shift));
    return filled;
}

static void holes_of_a_slanted_segment_are_on_its_plane(void **state)
{
    (void)state;
    enum { W = 60, H = 40 };
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
    uint64_t filled = fill_planes(1, &map, &classes, 0.5, 100);
    assert_int_equal(filled, 19 * 14);
    for (int y = 11; y < 25; y++)
        for (int x = 21; x < 40; x++) {
            int error = disparity_row(&map, y)[x] - plane_value(x, y);
            assert_in_range(error + 3, 0, 6);
            assert_int_equal(image_row(&classes, y)[x],
                             PIXEL_FILLED_MISMATCH | PIXEL_ON_PLANE);
        }
}

/* In a segment of one row of `measured` pixels at the right border: how many are filled.
 */
static uint64_t filled_by_few(int shift, int width, int height, int measured)
{
    size_t mark = scratch_mark(&scratch);
    struct image_view classes = take_image(width, height, 1);
    struct disparity_map map = take_map(width, height);
    for (int i = 0; i < width * height; i++) {
        bool is_measured = i / width == 2 && i % width >= width - measured;
        disparity_row(&map, i / width)[i % width] = is_measured ? 320 : N;
        image_row(&classes, i / width)[i % width] =
            is_measured ? PIXEL_MEASURED : PIXEL_FILLED_MISMATCH;
    }
    uint64_t filled = fill_planes(shift, &map, &classes, 0.05, 100);
    scratch_rewind(&scratch, mark);
    return filled;
}

/* In the smallest segment: 12 measured pixels make a plane, 11 do not, in images of any
 * size and segments of any. */
static void a_plane_needs_twelve_measured_pixels(void **state)
{
    (void)state;
    for (int shift = 0; shift <= 2; shift++)
        for (int width = 21; width <= 28; width++)
            for (int height = 5; height <= 6; height++) {
                assert_int_equal(filled_by_few(shift, width, height, 11), 0);
                assert_int_equal(filled_by_few(shift, width, height, 12),
                                 width * height - 12);
            }
}

/* A wall of one colour with marks on it, `off` of a hundred of them off its plane: how
 * much of it is filled. */
static uint64_t wall_filled(int marks, int off)
{
    enum { W = 100, H = 100 };
    size_t mark = scratch_mark(&scratch);
    struct image_view classes = take_image(W, H, 1);
    struct disparity_map map = take_map(W, H);
    for (int i = 0; i < W * H; i++)
        disparity_row(&map, i / W)[i % W] = N;
    for (int i = 0; i < marks; i++) {
        int at = i * (W * H / marks);
        disparity_row(&map, at / W)[at % W] =
            i * 37 % 100 < off ? (int16_t)(40 * (i % 23)) : 320;
    }
    uint64_t filled = fill_planes(1, &map, &classes, 0.5, 100);
    scratch_rewind(&scratch, mark);
    return filled;
}

/* A tenth of a segment has to lie on its plane; three in a hundred pixels do where nearly
 * all that is measured agrees. */
static void few_marks_carry_a_wall_when_they_agree(void **state)
{
    (void)state;
    assert_int_equal(wall_filled(1250, 20), 100 * 100 - 1250);
    assert_int_equal(wall_filled(1000, 20), 0);
    assert_int_equal(wall_filled(500, 20), 0);
    assert_int_equal(wall_filled(500, 5), 100 * 100 - 500);
    assert_int_equal(wall_filled(500, 0), 100 * 100 - 500);
    assert_int_equal(wall_filled(250, 0), 0);
}

/* A wall of which 38 in a hundred measured pixels hold, `second` lie on another plane and
 * the others anywhere: how much of its hole is filled. */
static uint64_t bare_wall_filled(int second)
{
    enum { W = 60, H = 60, HOLE_FROM = 50 };
    size_t mark = scratch_mark(&scratch);
    struct image_view classes = take_image(W, H, 1);
    struct disparity_map map = take_map(W, H);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            int kind = (int)next_random(100);
            int value = kind < 38            ? plane_value(x, y)
                        : kind < 38 + second ? 700 - 2 * x
                                             : (int)next_random(1000);
            disparity_row(&map, y)[x] = x < HOLE_FROM ? (int16_t)value : (int16_t)N;
        }
    uint64_t filled = fill_planes(1, &map, &classes, 0.5, 100);
    scratch_rewind(&scratch, mark);
    return filled;
}

/* Three in ten of what is measured carry a plane when the others agree on nothing. */
static void chance_matches_do_not_outvote_a_plane(void **state)
{
    (void)state;
    assert_true(bare_wall_filled(0) > 200); /* beside pixels on it */
    assert_int_equal(bare_wall_filled(25), 0);
    assert_int_equal(bare_wall_filled(35), 0);
}

/* What another pass filled is filled again where this pass's plane lies farther. */
static void the_farther_of_two_planes_fills(void **state)
{
    (void)state;
    enum { W = 40, H = 25, SIDE = 4 };
    enum { MEASURED, NEARER, FARTHER, HOLE };
    static const int offs[] = {0, 80, -80, 0}, expected[] = {0, 0, -80, 0};
    struct image_view classes = take_image(W, H, 1);
    struct disparity_map map = take_map(W, H);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            int part = x / SIDE < 4 ? x / SIDE : MEASURED;
            disparity_row(&map, y)[x] =
                part == HOLE ? (int16_t)N : (int16_t)(plane_value(x, y) + offs[part]);
            image_row(&classes, y)[x] = part == MEASURED ? PIXEL_MEASURED
                                        : part == HOLE
                                            ? PIXEL_FILLED_MISMATCH
                                            : PIXEL_FILLED_OCCLUSION | PIXEL_ON_PLANE;
        }
    assert_int_equal(fill_planes(1, &map, &classes, 0.5, 100), SIDE * H);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < 4 * SIDE; x++) {
            int right = plane_value(x, y) + expected[x / SIDE];
            assert_in_range(disparity_row(&map, y)[x] - right + 1, 0, 2);
        }
}

/* Whether a slanted wall gets its plane: of its measured pixels 42 in a hundred hold
 * anything, and the others are up to 1.4 px off. */
static bool noisy_wall_is_filled(void)
{
    enum { W = 60, H = 60, HOLE_FROM = 50 };
    struct image_view classes = take_image(W, H, 1);
    struct disparity_map map = take_map(W, H);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            int noisy = plane_value(x, y) + (int)next_random(45) - 22;
            int value = next_random(100) < 42 ? (int)next_random(1000) : noisy;
            disparity_row(&map, y)[x] = x < HOLE_FROM ? (int16_t)value : (int16_t)N;
        }
    return fill_planes(1, &map, &classes, 0.33, 100) > 0;
}

/* A draw of three pixels has their noise; what grows from several of them has not. */
static void a_plane_gathers_all_that_lie_on_it(void **state)
{
    (void)state;
    int filled = 0;
    random_state = 1;
    for (int round = 0; round < 200; round++) {
        size_t mark = scratch_mark(&scratch);
        filled += noisy_wall_is_filled();
        scratch_rewind(&scratch, mark);
    }
    /* 102; by the best draw alone 61, by what grows from it 69. */
    assert_in_range(filled, 85, 200);
}

/* The whole image is one segment. */
static void a_segment_below_the_smallest_area_is_left(void **state)
{
    (void)state;
    enum { W = 40, H = 25 };
    static const uint32_t areas[] = {W * H, W * H + 1};
    for (int i = 0; i < 2; i++) {
        struct image_view classes = take_image(W, H, 1);
        struct disparity_map map = take_map(W, H);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++)
                disparity_row(&map, y)[x] = x < 30 ? plane_value(x, y) : (int16_t)N;
        uint64_t filled = fill_planes(1, &map, &classes, 0.5, areas[i]);
        assert_int_equal(filled, i == 0 ? 10 * H : 0);
    }
}

/* One segment over two surfaces, so that the plane of the larger one is doubtful: of the
 * holes within the other surface only those are on the plane that have it on one of their
 * four sides. */
static void a_doubtful_plane_holds_beside_its_own_pixels(void **state)
{
    (void)state;
    enum { W = 120, H = 100, HOLE = 6, HOLES = 5, OTHER_X = 70, OFF = 100 };
    static const int sides[HOLES][2] = {{0, 0}, {-1, 0}, {1, 0}, {0, -1}, {0, 1}};
    struct image_view classes = take_image(W, H, 1);
    struct disparity_map map = take_map(W, H);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            disparity_row(&map, y)[x] =
                (int16_t)(plane_value(x, y) + (x < OTHER_X ? 0 : OFF));
            image_row(&classes, y)[x] = PIXEL_MEASURED;
        }
    for (int i = 0; i < HOLES; i++)
        for (int dy = 0; dy < HOLE; dy++)
            for (int dx = 0; dx < HOLE; dx++) {
                int x = 80 + dx, y = 20 + 16 * i + dy;
                int side_x = x + HOLE * sides[i][0], side_y = y + HOLE * sides[i][1];
                disparity_row(&map, side_y)[side_x] = plane_value(side_x, side_y);
                disparity_row(&map, y)[x] = N;
                image_row(&classes, y)[x] = PIXEL_FILLED_MISMATCH;
            }
    assert_int_equal(fill_planes(2, &map, &classes, 0.5, 100), (HOLES - 1) * HOLE * HOLE);
    for (int i = 0; i < HOLES; i++) {
        int y = 20 + 16 * i;
        int16_t value = disparity_row(&map, y)[80];
        assert_int_equal(image_row(&classes, y)[80],
                         PIXEL_FILLED_MISMATCH | (i == 0 ? 0 : PIXEL_ON_PLANE));
        if (i == 0)
            assert_int_equal(value, N);
        else
            assert_in_range(value - plane_value(80, y) + 3, 0, 6);
    }
}

/* Three tiles: one without holes, and a hole that a border cuts. */
static void a_hole_across_tiles_is_filled_whole(void **state)
{
    (void)state;
    enum { W = 900, H = 30, BORDER = 300 };
    for (int shift = 0; shift < 2; shift++) {
        size_t before = scratch_mark(&scratch);
        struct image_view guide = take_image(W, H, 3);
        struct image_view classes = take_image(W, H, 1);
        struct disparity_map map = take_map(W, H);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                bool hole = x >= BORDER - 20 && x < BORDER + 20 && y > 10 && y < 20;
                disparity_row(&map, y)[x] = (int16_t)(hole ? N : 320 + x / 2);
                image_row(&classes, y)[x] = hole ? PIXEL_FILLED_MISMATCH : PIXEL_MEASURED;
            }
        uint64_t filled = 7;
        size_t mark = scratch.used;
        scratch.peak = mark;
        assert_int_equal(
            plane_tiles_fill(&(struct plane_job){&map,
                                                 &classes,
                                                 &guide,
                                                 {0, 64},
                                                 shift,
                                                 0.6,
                                                 100,
                                                 row_kernels_find(PO_CPU_AUTO)},
                             &scratch, &filled, NULL),
            0);
        assert_int_equal(filled, 40 * 9);
        assert_int_equal(scratch.peak - mark, plane_tiles_bytes(W, H, 3, shift));
        assert_int_equal(scratch.used, mark);
        for (int x = BORDER - 20; x < BORDER + 20; x++) {
            int error = disparity_row(&map, 15)[x] - (320 + x / 2);
            assert_in_range(error + 2, 0, 4);
            assert_int_equal(image_row(&classes, 15)[x],
                             PIXEL_FILLED_MISMATCH | PIXEL_ON_PLANE);
        }
        scratch_rewind(&scratch, before);
    }
}

static void noise_is_no_plane(void **state)
{
    (void)state;
    enum { W = 60, H = 40 };
    struct image_view classes = take_image(W, H, 1);
    struct disparity_map map = random_map(W, H, 3000, 3);
    assert_int_equal(fill_planes(0, &map, &classes, 0.5, 100), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(holes_of_a_slanted_segment_are_on_its_plane,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(a_plane_needs_twelve_measured_pixels,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(a_plane_gathers_all_that_lie_on_it, scratch_rewind_all),
        cmocka_unit_test_teardown(chance_matches_do_not_outvote_a_plane,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(the_farther_of_two_planes_fills, scratch_rewind_all),
        cmocka_unit_test_teardown(few_marks_carry_a_wall_when_they_agree,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(a_segment_below_the_smallest_area_is_left,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(a_doubtful_plane_holds_beside_its_own_pixels,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(a_hole_across_tiles_is_filled_whole,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(noise_is_no_plane, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
