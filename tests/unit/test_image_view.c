/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "image/colour_map.h"
#include "image/image_view.h"
#include "image/pixel_kernels.h"

enum { SIDE_MAX = 67, GUARD = 0xa7 };

static uint8_t from[SIDE_MAX * 256];
static uint8_t to[SIDE_MAX * 256];

static void fill(void)
{
    uint32_t random = 7;
    for (size_t i = 0; i < sizeof(from); i++) {
        random = random * 1664525U + 1013904223U;
        from[i] = (uint8_t)((random >> 28) < 4 ? 255 * (random >> 31) : random >> 24);
    }
    memset(to, GUARD, sizeof(to));
}

static void expect_guards(const struct image_view *image)
{
    size_t used = (size_t)image->width_px * (size_t)image->channels;
    for (int y = 0; y < image->height_px; y++)
        for (size_t i = used; i < (size_t)image->stride_bytes; i++)
            assert_int_equal(image_row(image, y)[i], GUARD);
}

static void grey_is_the_weighted_sum(void **state)
{
    (void)state;
    for (int width_px = 1; width_px <= SIDE_MAX; width_px++) {
        fill();
        struct image_view colour = {width_px, 3, 3, 256, from};
        struct image_view grey = {width_px, 3, 1, 100, to};
        image_to_grey(&colour, &grey);
        for (int y = 0; y < 3; y++)
            for (int x = 0; x < width_px; x++) {
                const uint8_t *p = image_row(&colour, y) + (ptrdiff_t)3 * x;
                int want = (4899 * p[0] + 9617 * p[1] + 1868 * p[2] + 8192) / 16384;
                assert_int_equal(image_row(&grey, y)[x], want);
            }
        expect_guards(&grey);
    }
}

static void grey_of_white_is_white_and_of_grey_itself(void **state)
{
    (void)state;
    uint8_t white[3] = {255, 255, 255};
    uint8_t grey[3] = {0};
    struct image_view colour = {1, 1, 3, 3, white};
    struct image_view one = {1, 1, 1, 3, grey};
    image_to_grey(&colour, &one);
    assert_int_equal(grey[0], 255);
    uint8_t levels[3] = {0, 128, 77};
    struct image_view source = {3, 1, 1, 3, levels};
    struct image_view copy = {3, 1, 1, 3, grey};
    image_to_grey(&source, &copy);
    assert_memory_equal(grey, levels, 3);
}

static void half_is_the_mean_of_four(void **state)
{
    (void)state;
    for (int channels = 1; channels <= 3; channels += 2)
        for (int width_px = 1; width_px <= SIDE_MAX; width_px++)
            for (int height_px = 1; height_px <= 5; height_px++) {
                fill();
                struct image_view full = {width_px, height_px, channels, 256, from};
                struct image_view half = {(width_px + 1) / 2, (height_px + 1) / 2,
                                          channels, 256, to};
                image_halve(&full, &half);
                for (int y = 0; y < half.height_px; y++)
                    for (int i = 0; i < half.width_px * channels; i++) {
                        int x0 = i / channels * 2;
                        int x1 = x0 + 1 < width_px ? x0 + 1 : x0;
                        int y1 = 2 * y + 1 < height_px ? 2 * y + 1 : 2 * y;
                        int c = i % channels;
                        const uint8_t *a = image_row(&full, 2 * y);
                        const uint8_t *b = image_row(&full, y1);
                        int sum = a[x0 * channels + c] + a[x1 * channels + c] +
                                  b[x0 * channels + c] + b[x1 * channels + c];
                        assert_int_equal(image_row(&half, y)[i], (sum + 2) / 4);
                    }
                expect_guards(&half);
            }
}

enum { PAIRS_MAX = 200 };

static int mean_of(const uint8_t *a, const uint8_t *b, int channels)
{
    return (a[0] + a[channels] + b[0] + b[channels] + 2) / 4;
}

