/* SPDX-License-Identifier: Apache-2.0 */
/* Segments against slow and plain versions of themselves. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(two_colours_are_two_segments, scratch_rewind_all),
        cmocka_unit_test_teardown(one_pixel_is_one_segment, scratch_rewind_all),
        cmocka_unit_test(flat_parts_are_those_of_a_flood),
        cmocka_unit_test_teardown(segments_are_those_of_plain_joins, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
