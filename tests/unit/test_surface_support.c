/* SPDX-License-Identifier: Apache-2.0 */
/* The surface support against its definition, written down pixel by pixel, for every
 * table of loops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>

#include "refine/row_kernels.h"
#include "refine/surface_support.h"
#include "stereo/byte_forest.h"
#include "stereo/sgm_kernels.h"
#include "support/refine_fixture.h"

enum { SIDE_MAX = 300, HALF = SIDE_MAX / 2 };

struct scene {
    struct disparity_map map;
    struct image_view classes, scores, guide;
};

static float weights[HALF][HALF], sums[HALF][HALF];

static void fill_scene(struct scene *scene, int width, int height, int channels)
{
    *scene = (struct scene){
        .map = take_map(width, height),
        .classes = take_image(width, height, 1),
        .scores = take_image(width, height, 1),
        .guide = take_image(width, height, channels),
    };
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            bool hole = next_random(4) == 0 || (x > width / 2 && y > height / 2);
            int value = x < width / 3 ? 1000 + x / 2 : -200 + (int)next_random(9);
            disparity_row(&scene->map, y)[x] =
                hole ? (int16_t)DISPARITY_INVALID : (int16_t)value;
            image_row(&scene->classes, y)[x] =
                hole ? PIXEL_FILLED_MISMATCH : PIXEL_MEASURED;
            image_row(&scene->scores, y)[x] = (uint8_t)next_random(256);
            for (int c = 0; c < channels; c++)
                image_row(&scene->guide, y)[x * channels + c] =
                    (uint8_t)(next_random(6) == 0 ? next_random(256)
                                                  : 90 + next_random(9));
        }
}

/* Of the half-size guide, at (x, y), channel c. */
static int half_at(const struct image_view *guide, int x, int y, int c)
{
    int right = 2 * x + 1 < guide->width_px ? 2 * x + 1 : 2 * x;
    int below = 2 * y + 1 < guide->height_px ? 2 * y + 1 : 2 * y;
    int n = guide->channels;
    return (image_row(guide, 2 * y)[2 * x * n + c] +
            image_row(guide, 2 * y)[right * n + c] +
            image_row(guide, below)[2 * x * n + c] +
            image_row(guide, below)[right * n + c] + 2) >>
           2;
}

static float feedback_of(const struct image_view *guide, int iteration, const int from[2],
                         const int to[2])
{
    double sigma = 10.0 * guide->width_px / 450, step = 0;
    double reach = sigma * sqrt(3.0) * pow(2, 1 - iteration) / sqrt(15.0);
    for (int c = 0; c < guide->channels; c++)
        step = fmax(step, abs(half_at(guide, from[0], from[1], c) -
                              half_at(guide, to[0], to[1], c)));
    return (float)exp(-sqrt(2.0) / reach * (1 + sigma / 14 * step));
}

static void mix(const struct image_view *guide, int iteration, const int from[2],
                const int to[2])
{
    float share = feedback_of(guide, iteration, from, to);
    float *weight = &weights[to[1]][to[0]], *sum = &sums[to[1]][to[0]];
    *weight += share * (weights[from[1]][from[0]] - *weight);
    *sum += share * (sums[from[1]][from[0]] - *sum);
}

static void gather(const struct scene *scene, int width, int height)
{
    memset(weights, 0, sizeof(weights));
    memset(sums, 0, sizeof(sums));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double odds = (image_row(&scene->scores, y)[x] - FOREST_SCORE_ZERO) /
                          (double)FOREST_SCORE_UNIT;
            float weight = (float)lround(255 / (1 + exp(-odds))) / 4;
            if (image_row(&scene->classes, y)[x] != PIXEL_MEASURED)
                continue;
            weights[y / 2][x / 2] += weight;
            sums[y / 2][x / 2] += weight * (float)disparity_row(&scene->map, y)[x];
        }
}

static void filter(const struct image_view *guide, int width, int height)
{
    for (int i = 0; i < 2; i++) {
        for (int y = 0; y < height; y++) {
            for (int x = 1; x < width; x++)
                mix(guide, i, (int[]){x - 1, y}, (int[]){x, y});
            for (int x = width - 2; x >= 0; x--)
                mix(guide, i, (int[]){x + 1, y}, (int[]){x, y});
        }
        for (int x = 0; x < width; x++) {
            for (int y = 1; y < height; y++)
                mix(guide, i, (int[]){x, y - 1}, (int[]){x, y});
            for (int y = height - 2; y >= 0; y--)
                mix(guide, i, (int[]){x, y + 1}, (int[]){x, y});
        }
    }
}

static void compare(const struct surface_support *support)
{
    for (int y = 0; y < support->height_px; y++)
        for (int x = 0; x < support->width_px; x++) {
            ptrdiff_t at = (ptrdiff_t)y * support->width_px + x;
            float weight = weights[y][x], mean = sums[y][x] / weight;
            bool any = weight > 0.25F;
            assert_int_equal(support->weights[at], (int)weight);
            assert_int_equal(support->below[at],
                             any ? (int)floorf(mean) : DISPARITY_INVALID);
            assert_int_equal(support->above[at],
                             any ? (int)ceilf(mean) : DISPARITY_INVALID);
        }
}

static void support_is_its_definition_in_every_table(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1},   {2, 1},   {1, 17},  {3, 40},
                                   {33, 16}, {34, 17}, {65, 31}, {SIDE_MAX, 35}};
    const struct row_kernels *tables[] = {
        &row_kernels_plain, row_kernels_find(PO_CPU_SSE4), row_kernels_find(PO_CPU_AUTO)};
    for (size_t i = 0; i < 6 * sizeof(sizes) / sizeof(*sizes); i++) {
        int width = sizes[i / 6][0], height = sizes[i / 6][1];
        struct scene scene;
        struct surface_support support;
        size_t mark = scratch_mark(&scratch);
        fill_scene(&scene, width, height, i % 2 == 0 ? 1 : 3);
        const struct support_input input = {
            &scene.map,   &scene.classes,    &scene.scores,
            &scene.guide, tables[i / 2 % 3], sgm_kernels_scalar.translate};
        assert_int_equal(surface_support_take(&scratch, width, height, &support, NULL),
                         PO_OK);
        assert_int_equal(surface_support_make(&input, &scratch, &support, NULL), PO_OK);
        gather(&scene, width, height);
        filter(&scene.guide, (width + 1) / 2, (height + 1) / 2);
        compare(&support);
        scratch_rewind(&scratch, mark);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(support_is_its_definition_in_every_table),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
