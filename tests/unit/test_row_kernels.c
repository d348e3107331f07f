/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of refinement: what they mean, and that every table of them gives the same
 * bytes, on maps of odd sizes with holes and steps. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/number.h"
#include "refine/colour_steps.h"
#include "refine/confidence_features.h"
#include "refine/steps.h"
#include "support/refine_fixture.h"

enum { HEIGHT = 27, WIDTH_MAX = 517, ALL = (1 << FEATURE_COUNT) - 1 };

static const int widths[] = {1, 2, 3, 7, 31, 64, 129, 130, WIDTH_MAX};

enum { WIDTHS = sizeof(widths) / sizeof(widths[0]) };

struct scene {
    struct disparity_map map, work;
    struct image_view classes, guide, green, scores;
    struct match_output match;
    struct surface_support support;
    struct feature_input input;
};

static int16_t any_value(void)
{
    static const int16_t steep[] = {DISPARITY_INVALID, INT16_MIN + 1, INT16_MAX, 0};
    uint32_t kind = next_random(8);
    return kind < 2 ? steep[next_random(4)]
                    : (int16_t)(300 + (int)next_random(kind < 5 ? 30 : 600));
}

static void fill_scene(struct scene *scene, int width, int channels)
{
    static const uint8_t classes[] = {PIXEL_NONE,
                                      PIXEL_MEASURED,
                                      PIXEL_MEASURED,
                                      PIXEL_FILLED_OCCLUSION,
                                      PIXEL_FILLED_MISMATCH,
                                      PIXEL_ON_PLANE | PIXEL_FILLED_MISMATCH};
    *scene =
        (struct scene){.map = take_map(width, HEIGHT), .work = take_map(width, HEIGHT)};
    scene->classes = take_image(width, HEIGHT, 1);
    scene->guide = take_image(width, HEIGHT, channels);
    scene->green = take_image(width, HEIGHT, 1);
    scene->scores = take_image(width, HEIGHT, 1);
    scene->support.width_px = (width + 1) / 2;
    scene->support.height_px = (HEIGHT + 1) / 2;
    int halves = scene->support.width_px * scene->support.height_px;
    scene->support.weights = scratch_take_array(&scratch, (size_t)halves, 1);
    scene->support.below = scratch_take_array(&scratch, (size_t)halves, sizeof(int16_t));
    scene->support.above = scratch_take_array(&scratch, (size_t)halves, sizeof(int16_t));
    for (int i = 0; i < halves; i++) {
        bool none = next_random(9) == 0;
        scene->support.weights[i] = (uint8_t)next_random(256);
        scene->support.below[i] =
            none ? (int16_t)DISPARITY_INVALID : (int16_t)next_random(900);
        scene->support.above[i] =
            (int16_t)(scene->support.below[i] + (none ? 0 : (int)next_random(2)));
    }
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < width; x++) {
            disparity_row(&scene->map, y)[x] = any_value();
            disparity_row(&scene->work, y)[x] = any_value();
            image_row(&scene->classes, y)[x] = classes[next_random(6)];
            image_row(&scene->scores, y)[x] = (uint8_t)next_random(256);
            for (int c = 0; c < channels; c++)
                image_row(&scene->guide, y)[x * channels + c] = (uint8_t)next_random(256);
        }
    scene->input = (struct feature_input){
        &scene->map,     &scene->work,
        &scene->classes, &scene->match,
        &scene->guide,   &scene->support,
        &scene->scores,  channels == 3 ? &scene->green : &scene->guide};
}

static int bounded(int value)
{
    return value < 255 ? value : 255;
}

/* Pixels from x on in direction `way` without a step above 1 px. */
static int run_of(const int16_t *row, int width, int x, int way)
{
    int run = 0;
    while (x + way >= 0 && x + way < width &&
           abs((int16_t)(row[x] - row[x + way])) <= 16) { /* differences may wrap */
        run++;
        x += way;
    }
    return bounded(run);
}

static int span_of(const struct disparity_map *map, int x, int y)
{
    int low = INT16_MAX, high = INT16_MIN;
    for (int at_y = y - 1; at_y <= y + 1; at_y++)
        for (int at_x = x - 1; at_x <= x + 1; at_x++) {
            if (at_x < 0 || at_x >= map->width_px || at_y < 0 || at_y >= map->height_px)
                continue;
            int value = disparity_row(map, at_y)[at_x];
            high = value > high ? value : high;
            low = value != DISPARITY_INVALID && value < low ? value : low;
        }
    return bounded((uint16_t)(high - low));
}