static void expect_halves(const struct pixel_kernels *kernels, int channels, int pairs)
{
    const uint8_t *a = from;
    const uint8_t *b = from + (ptrdiff_t)6 * PAIRS_MAX + 1;
    fill();
    if (channels == 1)
        kernels->halve_row_1(a, b, to, pairs);
    else
        kernels->halve_row_3(a, b, to, pairs);
    for (int i = 0; i < pairs * channels; i++) {
        int at = i / channels * 2 * channels + i % channels;
        assert_int_equal(to[i], mean_of(a + at, b + at, channels));
    }
    assert_int_equal(to[pairs * channels], GUARD);
}

static void expect_grey(const struct pixel_kernels *kernels, int width_px)
{
    fill();
    kernels->grey_row(from, to, width_px);
    for (int x = 0; x < width_px; x++) {
        const uint8_t *p = from + (ptrdiff_t)3 * x;
        assert_int_equal(to[x], (4899 * p[0] + 9617 * p[1] + 1868 * p[2] + 8192) / 16384);
    }
    assert_int_equal(to[width_px], GUARD);
}

/* Rows of every length, also where the program takes another table. */
static void all_tables_give_the_same_bytes(void **state)
{
    (void)state;
    const struct pixel_kernels *const tables[] = {&pixel_kernels_plain,
                                                  pixel_kernels_find()};
    for (int i = 0; i < 2; i++)
        for (int length = 1; length <= PAIRS_MAX; length++) {
            expect_halves(tables[i], 1, length);
            expect_halves(tables[i], 3, length);
            expect_grey(tables[i], length);
        }
}

static void sides_of_a_side_by_side_image(void **state)
{
    (void)state;
    struct image_view both = {10, 2, 3, 64, from};
    struct image_view left = image_half_view(&both, 0);
    struct image_view right = image_half_view(&both, 1);
    assert_int_equal(left.width_px, 5);
    assert_int_equal(right.width_px, 5);
    assert_ptr_equal(image_row(&left, 1), from + 64);
    assert_ptr_equal(image_row(&right, 1), from + 64 + 15);
}

static void a_view_takes_what_was_planned(void **state)
{
    (void)state;
    struct scratch scratch;
    struct image_view image;
    size_t plan = image_view_bytes(65, 3, 3);
    assert_int_equal(plan, 256 * 3);
    assert_int_equal(scratch_init(&scratch, plan, NULL), PO_OK);
    assert_int_equal(image_view_take(&scratch, 65, 3, 3, &image, NULL), PO_OK);
    assert_int_equal(scratch.used, plan);
    struct po_error error;
    assert_int_equal(image_view_take(&scratch, 1, 1, 1, &image, &error), PO_INTERNAL);
    scratch_release(&scratch);
}

static void colours_run_from_blue_to_red(void **state)
{
    (void)state;
    uint8_t low[3];
    uint8_t middle[3];
    uint8_t high[3];
    uint8_t beyond[3];
    colour_map_rgb(0, low);
    colour_map_rgb(128, middle);
    colour_map_rgb(255, high);
    assert_true(low[2] > low[0] && low[2] > low[1]);
    assert_true(middle[1] > 200 && middle[1] > middle[0] && middle[1] > middle[2]);
    assert_true(high[0] > 150 && high[1] < 50 && high[2] < 50);
    colour_map_rgb(-7, beyond);
    assert_memory_equal(beyond, low, 3);
    colour_map_rgb(400, beyond);
    assert_memory_equal(beyond, high, 3);
    struct colour_map map;
    colour_map_fill(&map);
    for (int level = 0; level < 256; level++) {
        colour_map_rgb(level, middle);
        assert_memory_equal(map.rgb[level], middle, 3);
        assert_true(middle[0] + middle[1] + middle[2] > 60); /* black is for no value */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grey_is_the_weighted_sum),
        cmocka_unit_test(grey_of_white_is_white_and_of_grey_itself),
        cmocka_unit_test(half_is_the_mean_of_four),
        cmocka_unit_test(all_tables_give_the_same_bytes),
        cmocka_unit_test(sides_of_a_side_by_side_image),
        cmocka_unit_test(a_view_takes_what_was_planned),
        cmocka_unit_test(colours_run_from_blue_to_red),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
