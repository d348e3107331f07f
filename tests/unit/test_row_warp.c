/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "rectify/row_warp.h"

enum { WIDTH = 64, HEIGHT = 96 };

static uint8_t wave(double x, double y)
{
    return (uint8_t)lround(128.0 + 60.0 * sin(y / 5.0) + 40.0 * cos(x / 7.0 + y / 11.0));
}

/* Warping a wave by a field gives the wave at the moved rows. */
static void check_field(struct vertical_field field, int tolerance)
{
    static uint8_t from[WIDTH * HEIGHT];
    static uint8_t to[WIDTH * HEIGHT];
    struct image_view source = {WIDTH, HEIGHT, 1, WIDTH, from};
    struct image_view target = {WIDTH, HEIGHT, 1, WIDTH, to};
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            from[y * WIDTH + x] = wave(x, y);
    row_warp(&source, &field, &target);
    for (int y = 12; y < HEIGHT - 12; y++) {
        for (int x = 0; x < WIDTH; x++) {
            double row = y + field.a_px + field.b_px * (2.0 * x / WIDTH - 1.0) +
                         field.c_px * (2.0 * y / HEIGHT - 1.0);
            assert_true(abs(to[y * WIDTH + x] - wave(x, row)) <= tolerance);
        }
    }
}

static void whole_pixels_are_exact(void **state)
{
    (void)state;
    check_field((struct vertical_field){0, 0, 0}, 0);
    check_field((struct vertical_field){3, 0, 0}, 0);
    check_field((struct vertical_field){-7, 0, 0}, 0);
}

static void fractions_follow_the_field(void **state)
{
    (void)state;
    check_field((struct vertical_field){0.37, 0, 0}, 2);
    check_field((struct vertical_field){-1.6, 0.8, -1.1}, 2);
}

/* A mask moves with the rows, and knows no rows outside the image. */
static void masks_end_where_the_image_does(void **state)
{
    (void)state;
    static uint8_t from[WIDTH * HEIGHT];
    static uint8_t to[WIDTH * HEIGHT];
    struct image_view source = {WIDTH, HEIGHT, 1, WIDTH, from};
    struct image_view target = {WIDTH, HEIGHT, 1, WIDTH, to};
    struct vertical_field field = {-7.4, 0, 0};
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        from[i] = i / WIDTH == 20 ? 0 : 255;
    row_warp_mask(&source, &field, &target);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            assert_int_equal(to[y * WIDTH + x], y < 8 || y == 27 ? 0 : 255);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_pixels_are_exact),
        cmocka_unit_test(fractions_follow_the_field),
        cmocka_unit_test(masks_end_where_the_image_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
