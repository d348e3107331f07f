/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of tiles by numbers worked out by hand: whole disparities that occur, slack on
 * either side, a multiple of 32. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stereo/tile_range.h"
#include "support/refine_fixture.h"

enum { N = DISPARITY_INVALID };

static const struct disparity_range full = {0, 256};

static void expect_range(const struct range_source *source, int width_px, int height_px,
                         int min_px, int count)
{
    const struct sgm_window window = {.width_px = width_px, .height_px = height_px};
    struct disparity_range range = tile_range(source, &window, full);
    assert_int_equal(range.min_px, min_px);
    assert_int_equal(range.count, count);
}

static struct disparity_map even_map(int width_px, int height_px, int value)
{
    struct disparity_map map = take_map(width_px, height_px);
    for (int y = 0; y < height_px; y++)
        for (int x = 0; x < width_px; x++)
            disparity_row(&map, y)[x] = (int16_t)value;
    return map;
}

static void slack_lies_on_either_side(void **state)
{
    (void)state;
    struct disparity_map map = even_map(40, 10, 100 * 16);
    expect_range(&(struct range_source){&map, NULL, 1}, 40, 10, 91, 32);
    struct disparity_map half = even_map(20, 5, 50 * 16);
    expect_range(&(struct range_source){&half, NULL, 2}, 40, 10, 90, 32);
    struct disparity_map low = even_map(40, 10, 3 * 16);
    expect_range(&(struct range_source){&low, NULL, 1}, 40, 10, 0, 32);
    struct disparity_map high = even_map(40, 10, 250 * 16);
    expect_range(&(struct range_source){&high, NULL, 1}, 40, 10, 256 - 32, 32);
    disparity_row(&map, 0)[0] = 114 * 16; /* one of four hundred counts */
    expect_range(&(struct range_source){&map, NULL, 1}, 40, 10, 91, 64);
}

/* Two in a thousand at each end are ignored: one of five hundred. */
static void few_outliers_widen_nothing(void **state)
{
    (void)state;
    struct disparity_map map = even_map(50, 10, 100 * 16);
    disparity_row(&map, 0)[0] = 10 * 16;
    disparity_row(&map, 9)[49] = 220 * 16;
    expect_range(&(struct range_source){&map, NULL, 1}, 50, 10, 91, 32);
    disparity_row(&map, 0)[1] = 10 * 16;
    expect_range(&(struct range_source){&map, NULL, 1}, 50, 10, 1, 128);
}

static void a_range_is_believed_from_two_in_a_hundred(void **state)
{
    (void)state;
    struct disparity_map map = even_map(100, 1, N);
    struct range_source source = {&map, NULL, 1};
    expect_range(&source, 100, 1, 0, 256);
    disparity_row(&map, 0)[99] = 100 * 16;
    expect_range(&source, 100, 1, 0, 256);
    disparity_row(&map, 0)[0] = 100 * 16;
    expect_range(&source, 100, 1, 91, 32);
}

