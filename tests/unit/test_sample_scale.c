/* SPDX-License-Identifier: Apache-2.0 */
/* How 16-bit samples become 8 bit: bounds of an image, scales of a session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "image/sample_scale.h"

static uint32_t counts[SAMPLE16_COUNT];

static struct sample_bounds bounds_of(void)
{
    struct sample_bounds bounds = sample_bounds_of(counts);
    memset(counts, 0, sizeof(counts));
    return bounds;
}

static void expect_bounds(int low, int high)
{
    struct sample_bounds bounds = bounds_of();
    assert_int_equal(bounds.low, low);
    assert_int_equal(bounds.high, high);
}

static void a_few_odd_samples_do_not_count(void **state)
{
    (void)state;
    for (int v = 100; v < 4000; v++)
        counts[v] = 20;
    counts[60000] = 50; /* hot pixels: less than one in a thousand */
    counts[3] = 50;
    struct sample_bounds bounds = bounds_of();
    assert_in_range(bounds.low, 100, 104);
    assert_in_range(bounds.high, 3995, 3999);
    /* Borders of zeros and saturated pixels, however many. */
    counts[0] = 40000;
    counts[65535] = 9000;
    counts[29800] = counts[29900] = 20000;
    expect_bounds(29800, 29900);
    /* But where nearly nothing else is there. */
    counts[0] = 40000;
    counts[700] = 100;
    expect_bounds(0, 700);
    expect_bounds(SAMPLE16_MAX, 0); /* no sample at all */
}

static void expect_scales(const struct sample_bounds *bounds, int count, int left_black,
                          int left_white, int right_black, int right_white)
{
    struct image_scale16 scales[2];
    image_scale16_choose(bounds, count, scales);
    assert_int_equal(scales[0].black, left_black);
    assert_int_equal(scales[0].white, left_white);
    assert_int_equal(scales[1].black, right_black);
    assert_int_equal(scales[1].white, right_white);
}

static void samples_from_zero_keep_their_range(void **state)
{
    (void)state;
    const struct sample_bounds twelve_bits[] = {{20, 4000}, {15, 3100}};
    const struct sample_bounds dim[] = {{0, 30}, {2, 20}};
    const struct sample_bounds full[] = {{0, 65535}, {257, 65000}};
    expect_scales(twelve_bits, 1, 0, 4095, 0, 4095);
    expect_scales(dim, 1, 0, 255, 0, 255);
    expect_scales(full, 1, 0, 65535, 0, 65535);
    expect_scales(NULL, 0, 0, 65535, 0, 65535);
}

static void a_large_offset_goes(void **state)
{
    (void)state;
    /* 128 counts, an eighth of them as margin at either end. */
    const struct sample_bounds thermal[] = {{29800, 29928}, {30500, 30600}};
    expect_scales(thermal, 1, 29784, 29944, 30484, 30644);
    /* Hardly any contrast is not blown up to noise. */
    const struct sample_bounds flat[] = {{29800, 29803}, {29800, 29802}};
    expect_scales(flat, 1, 29792, 29872, 29792, 29872);
    /* Near the end of the range the contrast stays. */
    const struct sample_bounds last[] = {{65400, 65535}, {65500, 65535}};
    struct image_scale16 scales[2];
    image_scale16_choose(last, 1, scales);
    for (int side = 0; side < 2; side++) {
        assert_true(scales[side].white <= SAMPLE16_MAX);
        assert_int_equal(scales[side].white - scales[side].black,
                         scales[0].white - scales[0].black);
    }
}

/* One shot with the cap on does not take the contrast from the others. */
static void one_frame_in_eight_may_be_odd(void **state)
{
    (void)state;
    struct sample_bounds bounds[16];
    for (int i = 0; i < 16; i++)
        bounds[i] = (struct sample_bounds){29800, 29928};
    bounds[4] = bounds[5] = (struct sample_bounds){0, 65000};
    expect_scales(bounds, 8, 29784, 29944, 29784, 29944);
}

static void tables_are_cut_at_both_ends(void **state)
{
    (void)state;
    static uint8_t table[SAMPLE16_COUNT];
    image_scale16_table((struct image_scale16){29944, 29784}, table);
    assert_int_equal(table[0], 0);
    assert_int_equal(table[29784], 0);
    assert_int_equal(table[29864], 127);
    assert_int_equal(table[29944], 255);
    assert_int_equal(table[65535], 255);
    image_scale16_table((struct image_scale16){1023, 0}, table);
    for (int v = 0; v < 1024; v++)
        assert_int_equal(table[v], v * 255 / 1023);
    /* Whatever is given has bounds. */
    const struct image_scale16 wild[] = {{-5, -5}, {100000, 100000}, {0, 65535}};
    for (int i = 0; i < 3; i++) {
        struct image_scale16 fixed = image_scale16_fix(wild[i]);
        assert_true(fixed.black >= 0 && fixed.white <= SAMPLE16_MAX &&
                    fixed.white - fixed.black >= SAMPLE_MIN_SPAN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_odd_samples_do_not_count),
        cmocka_unit_test(samples_from_zero_keep_their_range),
        cmocka_unit_test(a_large_offset_goes),
        cmocka_unit_test(one_frame_in_eight_may_be_odd),
        cmocka_unit_test(tables_are_cut_at_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
