/* SPDX-License-Identifier: Apache-2.0 */
/* The edge features of every table against their definition, a pixel at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/number.h"
#include "refine/confidence_features.h"
#include "refine/row_kernels.h"
#include "support/refine_fixture.h"

enum {
    HEIGHT = 61,
    WIDTH_MAX = 203,
    REACH = 6,
    ACROSS = 24,
    SETTLED = 2,
    DROP = 32,
    NONE = 255,
    FIRST = FEATURE_EDGE_JUMP,
    KNOWN = FEATURE_COUNT - FIRST,
};

static const int widths[] = {1, 2, 5, 15, 16, 17, 31, 32, 33, 64, 97, WIDTH_MAX};
static const int step_x[] = {-1, 1, 0, 0}, step_y[] = {0, 0, -1, 1};
static const int back[] = {1, 0, 3, 2};

struct scene {
    struct disparity_map map;
    struct image_view classes, green;
    struct feature_input input;
};

static bool inside(const struct scene *scene, int x, int y)
{
    return x >= 0 && y >= 0 && x < scene->map.width_px && y < scene->map.height_px;
}

static bool measured(const struct scene *scene, int x, int y)
{
    return inside(scene, x, y) && image_row(&scene->classes, y)[x] == PIXEL_MEASURED;
}

static int value_at(const struct scene *scene, int x, int y)
{
    return disparity_row(&scene->map, y)[x];
}

/* Beyond the image its border repeats. */
static int green_at(const struct scene *scene, int x, int y)
{
    return image_row(
        &scene->green,
        clamp(y, 0, scene->map.height_px - 1))[clamp(x, 0, scene->map.width_px - 1)];
}

/* Of the nearest hole on a way; NONE where it is out of reach. */
static int hole_distance(const struct scene *scene, int x, int y, int way)
{
    for (int r = 1; r <= REACH; r++) {
        int at_x = x + step_x[way] * r, at_y = y + step_y[way] * r;
        if (inside(scene, at_x, at_y) && !measured(scene, at_x, at_y))
            return r;
    }
    return NONE;
}

/* The value behind the nearest hole on a way, two pixels farther where that is measured.
 */
static int value_beyond(const struct scene *scene, int x, int y, int way)
{
    int distance = hole_distance(scene, x, y, way), across = 0;
    if (distance == NONE)
        return DISPARITY_INVALID;
    x += step_x[way] * distance;
    y += step_y[way] * distance;
    while (inside(scene, x, y) && !measured(scene, x, y)) {
        x += step_x[way];
        y += step_y[way];
        across++;
    }
    if (!inside(scene, x, y) || (way == 3 && across > ACROSS))
        return DISPARITY_INVALID;
    int settled_x = x + step_x[way] * SETTLED, settled_y = y + step_y[way] * SETTLED;
    if (way == 2 && settled_y < 0)
        settled_y = 0; /* upward the first row is settled enough */
    return measured(scene, settled_x, settled_y) ? value_at(scene, settled_x, settled_y)
                                                 : value_at(scene, x, y);
}

struct edge {
    int way, distance, other;
};

/* The nearest; holes before drops, then in the order of the ways. */
static struct edge nearest_edge(const struct scene *scene, int x, int y)
{
    int value = value_at(scene, x, y);
    for (int r = 1; r <= REACH; r++) {
        for (int way = 0; way < EDGE_WAYS; way++) {
            int beyond = value_beyond(scene, x, y, way);
            if (hole_distance(scene, x, y, way) == r && beyond != DISPARITY_INVALID &&
                value - beyond > DROP)
                return (struct edge){way, r, beyond};
        }
        for (int way = 0; way < EDGE_WAYS; way++) {
            int at_x = x + step_x[way] * r, at_y = y + step_y[way] * r;
            if (!inside(scene, at_x, at_y))
                continue;
            int other = value_at(scene, at_x, at_y);
            if (other != DISPARITY_INVALID && value - other > DROP)
                return (struct edge){way, r, other};
        }
    }
    return (struct edge){0, NONE, 0};
}

