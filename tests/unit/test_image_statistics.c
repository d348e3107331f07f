/* SPDX-License-Identifier: Apache-2.0 */
/* What is measured of images before a run, against the same pixel by pixel. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check/image_check.h"
#include "rectify/patch_match.h"

/* Wider than what is added up in one go. */
enum { WIDTH = 2300, HEIGHT = 41, ROW_STEP = 4, SEED = 5 };

static uint8_t pixels[HEIGHT][WIDTH];
static uint8_t seen[HEIGHT][WIDTH];

static uint32_t next_random(void)
{
    static uint32_t state = SEED;
    state = state * 1664525U + 1013904223U;
    return state >> 24;
}

/* Steps that are no texture, texture, and both ends of the scale. */
static void fill(void)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            uint32_t kind = next_random() % 8;
            pixels[y][x] = (uint8_t)(kind == 0   ? 255
                                     : kind == 1 ? 0
                                     : kind < 5  ? 100 + next_random() % 3
                                                 : next_random());
            seen[y][x] = next_random() % 5 != 0 ? 255 : (uint8_t)next_random();
        }
}

static struct image_view view_of(uint8_t *from, int width)
{
    return (struct image_view){width, HEIGHT, 1, WIDTH, from};
}

static void expect_statistics(int width, bool is_masked)
{
    struct image_view grey = view_of(&pixels[0][0], width);
    struct image_view valid =
        is_masked ? view_of(&seen[0][0], width) : (struct image_view){0};
    struct image_statistics got = image_statistics_of(&grey, &valid);
    double count = 0, total = 0, squares = 0, saturated = 0, black = 0;
    double gradients = 0, laplacians = 0, textured = 0;
    for (int y = 1; y < HEIGHT - 1; y += ROW_STEP)
        for (int x = 1; x < width - 1; x++) {
            if (is_masked && seen[y][x] != 255)
                continue;
            int value = pixels[y][x];
            int across = pixels[y][x + 1] - pixels[y][x - 1];
            int down = pixels[y + 1][x] - pixels[y - 1][x];
            count++;
            total += value;
            squares += value * value;
            saturated += value >= 254;
            black += value <= 1;
            if (abs(across) + abs(down) <= 6)
                continue;
            textured++;
            gradients += abs(across) + abs(down);
            laplacians += abs(4 * value - pixels[y][x - 1] - pixels[y][x + 1] -
                              pixels[y - 1][x] - pixels[y + 1][x]);
        }
    double mean = total / count;
    assert_true(got.mean == mean);
    assert_true(got.contrast == sqrt(squares / count - mean * mean));
    assert_true(got.saturated == saturated / count);
    assert_true(got.black == black / count);
    assert_true(got.textured == textured / count);
    assert_true(got.sharpness == laplacians / gradients);
}

static void statistics_are_those_of_each_pixel(void **state)
{
    (void)state;
    fill();
    for (int width = 60; width <= WIDTH; width += width < 1020 ? 480 : 1)
        if (width < 1040 || width > 2040)
            for (int is_masked = 0; is_masked < 2; is_masked++)
                expect_statistics(width, is_masked != 0);
}

/* Pearson's, of means and deviations. */
static double correlation_at(int xl, int yl, int xr, int yr)
{
    enum { RADIUS = PATCH_RADIUS };
    double means[2] = {0, 0};
    double products = 0;
    double energies[2] = {0, 0};
    for (int v = -RADIUS; v <= RADIUS; v++)
        for (int u = -RADIUS; u <= RADIUS; u++) {
            means[0] += (double)pixels[yl + v][xl + u] / PATCH_AREA;
            means[1] += (double)pixels[yr + v][xr + u] / PATCH_AREA;
        }
    for (int v = -RADIUS; v <= RADIUS; v++)
        for (int u = -RADIUS; u <= RADIUS; u++) {
            double left = pixels[yl + v][xl + u] - means[0];
            double right = pixels[yr + v][xr + u] - means[1];
            products += left * right;
            energies[0] += left * left;
            energies[1] += right * right;
        }
    return products / sqrt(energies[0] * energies[1]);
}

static void correlations_are_pearsons(void **state)
{
    (void)state;
    struct image_view image = view_of(&pixels[0][0], WIDTH);
    fill();
    for (int x = 10; x < 200; x++)
        assert_float_equal(patch_correlation(&image, 20, 20, &image, x, 17),
                           correlation_at(20, 20, x, 17), 1e-12);
}

/* And the search among white patches, the brightest there are, finds the one that is not,
 * on every level of instructions. */
static void flat_patches_correlate_with_nothing(void **state)
{
    (void)state;
    static const enum po_cpu_level levels[] = {PO_CPU_SCALAR, PO_CPU_AUTO};
    struct image_view image = view_of(&pixels[0][0], WIDTH);
    memset(pixels, 255, sizeof(pixels));
    assert_true(patch_correlation(&image, 20, 20, &image, 60, 20) == 0.0);
    for (int v = -PATCH_RADIUS; v <= PATCH_RADIUS; v++)
        for (int u = -PATCH_RADIUS; u <= PATCH_RADIUS; u++)
            pixels[20 + v][150 + u] = pixels[20 + v][20 + u] = (uint8_t)next_random();
    assert_true(patch_correlation(&image, 20, 20, &image, 80, 20) == 0.0);
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        struct patch_peak peak;
        assert_true(patch_search(levels[i], &image, (struct patch_centre){20, 20}, &image,
                                 (struct patch_window){60, 290, 15, 25}, &peak));
        assert_int_equal(peak.x, 150);
        assert_int_equal(peak.y, 20);
        assert_float_equal(peak.correlation, 1.0, 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_are_those_of_each_pixel),
        cmocka_unit_test(correlations_are_pearsons),
        cmocka_unit_test(flat_patches_correlate_with_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