/* Of eight pixels `radius` away, those within 1.5 px; differences may wrap. */
static int ring_of(const struct disparity_map *map, int x, int y, int radius)
{
    int near = 0, diagonal = (radius * 7 + 5) / 10;
    for (int way_y = -1; way_y <= 1; way_y++)
        for (int way_x = -1; way_x <= 1; way_x++) {
            int reach = way_x != 0 && way_y != 0 ? diagonal : radius;
            int at_x = x + way_x * reach, at_y = y + way_y * reach;
            if ((way_x == 0 && way_y == 0) || at_x < 0 || at_x >= map->width_px ||
                at_y < 0 || at_y >= map->height_px)
                continue;
            int16_t apart =
                (int16_t)(disparity_row(map, at_y)[at_x] - disparity_row(map, y)[x]);
            near += abs(apart) <= 24;
        }
    return near;
}

/* Measured pixels among 9x9. */
static int measured_of(const struct image_view *classes, int x, int y)
{
    int measured = 0;
    for (int at_y = y - 4; at_y <= y + 4; at_y++)
        for (int at_x = x - 4; at_x <= x + 4; at_x++)
            measured += at_x >= 0 && at_x < classes->width_px && at_y >= 0 &&
                        at_y < classes->height_px &&
                        image_row(classes, at_y)[at_x] == PIXEL_MEASURED;
    return measured;
}

/* Features whose loops are not what one would write down. */
static void check_meaning(const struct scene *scene, int y,
                          const struct feature_rows *rows)
{
    int width = scene->map.width_px, channels = scene->guide.channels;
    const uint8_t *guide = image_row(&scene->guide, y) + (channels == 3 ? 1 : 0);
    for (int x = 0; x < width; x++) {
        ptrdiff_t half = (ptrdiff_t)(y / 2) * scene->support.width_px + x / 2;
        int below = scene->support.below[half], above = scene->support.above[half];
        int after = disparity_row(&scene->map, y)[x];
        int before = disparity_row(&scene->work, y)[x];
        int residual = after > below ? after - above : below - after;
        int texture = 0;
        for (ptrdiff_t at = x - 2; at <= x + 2; at++)
            if (at > 0 && at < width - 1) {
                int step = abs(guide[(at - 1) * channels] - guide[(at + 1) * channels]);
                texture = step > texture ? step : texture;
            }
        assert_int_equal(rows->features[FEATURE_WEIGHT][x], scene->support.weights[half]);
        assert_int_equal(rows->features[FEATURE_RESIDUAL][x], bounded(residual));
        assert_int_equal(rows->features[FEATURE_SMOOTHED][x],
                         bounded(abs(after - before)));
        assert_int_equal(rows->features[FEATURE_TEXTURE][x], texture);
        assert_int_equal(rows->features[FEATURE_SPAN][x], span_of(&scene->map, x, y));
        assert_int_equal(rows->features[FEATURE_MEASURED][x],
                         measured_of(&scene->classes, x, y));
        const int16_t *row = disparity_row(&scene->map, y);
        if (row[x] >= 300 && row[x] < 900) { /* no disparity lies near a hole */
            assert_int_equal(rows->features[FEATURE_RING_4][x],
                             ring_of(&scene->map, x, y, 4));
            assert_int_equal(rows->features[FEATURE_RING_10][x],
                             ring_of(&scene->map, x, y, 10));
            assert_int_equal(rows->features[FEATURE_RING_24][x],
                             ring_of(&scene->map, x, y, 24));
        }
        assert_int_equal(rows->features[FEATURE_RUN_LEFT][x], run_of(row, width, x, -1));
        assert_int_equal(rows->features[FEATURE_RUN_RIGHT][x], run_of(row, width, x, 1));
    }
}

