/* SPDX-License-Identifier: Apache-2.0 */
/* Segments and their planes, against slow and plain versions of themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "refine/flat_parts.h"
#include "refine/plane_tiles.h"
#include "refine/row_scan.h"
#include "support/refine_fixture.h"

enum { N = DISPARITY_INVALID };

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

/* ---- segments against equations 4 and 5, edge by edge ------------------------------ */

enum { PLAIN_W = 40, PLAIN_H = 30, PLAIN_N = PLAIN_W * PLAIN_H };

struct plain_graph {
    int segment[PLAIN_N]; /* the first pixel of it */
    int size[PLAIN_N];
    int heaviest[PLAIN_N];
};

static void plain_join(struct plain_graph *graph, int a, int b, int weight)
{
    int from = a < b ? b : a, to = a < b ? a : b;
    for (int i = 0; i < PLAIN_N; i++)
        if (graph->segment[i] == from)
            graph->segment[i] = to;
    graph->size[to] += graph->size[from];
    graph->heaviest[to] = weight;
}

/* One pass over the edges of this weight: by rows, those along a row first. */
static void plain_pass(struct plain_graph *graph, const uint8_t *grey, int weight,
                       bool small)
{
    for (int k = 0; k < 2 * PLAIN_N; k++) {
        int y = k / (2 * PLAIN_W), x = k % PLAIN_W;
        bool down = k % (2 * PLAIN_W) >= PLAIN_W;
        if (down ? y + 1 == PLAIN_H : x + 1 == PLAIN_W)
            continue;
        int i = y * PLAIN_W + x, j = i + (down ? PLAIN_W : 1);
        int step = abs(grey[i] - grey[j]);
        int a = graph->segment[i], b = graph->segment[j];
        if ((step > 1 ? step - 1 : 0) != weight || a == b)
            continue;
        bool joins = weight <= graph->heaviest[a] + 400 / graph->size[a] &&
                     weight <= graph->heaviest[b] + 400 / graph->size[b];
        if (small ? graph->size[a] < 20 || graph->size[b] < 20 : joins)
            plain_join(graph, a, b, weight);
    }
}

static void segments_are_those_of_plain_joins(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        size_t mark = scratch_mark(&scratch);
        struct image_view guide = take_image(2 * PLAIN_W, 2 * PLAIN_H, 1);
        struct plain_graph graph;
        uint8_t grey[PLAIN_N];
        for (int i = 0; i < PLAIN_N; i++) {
            int x = i % PLAIN_W, y = i / PLAIN_W;
            grey[i] = (uint8_t)(100 + 9 * (x / 11) + 5 * (y / 7) +
                                (int)next_random(2 + (unsigned)round));
            graph.segment[i] = i;
            graph.size[i] = 1;
            graph.heaviest[i] = 0;
            for (int k = 0; k < 4; k++)
                image_row(&guide, 2 * y + k / 2)[2 * x + k % 2] = grey[i];
        }
        for (int weight = 0; weight < 255; weight++)
            plain_pass(&graph, grey, weight, false);
        for (int weight = 0; weight < 255; weight++)
            plain_pass(&graph, grey, weight, true);
        struct segmentation segmentation;
        assert_int_equal(segmentation_run(&guide, 1, &scratch, &segmentation, NULL), 0);
        int numbers[PLAIN_N] = {0}, count = 0;
        for (int i = 0; i < PLAIN_N; i++) {
            int *number = &numbers[graph.segment[i]];
            *number = *number == 0 ? ++count : *number;
            assert_int_equal(segmentation.labels[i], *number - 1);
        }
        assert_int_equal(segmentation.count, count);
        scratch_rewind(&scratch, mark);
    }
}