static int nearest_rise(const struct scene *scene, int x, int y)
{
    for (int r = 1; r <= REACH; r++)
        for (int way = 0; way < EDGE_WAYS; way++) {
            int at_x = x + step_x[way] * r, at_y = y + step_y[way] * r;
            if (inside(scene, at_x, at_y) &&
                value_at(scene, at_x, at_y) - value_at(scene, x, y) > DROP)
                return r;
        }
    return NONE;
}

/* A hole or any lower value within the rim. */
static bool at_rim(const struct scene *scene, int x, int y)
{
    for (int r = 1; r <= EDGE_RIM_PX; r++)
        for (int way = 0; way < EDGE_WAYS; way++) {
            int at_x = x + step_x[way] * r, at_y = y + step_y[way] * r;
            if (!inside(scene, at_x, at_y))
                continue;
            int other = value_at(scene, at_x, at_y);
            if (!measured(scene, at_x, at_y) ||
                (other != DISPARITY_INVALID && value_at(scene, x, y) - other > DROP))
                return true;
        }
    return false;
}

/* Green on the way, `distance` off. */
static int on_line(const struct scene *scene, int x, int y, int way, int distance)
{
    return green_at(scene, x + step_x[way] * distance, y + step_y[way] * distance);
}

static int apart_from_mean(const struct scene *scene, int x, int y, int way, int first)
{
    int sum = 0;
    for (int i = 0; i < 3; i++)
        sum += on_line(scene, x, y, way, first + i);
    return abs(green_at(scene, x, y) - sum / 3);
}

static int largest_step(const struct scene *scene, int x, int y, int way, int count)
{
    int most = 0;
    for (int i = 1; i <= count; i++)
        most = maximum(
            most, abs(on_line(scene, x, y, way, i) - on_line(scene, x, y, way, i - 1)));
    return most;
}

static int jump_beyond(const struct scene *scene, int x, int y, int way)
{
    int beyond = value_beyond(scene, x, y, way);
    return beyond == DISPARITY_INVALID
               ? NONE
               : clamp(128 + (beyond - value_at(scene, x, y)) / 8, 1, 254);
}

/* What is known of a pixel, FEATURE_EDGE_JUMP first. */
static void define(const struct scene *scene, int x, int y, int known[KNOWN])
{
    const int none[KNOWN] = {0, NONE, 128, 0, 0, NONE, NONE, NONE};
    memcpy(known, none, sizeof(none));
    if (!measured(scene, x, y))
        return;
    known[FEATURE_EDGE_RISE - FIRST] = nearest_rise(scene, x, y);
    if (!at_rim(scene, x, y))
        return;
    known[FEATURE_BEYOND_UP - FIRST] = jump_beyond(scene, x, y, 2);
    known[FEATURE_BEYOND_DOWN - FIRST] = jump_beyond(scene, x, y, 3);
    struct edge edge = nearest_edge(scene, x, y);
    if (edge.distance == NONE)
        return;
    int far = apart_from_mean(scene, x, y, edge.way, edge.distance + 1);
    int near =
        apart_from_mean(scene, x, y, back[edge.way], maximum(7 - edge.distance, 2));
    known[FEATURE_EDGE_JUMP - FIRST] =
        minimum((value_at(scene, x, y) - edge.other) / 8, 255);
    known[FEATURE_EDGE_DISTANCE - FIRST] = edge.distance;
    known[FEATURE_EDGE_LIKENESS - FIRST] = 128 + (far - near) / 2;
    known[FEATURE_EDGE_OUTER - FIRST] =
        largest_step(scene, x, y, edge.way, edge.distance + 1);
    known[FEATURE_EDGE_INNER - FIRST] = largest_step(scene, x, y, back[edge.way], 5);
}