static void features_mean_the_same_in_every_table(void **state)
{
    (void)state;
    for (int i = 0; i < 4 * WIDTHS; i++) {
        const struct row_kernels *best =
            row_kernels_find(i < 2 * WIDTHS ? PO_CPU_AUTO : PO_CPU_SSE4);
        struct scene scene;
        struct feature_rows plain, other;
        size_t mark = scratch_mark(&scratch);
        fill_scene(&scene, widths[i / 2 % WIDTHS], i % 2 == 0 ? 1 : 3);
        size_t width = (size_t)widths[i / 2 % WIDTHS];
        assert_int_equal(feature_rows_take(&scratch, (int)width, &plain, NULL), 0);
        assert_int_equal(feature_rows_take(&scratch, (int)width, &other, NULL), 0);
        for (int y = 0; y < HEIGHT; y++)
            (i % 4 < 2 ? best : &row_kernels_plain)
                ->green_row(image_row(&scene.guide, y), (int)width,
                            image_row(&scene.green, y));
        for (int y = 0; y < HEIGHT; y++) {
            row_kernels_plain.measure_features(&scene.input, ALL, y, &plain);
            best->measure_features(&scene.input, ALL, y, &other);
            check_meaning(&scene, y, &plain);
            for (int k = 0; k < FEATURE_COUNT; k++)
                assert_memory_equal(plain.features[k], other.features[k], width);
        }
        scratch_rewind(&scratch, mark);
    }
}

static void medians_are_the_same_in_every_table(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * WIDTHS; i++) {
        struct scene scene;
        size_t mark = scratch_mark(&scratch);
        fill_scene(&scene, widths[i / 2], i % 2 == 0 ? 1 : 3);
        struct disparity_map targets[3];
        const struct row_kernels *tables[] = {&row_kernels_plain,
                                              row_kernels_find(PO_CPU_SSE4),
                                              row_kernels_find(PO_CPU_AUTO)};
        for (int k = 0; k < 3; k++) {
            struct row_tally visited = {0, HEIGHT, 0};
            targets[k] = take_map(widths[i / 2], HEIGHT);
            assert_int_equal(
                weighted_median(&(struct median_views){&scene.map, &scene.classes,
                                                       &scene.guide, tables[k]},
                                1 + i / 2 % 2, &scratch, &targets[k], &visited, NULL),
                0);
        }
        for (int k = 1; k < 3; k++)
            for (int y = 0; y < HEIGHT; y++)
                assert_memory_equal(disparity_row(&targets[0], y),
                                    disparity_row(&targets[k], y),
                                    (size_t)widths[i / 2] * sizeof(int16_t));
        scratch_rewind(&scratch, mark);
    }
}

static void a_step_of_colour_is_the_largest_of_channels(void **state)
{
    (void)state;
    static uint8_t a[3 * WIDTH_MAX], b[3 * WIDTH_MAX], steps[WIDTH_MAX + 1];
    for (int i = 0; i < 3 * WIDTH_MAX; i++) {
        a[i] = (uint8_t)next_random(256);
        b[i] = (uint8_t)next_random(256);
    }
    for (int i = 0; i < WIDTHS; i++)
        for (int channels = 1; channels <= 3; channels += 2) {
            steps[widths[i]] = 77;
            colour_steps(a, b, widths[i], channels, steps);
            for (int x = 0; x < widths[i]; x++) {
                int largest = 0;
                for (int c = 0; c < channels; c++) {
                    int step = abs(a[x * channels + c] - b[x * channels + c]);
                    largest = step > largest ? step : largest;
                }
                assert_int_equal(steps[x], largest);
            }
            assert_int_equal(steps[widths[i]], 77);
        }
}

/* The definition: a value stays where the right map's, at the nearest pixel of its match,
 * differs by at most the bound. */