static void matches_must_come_back(void **state)
{
    (void)state;
    static const struct {
        int x, value, back;
        bool trusted;
    } cases[] = {
        {50, 30 * 16, 30 * 16, true},
        {50, 30 * 16, 30 * 16 + 24, true},
        {50, 30 * 16, 30 * 16 - 24, true},
        {50, 30 * 16, 30 * 16 + 25, false},
        {50, 30 * 16, 30 * 16 - 25, false},
        {50, 30 * 16, 30 * 16 - 100, false},
        {50, 30 * 16, N, false},
        {30, 30 * 16, 30 * 16, true},
        {29, 30 * 16, 30 * 16, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct disparity_map left = even_map(60, 1, N);
        struct disparity_map right = even_map(60, 1, N);
        disparity_row(&left, 0)[cases[i].x] = (int16_t)cases[i].value;
        disparity_row(&left, 0)[cases[i].x + 1] = (int16_t)cases[i].value;
        for (int at = 0; at < 2; at++)
            if (cases[i].x - 30 + at >= 0)
                disparity_row(&right, 0)[cases[i].x - 30 + at] = (int16_t)cases[i].back;
        if (cases[i].x == 29) /* the second one is inside */
            disparity_row(&right, 0)[0] = N;
        expect_range(&(struct range_source){&left, &right, 1}, 60, 1,
                     cases[i].trusted ? 21 : 0, cases[i].trusted ? 32 : 256);
        scratch_rewind(&scratch, 0);
    }
}

/* A window of three columns at half size has two. */
static void windows_are_rounded_outwards(void **state)
{
    (void)state;
    struct disparity_map map = even_map(4, 4, N);
    disparity_row(&map, 1)[1] = 50 * 16;
    expect_range(&(struct range_source){&map, NULL, 2}, 3, 3, 90, 32);
    expect_range(&(struct range_source){&map, NULL, 2}, 2, 2, 0, 256);
}

/* Disparities 100 and 112 with slack are 32, 100 and 113 are more. */
static void counts_are_rounded_up(void **state)
{
    (void)state;
    struct disparity_map map = even_map(40, 10, 100 * 16);
    disparity_row(&map, 0)[0] = 112 * 16;
    expect_range(&(struct range_source){&map, NULL, 1}, 40, 10, 91, 32);
    disparity_row(&map, 0)[0] = 113 * 16;
    expect_range(&(struct range_source){&map, NULL, 1}, 40, 10, 91, 64);
}

static void what_is_wider_or_outside_gives_all(void **state)
{
    (void)state;
    struct disparity_map map = even_map(40, 10, 0);
    disparity_row(&map, 0)[0] = 255 * 16;
    expect_range(&(struct range_source){&map, NULL, 1}, 40, 10, 0, 256);
    struct disparity_map below = even_map(40, 10, -40 * 16);
    expect_range(&(struct range_source){&below, NULL, 1}, 40, 10, 0, 256);
    struct disparity_map few = even_map(1001, 1, N); /* 19.98 of a thousand */
    for (int x = 0; x < 20; x++)
        disparity_row(&few, 0)[x] = 100 * 16;
    expect_range(&(struct range_source){&few, NULL, 1}, 1001, 1, 0, 256);
}

/* Halves are rounded up, and nothing is read beside a row: it is of its exact size. */
static void matches_lie_in_the_right_row(void **state)
{
    (void)state;
    enum { WIDTH_PX = 60 };
    static const struct {
        int x, value;
        bool trusted;
    } cases[] = {{40, 30 * 16 + 8, true},
                 {0, 30 * 16, false},
                 {10, 11 * 16, false},
                 {59, -16, false},
                 {59, -30 * 16, false}};
    struct disparity_map right = {WIDTH_PX, 1, WIDTH_PX,
                                  malloc(WIDTH_PX * sizeof(int16_t))};
    assert_non_null(right.values);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct disparity_map left = even_map(WIDTH_PX, 1, N);
        disparity_row(&left, 0)[cases[i].x] = (int16_t)cases[i].value;
        for (int x = 0; x < WIDTH_PX; x++)
            right.values[x] = N;
        right.values[9] = (int16_t)cases[i].value; /* 40 - 30.5, rounded */
        /* One of forty pixels is enough. */
        const struct sgm_window window = {
            .x = cases[i].x < 20 ? 0 : 20, .width_px = 40, .height_px = 1};
        struct disparity_range range =
            tile_range(&(struct range_source){&left, &right, 1}, &window, full);
        assert_int_equal(range.count, cases[i].trusted ? 32 : 256);
    }
    free(right.values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(slack_lies_on_either_side, scratch_rewind_all),
        cmocka_unit_test_teardown(few_outliers_widen_nothing, scratch_rewind_all),
        cmocka_unit_test_teardown(a_range_is_believed_from_two_in_a_hundred,
                                  scratch_rewind_all),
        cmocka_unit_test_teardown(matches_must_come_back, scratch_rewind_all),
        cmocka_unit_test_teardown(windows_are_rounded_outwards, scratch_rewind_all),
        cmocka_unit_test_teardown(counts_are_rounded_up, scratch_rewind_all),
        cmocka_unit_test_teardown(what_is_wider_or_outside_gives_all, scratch_rewind_all),
        cmocka_unit_test_teardown(matches_lie_in_the_right_row, scratch_rewind_all),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