static int16_t any_value(void)
{
    static const int16_t steep[] = {DISPARITY_INVALID, -3000, 20000, 0};
    return next_random(8) == 0 ? steep[next_random(4)] : (int16_t)next_random(500);
}

/* Surfaces and holes of any size, and pixels that are neither. */
static void draw_scene(struct scene *scene, int width)
{
    static const uint8_t classes[] = {PIXEL_MEASURED, PIXEL_MEASURED,
                                      PIXEL_FILLED_MISMATCH, PIXEL_NONE};
    *scene = (struct scene){.map = take_map(width, HEIGHT),
                            .classes = take_image(width, HEIGHT, 1),
                            .green = take_image(width, HEIGHT, 1)};
    scene->input = (struct feature_input){.map = &scene->map,
                                          .classes = &scene->classes,
                                          .guide = &scene->green,
                                          .green = &scene->green};
    for (int y = 0; y < HEIGHT; y++)
        memset(image_row(&scene->classes, y), PIXEL_MEASURED, (size_t)width);
    for (int i = 0; i < 3 + width / 4; i++) {
        int left = (int)next_random((uint32_t)width), top = (int)next_random(HEIGHT);
        int right = minimum(left + 1 + (int)next_random(30), width);
        int bottom = minimum(top + 1 + (int)next_random(40), HEIGHT);
        int16_t value = any_value();
        uint8_t class = classes[value == DISPARITY_INVALID ? 3 : next_random(4)];
        uint8_t grey = (uint8_t)next_random(256);
        uint32_t noise = 1 + next_random(60);
        for (int y = top; y < bottom; y++)
            for (int x = left; x < right; x++) {
                disparity_row(&scene->map, y)[x] = value;
                image_row(&scene->classes, y)[x] = class;
                image_row(&scene->green, y)[x] = (uint8_t)(grey + next_random(noise));
            }
    }
}

static void expect_row(const struct scene *scene, int y, const struct feature_rows *rows)
{
    for (int x = 0; x < scene->map.width_px; x++) {
        int known[KNOWN];
        define(scene, x, y, known);
        for (int i = 0; i < KNOWN; i++)
            if (rows->features[FIRST + i][x] != known[i])
                fail_msg("feature %d at %d, %d of width %d: %d, not %d", FIRST + i, x, y,
                         scene->map.width_px, rows->features[FIRST + i][x], known[i]);
    }
}

static void edges_are_their_definition(void **state)
{
    (void)state;
    static const enum po_cpu_level levels[] = {PO_CPU_SCALAR, PO_CPU_SSE4, PO_CPU_AVX2};
    for (size_t i = 0; i < 3 * sizeof(widths) / sizeof(widths[0]); i++) {
        for (int level = 0; level < 3; level++) {
            struct scene scene;
            struct feature_rows rows;
            size_t mark = scratch_mark(&scratch);
            draw_scene(&scene, widths[i / 3]);
            assert_int_equal(feature_rows_take(&scratch, widths[i / 3], &rows, NULL), 0);
            for (int y = 0; y < HEIGHT; y++) {
                row_kernels_find(levels[level])
                    ->measure_features(&scene.input, 1U << FIRST, y, &rows);
                expect_row(&scene, y, &rows);
            }
            scratch_rewind(&scratch, mark);
        }
    }
}

/* A map read again from its first row, and rows that are asked for twice. */
static void rows_are_begun_again(void **state)
{
    (void)state;
    struct scene scene;
    struct feature_rows rows;
    draw_scene(&scene, WIDTH_MAX);
    assert_int_equal(feature_rows_take(&scratch, WIDTH_MAX, &rows, NULL), 0);
    for (int turn = 0; turn < 2; turn++)
        for (int y = 0; y < 20; y++) {
            row_kernels_find(PO_CPU_AUTO)
                ->measure_features(&scene.input, 3U << FIRST, y, &rows);
            expect_row(&scene, y, &rows);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_are_their_definition),
        cmocka_unit_test(rows_are_begun_again),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
