/* SPDX-License-Identifier: Apache-2.0 */
/* The sub-pixel step and the mean of flat surfaces against their definitions, written
 * down pixel by pixel, for every table of loops and at every edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>

#include "refine/steps.h"
#include "support/refine_fixture.h"

enum { WIDTH_MAX = 300, HEIGHT_MAX = 20, LIMIT = 8 };

static const int sizes[][2] = {{4, 1},   {5, 9},    {63, 8},        {64, 4},
                               {66, 12}, {128, 20}, {WIDTH_MAX, 11}};

enum { SIZES = sizeof(sizes) / sizeof(*sizes) };

struct scene {
    int width, height;
    struct image_view left, right, classes;
    struct disparity_map map, moved;
};

static void fill_scene(struct scene *scene, int width, int height)
{
    *scene = (struct scene){width,
                            height,
                            take_image(width, height, 1),
                            take_image(width, height, 1),
                            take_image(width, height, 1),
                            take_map(width, height),
                            take_map(width, height)};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            bool hole = next_random(12) == 0 || (x > width / 2 && x < width / 2 + 9);
            int value = 16 * 7 + x / 3 + (int)next_random(next_random(9) == 0 ? 400 : 9);
            int wave = (int)(60 * sin(x / 3.0) * cos(y / 4.0));
            image_row(&scene->left, y)[x] = (uint8_t)(120 + wave + (int)next_random(9));
            image_row(&scene->right, y)[x] =
                (uint8_t)(120 + (int)(60 * sin((x + 7.3) / 3.0) * cos(y / 4.0)) +
                          (int)next_random(9));
            image_row(&scene->classes, y)[x] =
                hole ? PIXEL_FILLED_OCCLUSION : PIXEL_MEASURED;
            disparity_row(&scene->map, y)[x] = disparity_row(&scene->moved, y)[x] =
                (int16_t)value;
        }
}

/* Weight, error, gradient across and down of a pixel, as subpixel_window.h has them. */
static void terms_of(const struct scene *scene, int x, int y, int terms[4])
{
    memset(terms, 0, 4 * sizeof(*terms));
    if (x < 1 || x >= scene->width - 1 || y < 0 || y >= scene->height)
        return;
    int value = disparity_row(&scene->map, y)[x];
    int fraction = -value & 15, at = x - 1 - ((value + 15) >> 4);
    if (image_row(&scene->classes, y)[x] != PIXEL_MEASURED || at < 0 ||
        at > scene->width - 4)
        return;
    const uint8_t *left = image_row(&scene->left, y);
    const uint8_t *tap = image_row(&scene->right, y) + at;
    int above = y > 0 ? y - 1 : 0, below = y + 1 < scene->height ? y + 1 : y;
    terms[0] = 1;
    terms[1] = (16 * (left[x] - tap[1]) - fraction * (tap[2] - tap[1])) >> 2;
    terms[2] = (16 * (left[x + 1] - left[x - 1] + tap[2] - tap[0]) +
                fraction * (tap[3] - tap[1] - tap[2] + tap[0])) >>
               5;
    terms[3] = image_row(&scene->left, below)[x] - image_row(&scene->left, above)[x];
}

/* From the sums of products of terms over a window. */
static int step_of(int sums[4][4])
{
    float n = (float)sums[0][0], share = 1.0F / (n + 0.001F), of[4][4];
    for (int a = 1; a < 4; a++)
        for (int b = a; b < 4; b++)
            of[a][b] = (float)sums[a][b] - (float)sums[0][a] * (float)sums[0][b] * share;
    float of_rows = 1.0F / (of[3][3] + 20.0F * n + 1.0F);
    float along = of[1][2] - of[1][3] * of[2][3] * of_rows;
    float energy = of[2][2] - of[2][3] * of[2][3] * of_rows;
    float rest = of[1][1] - of[1][3] * of[1][3] * of_rows;
    float unexplained = fabsf(rest * energy - along * along);
    float step = -8.0F * along * energy / (energy * energy + 3.0F * unexplained + 1.0F);
    int rounded = (int)(step + 65536.5F) - 65536;
    rounded = rounded < -LIMIT ? -LIMIT : rounded > LIMIT ? LIMIT : rounded;
    return 2 * sums[0][0] > 49 && (int)energy > 40 * sums[0][0] ? rounded : 0;
}