static void the_left_right_check_is_its_definition(void **state)
{
    (void)state;
    enum { BOUND = 24 };
    for (int i = 0; i < WIDTHS; i++) {
        int width = widths[i];
        uint64_t dropped = 0;
        size_t mark = scratch_mark(&scratch);
        struct disparity_map map = take_map(width, HEIGHT),
                             right = take_map(width, HEIGHT);
        struct disparity_map expected = take_map(width, HEIGHT);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < width; x++) {
                bool odd = next_random(5) == 0;
                disparity_row(&right, y)[x] =
                    odd ? any_value() : (int16_t)(160 + (int)next_random(40));
                disparity_row(&map, y)[x] =
                    odd ? any_value() : (int16_t)(160 + (int)next_random(40));
            }
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < width; x++) {
                int value = disparity_row(&map, y)[x];
                int match = (16 * x - value + 8) >> 4;
                int other = match >= 0 && match < width ? disparity_row(&right, y)[match]
                                                        : DISPARITY_INVALID;
                bool fits = other != DISPARITY_INVALID && abs(other - value) <= BOUND;
                disparity_row(&expected, y)[x] =
                    fits ? (int16_t)value : (int16_t)DISPARITY_INVALID;
                dropped += !fits && value != DISPARITY_INVALID;
            }
        assert_int_equal(left_right_check(&map, &right, BOUND,
                                          i % 2 == 0 ? &row_kernels_plain
                                                     : row_kernels_find(PO_CPU_AUTO)),
                         dropped);
        for (int y = 0; y < HEIGHT; y++)
            assert_memory_equal(disparity_row(&map, y), disparity_row(&expected, y),
                                (size_t)width * sizeof(int16_t));
        scratch_rewind(&scratch, mark);
    }
}

/* Measured pixels with a low score: those below 112 lose their value, those below 128
 * stop being measured. */
static void unlikely_pixels_are_counted(void **state)
{
    (void)state;
    for (int i = 0; i < WIDTHS; i++) {
        struct scene scene;
        size_t mark = scratch_mark(&scratch);
        uint64_t dropped = 0, doubted = 0;
        fill_scene(&scene, widths[i], 1);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < widths[i]; x++) {
                int score = image_row(&scene.scores, y)[x];
                bool measured = image_row(&scene.classes, y)[x] == PIXEL_MEASURED;
                dropped += measured && score < 112;
                doubted += measured && score >= 112 && score < 128;
            }
        struct row_tally tally = {0, HEIGHT, 0};
        assert_int_equal(drop_unlikely(&scene.scores, &scene.map, &scene.classes),
                         dropped);
        doubt_unlikely(&scene.scores, &scene.classes, &tally);
        assert_int_equal(tally.pixels, doubted);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < widths[i]; x++)
                if (image_row(&scene.classes, y)[x] == PIXEL_MEASURED)
                    assert_true(image_row(&scene.scores, y)[x] >= 128);
        scratch_rewind(&scratch, mark);
    }
}

/* How far right of the right image's edge a match lies, beyond all disparities too. */
static void every_column_knows_how_far_inside_it_lies(void **state)
{
    (void)state;
    enum { WIDTH = 2600 };
    static const enum po_cpu_level levels[] = {PO_CPU_SCALAR, PO_CPU_SSE4, PO_CPU_AUTO};
    struct feature_rows rows;
    struct disparity_map map = take_map(WIDTH, 1);
    const struct feature_input input = {.map = &map};
    assert_int_equal(feature_rows_take(&scratch, WIDTH, &rows, NULL), 0);
    for (int x = 0; x < WIDTH; x++)
        disparity_row(&map, 0)[x] = next_random(2) == 0
                                        ? any_value()
                                        : (int16_t)(16 * x - (int)next_random(5000));
    for (int level = 0; level < 3; level++) {
        row_kernels_find(levels[level])
            ->measure_features(&input, 1U << FEATURE_INSIDE, 0, &rows);
        for (int x = 0; x < WIDTH; x++)
            assert_int_equal(rows.features[FEATURE_INSIDE][x],
                             clamp(x - (disparity_row(&map, 0)[x] >> 4), 0, 255));
    }
}

static void a_level_without_loops_of_its_own_has_the_plain_ones(void **state)
{
    (void)state;
    assert_ptr_equal(row_kernels_find(PO_CPU_SCALAR), &row_kernels_plain);
    assert_ptr_equal(row_kernels_find(PO_CPU_NEON), &row_kernels_plain);
    assert_non_null(row_kernels_find(PO_CPU_AUTO));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_mean_the_same_in_every_table),
        cmocka_unit_test(every_column_knows_how_far_inside_it_lies),
        cmocka_unit_test(medians_are_the_same_in_every_table),
        cmocka_unit_test(a_step_of_colour_is_the_largest_of_channels),
        cmocka_unit_test(the_left_right_check_is_its_definition),
        cmocka_unit_test(unlikely_pixels_are_counted),
        cmocka_unit_test(a_level_without_loops_of_its_own_has_the_plain_ones),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
