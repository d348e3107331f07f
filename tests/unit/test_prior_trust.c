/* SPDX-License-Identifier: Apache-2.0 */
/* The prior of a second pass is followed near measured pixels, not in the midst of noise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "match/prior_trust.h"
#include "stereo/disparity_map.h"

enum { W = 200, H = 120 };

static uint8_t class_pixels[W * H];
static uint8_t trust_pixels[W * H];

static struct image_view view_of(uint8_t *pixels)
{
    return (struct image_view){.width_px = W,
                               .height_px = H,
                               .channels = 1,
                               .stride_bytes = W,
                               .pixels = pixels};
}

/* Measured in every `period`-th pixel of the columns before `end`; holes elsewhere. */
static void make(int period, int end)
{
    struct image_view classes = view_of(class_pixels);
    struct image_view trust = view_of(trust_pixels);
    memset(trust_pixels, 77, sizeof(trust_pixels));
    for (int i = 0; i < W * H; i++)
        class_pixels[i] =
            i % W < end && i % period == 0 ? PIXEL_MEASURED : PIXEL_FILLED_MISMATCH;
    prior_trust_make(&classes, &trust);
}

static void expect_all(int x_first, int x_end, uint8_t value)
{
    for (int y = 0; y < H; y++)
        for (int x = x_first; x < x_end; x++)
            if (trust_pixels[y * W + x] != value)
                fail_msg("(%d, %d) is %d, not %d", x, y, trust_pixels[y * W + x], value);
}

static void a_tenth_measured_is_enough(void **state)
{
    (void)state;
    make(10, W);
    expect_all(0, W, 255);
}

static void one_in_three_hundred_is_chance(void **state)
{
    (void)state;
    make(307, W);
    expect_all(0, W, 0);
}

static void trust_ends_a_block_beyond_what_is_measured(void **state)
{
    (void)state;
    make(1, 96);
    expect_all(0, 112, 255);
    expect_all(112, W, 0);
}

/* As the definition says it: the share of what is measured in the block and as much
 * around it. */
static bool trusted(int x, int y)
{
    const int left = x / 16 * 16 - 16, top = y / 16 * 16 - 16;
    int measured = 0, pixels = 0;
    for (int v = top; v < top + 48; v++)
        for (int u = left; u < left + 48; u++) {
            if (u < 0 || v < 0 || u >= W || v >= H)
                continue;
            measured += class_pixels[v * W + u] == PIXEL_MEASURED;
            pixels++;
        }
    return measured * 150 >= pixels;
}

/* Few and unevenly: W and H are no multiples of a block, so that its windows are cut. */
static void counts_are_those_of_windows(void **state)
{
    (void)state;
    uint32_t draw = 1;
    struct image_view classes = view_of(class_pixels);
    struct image_view trust = view_of(trust_pixels);
    for (int i = 0; i < W * H; i++) {
        draw = draw * 1664525U + 1013904223U;
        const uint32_t one_in = 40 + (uint32_t)(i % W) + 3 * (uint32_t)(i / W);
        class_pixels[i] =
            (draw >> 8) % one_in == 0 ? PIXEL_MEASURED : PIXEL_FILLED_OCCLUSION;
    }
    prior_trust_make(&classes, &trust);
    int kept = 0;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++) {
            if (trust_pixels[y * W + x] != (trusted(x, y) ? 255 : 0))
                fail_msg("(%d, %d) is %d", x, y, trust_pixels[y * W + x]);
            kept += trusted(x, y);
        }
    assert_in_range(kept, W * H / 8, W * H * 7 / 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tenth_measured_is_enough),
        cmocka_unit_test(one_in_three_hundred_is_chance),
        cmocka_unit_test(trust_ends_a_block_beyond_what_is_measured),
        cmocka_unit_test(counts_are_those_of_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