/* Each pixel gets the least number among its flat neighbours until none changes. */
static void plain_parts(const struct flat_parts *parts, int *numbers)
{
    int width = parts->width_px;
    bool changed = true;
    for (int i = 0; i < PLAIN_N; i++)
        numbers[i] = i;
    while (changed) {
        changed = false;
        for (int k = 0; k < 2 * PLAIN_N; k++) {
            int i = k / 2, x = i % width, y = i / width;
            bool down = k % 2 == 1;
            int other = down ? i + width : i + 1;
            if (down ? y + 1 == parts->height_px : x + 1 == width)
                continue;
            if ((down ? parts->down[i] : parts->right[i]) > parts->flat_step ||
                numbers[i] == numbers[other])
                continue;
            int least = numbers[i] < numbers[other] ? numbers[i] : numbers[other];
            numbers[i] = numbers[other] = least;
            changed = true;
        }
    }
}

/* Half of the steps are flat: parts of all shapes, numbered as they begin. */
static void flat_parts_are_those_of_a_flood(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        uint8_t right[PLAIN_N], down[PLAIN_N], marks[PLAIN_W + ROW_SCAN_PAD];
        uint32_t links[PLAIN_N], sizes[PLAIN_N];
        int32_t labels[PLAIN_N];
        int numbers[PLAIN_N], count = 0;
        const struct flat_parts parts = {.width_px = PLAIN_W,
                                         .height_px = PLAIN_H,
                                         .flat_step = 1,
                                         .right = right,
                                         .down = down,
                                         .marks = marks,
                                         .links = links};
        for (int i = 0; i < PLAIN_N; i++) {
            right[i] = (uint8_t)next_random(4);
            down[i] = (uint8_t)next_random(4);
        }
        plain_parts(&parts, numbers);
        flat_parts_join(&parts);
        uint32_t found = flat_parts_label(&parts, labels, sizes);
        uint32_t counted[PLAIN_N] = {0};
        for (int i = 0; i < PLAIN_N; i++) {
            int32_t label = numbers[i] == i ? count++ : labels[numbers[i]];
            assert_int_equal(labels[i], label);
            counted[label]++;
        }
        assert_int_equal(found, count);
        assert_memory_equal(sizes, counted, found * sizeof(uint32_t));
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
    assert_int_equal(plane_fill(&map, &classes,
                                &(struct plane_demand){&segmentation, 0.5, 100, range,
                                                       row_kernels_find(PO_CPU_AUTO)},
                                &scratch, &filled, NULL),
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

/* In the smallest segment: 12 measured pixels make a plane, 11 do not. */
static void a_plane_needs_twelve_measured_pixels(void **state)
{
    (void)state;
    enum { W = 25, H = 4 };
    static const int counts[] = {11, 12};
    for (int c = 0; c < 2; c++) {
        struct image_view guide = take_image(W, H, 1);
        struct image_view classes = take_image(W, H, 1);
        struct disparity_map map = take_map(W, H);
        for (int i = 0; i < W * H; i++) {
            bool measured = i / W == 2 && i % W < counts[c];
            disparity_row(&map, i / W)[i % W] = measured ? 320 : N;
            image_row(&classes, i / W)[i % W] =
                measured ? PIXEL_MEASURED : PIXEL_FILLED_MISMATCH;
        }
        struct segmentation segmentation;
        uint64_t filled;
        struct disparity_range range = {0, 64};
        assert_int_equal(segmentation_run(&guide, 1, &scratch, &segmentation, NULL), 0);
        assert_int_equal(
            plane_fill(&map, &classes,
                       &(struct plane_demand){&segmentation, 0.05, 100, range,
                                              row_kernels_find(PO_CPU_AUTO)},
                       &scratch, &filled, NULL),
            0);
        assert_int_equal(filled, counts[c] < 12 ? 0 : W * H - 12);
    }
}

/* A wall of one colour with marks on it, `off` of a hundred of them off its plane: how
 * much of it is filled. */
static uint64_t wall_filled(int marks, int off)
{
    enum { W = 100, H = 100 };
    size_t mark = scratch_mark(&scratch);
    struct image_view guide = take_image(W, H, 1);
    struct image_view classes = take_image(W, H, 1);
    struct disparity_map map = take_map(W, H);
    for (int i = 0; i < W * H; i++)
        disparity_row(&map, i / W)[i % W] = N;
    for (int i = 0; i < marks; i++) {
        int at = i * (W * H / marks);
        disparity_row(&map, at / W)[at % W] =
            i * 37 % 100 < off ? (int16_t)(40 * (i % 23)) : 320;
    }
    struct segmentation segmentation;
    uint64_t filled;
    const struct disparity_range range = {0, 64};
    assert_int_equal(segmentation_run(&guide, 1, &scratch, &segmentation, NULL), 0);
    assert_int_equal(plane_fill(&map, &classes,
                                &(struct plane_demand){&segmentation, 0.5, 100, range,
                                                       row_kernels_find(PO_CPU_AUTO)},
                                &scratch, &filled, NULL),
                     0);
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

/* The whole image is one segment. */
static void a_segment_below_the_smallest_area_is_left(void **state)
{
    (void)state;
    enum { W = 40, H = 25 };
    static const uint32_t areas[] = {W * H, W * H + 1};
    for (int i = 0; i < 2; i++) {
        struct image_view guide = take_image(W, H, 1);
        struct image_view classes = take_image(W, H, 1);
        struct disparity_map map = take_map(W, H);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++)
                disparity_row(&map, y)[x] = x < 30 ? plane_value(x, y) : (int16_t)N;
        struct segmentation segmentation;
        uint64_t filled;
        const struct disparity_range range = {0, 64};
        assert_int_equal(segmentation_run(&guide, 1, &scratch, &segmentation, NULL), 0);
        assert_int_equal(
            plane_fill(&map, &classes,
                       &(struct plane_demand){&segmentation, 0.5, areas[i], range,
                                              row_kernels_find(PO_CPU_AUTO)},
                       &scratch, &filled, NULL),
            0);
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
    struct image_view guide = take_image(W, H, 1);
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
    struct segmentation segmentation;
    uint64_t filled;
    const struct disparity_range range = {0, 64};
    assert_int_equal(segmentation_run(&guide, 2, &scratch, &segmentation, NULL), 0);
    assert_int_equal(plane_fill(&map, &classes,
                                &(struct plane_demand){&segmentation, 0.5, 100, range,
                                                       row_kernels_find(PO_CPU_AUTO)},
                                &scratch, &filled, NULL),
                     0);
    assert_int_equal(filled, (HOLES - 1) * HOLE * HOLE);
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
    struct image_view guide = take_image(W, H, 1);
    struct image_view classes = take_image(W, H, 1);
    struct disparity_map map = random_map(W, H, 3000, 3);
    struct segmentation segmentation;
    uint64_t filled;
    struct disparity_range range = {0, 256};
    assert_int_equal(segmentation_run(&guide, 0, &scratch, &segmentation, NULL), 0);
    assert_int_equal(plane_fill(&map, &classes,
                                &(struct plane_demand){&segmentation, 0.5, 100, range,
                                                       row_kernels_find(PO_CPU_AUTO)},
                                &scratch, &filled, NULL),
                     0);
    assert_int_equal(filled, 0);
}

/* ---- medians --------------------------------------------------------------------- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(two_colours_are_two_segments, scratch_rewind_all),
        cmocka_unit_test_teardown(one_pixel_is_one_segment, scratch_rewind_all),
        cmocka_unit_test_teardown(holes_of_a_slanted_segment_are_on_its_plane,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(a_plane_needs_twelve_measured_pixels,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(few_marks_carry_a_wall_when_they_agree,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(a_segment_below_the_smallest_area_is_left,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(a_doubtful_plane_holds_beside_its_own_pixels,
                                  scratch_rewind_all),
        cmocka_unit_test(flat_parts_are_those_of_a_flood),
        cmocka_unit_test_teardown(segments_are_those_of_plain_joins, scratch_rewind_all),
        cmocka_unit_test_teardown(a_hole_across_tiles_is_filled_whole,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(noise_is_no_plane, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