static int moved_value(const struct scene *scene, int x, int y)
{
    int sums[4][4] = {{0}}, terms[4];
    for (int at_y = y - 3; at_y <= y + 3; at_y++)
        for (int at_x = x - 3; at_x <= x + 3; at_x++) {
            terms_of(scene, at_x, at_y, terms);
            for (int a = 0; a < 4; a++)
                for (int b = a; b < 4; b++)
                    sums[a][b] += terms[a] * terms[b];
        }
    int value = disparity_row(&scene->map, y)[x];
    bool measured = image_row(&scene->classes, y)[x] == PIXEL_MEASURED;
    return measured ? value + step_of(sums) : value;
}

/* Pixels that the step has moved are counted: a scene in which none does shows nothing.
 */
static void the_step_is_its_definition_in_every_table(void **state)
{
    (void)state;
    const struct row_kernels *tables[] = {
        &row_kernels_plain, row_kernels_find(PO_CPU_SSE4), row_kernels_find(PO_CPU_AUTO)};
    int moved = 0;
    for (int i = 0; i < 3 * SIZES; i++) {
        struct scene scene;
        size_t mark = scratch_mark(&scratch);
        fill_scene(&scene, sizes[i / 3][0], sizes[i / 3][1]);
        const struct subpixel_views views = {scene.left, scene.right, &scene.classes,
                                             tables[i % 3]};
        assert_int_equal(subpixel_step(&views, &scratch, &scene.moved, NULL), PO_OK);
        for (int y = 0; y < scene.height; y++)
            for (int x = 0; x < scene.width; x++) {
                int value = disparity_row(&scene.moved, y)[x];
                assert_int_equal(value, moved_value(&scene, x, y));
                moved += value != disparity_row(&scene.map, y)[x];
            }
        scratch_rewind(&scratch, mark);
    }
    assert_true(moved > 1000);
}

static int mean_value(const struct scene *scene, int x, int y)
{
    int value = disparity_row(&scene->map, y)[x];
    int sum = 0, least = INT16_MAX, most = INT16_MIN;
    for (int at_y = y - 1; at_y <= y + 1; at_y++)
        for (int at_x = x - 1; at_x <= x + 1; at_x++) {
            if (at_x < 0 || at_x >= scene->width || at_y < 0 || at_y >= scene->height ||
                image_row(&scene->classes, at_y)[at_x] != PIXEL_MEASURED)
                return value;
            int at = disparity_row(&scene->map, at_y)[at_x];
            sum += at;
            least = at < least ? at : least;
            most = at > most ? at : most;
        }
    return most - least <= 24 ? (int)floor((sum + 4) / 9.0) : value;
}

static void the_mean_is_its_definition_in_every_table(void **state)
{
    (void)state;
    static const int16_t lifts[] = {0, -900, 32000, -16000};
    const struct row_kernels *tables[] = {
        &row_kernels_plain, row_kernels_find(PO_CPU_SSE4), row_kernels_find(PO_CPU_AUTO)};
    for (int i = 0; i < 12 * SIZES; i++) {
        struct scene scene;
        size_t mark = scratch_mark(&scratch);
        fill_scene(&scene, sizes[i / 12][0], sizes[i / 12][1]);
        for (int y = 0; y < scene.height; y++)
            for (int x = 0; x < scene.width; x++) {
                int value = lifts[i / 3 % 4] + (int)next_random(13) * (x > 70 ? 2 : 1);
                value += next_random(40) == 0 ? 30 : 0;
                disparity_row(&scene.map, y)[x] = disparity_row(&scene.moved, y)[x] =
                    (int16_t)value;
            }
        const struct flat_views views = {&scene.classes, tables[i % 3]};
        assert_int_equal(flat_mean(&views, &scratch, &scene.moved, NULL), PO_OK);
        for (int y = 0; y < scene.height; y++)
            for (int x = 0; x < scene.width; x++)
                assert_int_equal(disparity_row(&scene.moved, y)[x],
                                 mean_value(&scene, x, y));
        scratch_rewind(&scratch, mark);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_step_is_its_definition_in_every_table),
        cmocka_unit_test(the_mean_is_its_definition_in_every_table),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
