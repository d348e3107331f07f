/* SPDX-License-Identifier: Apache-2.0 */
/* Every table of frame/map_kernels.h against the definition of its loops. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/number.h"
#include "frame/frame_view.h"
#include "frame/map_kernels.h"

enum { LENGTH_MAX = 5000 };

static const int lengths[] = {1, 2, 7, 8, 31, 32, 33, 64, 95, 257, 4096, 4099, 5000};
enum { LENGTHS = sizeof(lengths) / sizeof(lengths[0]) };

static int16_t values[LENGTH_MAX];
static uint8_t bytes[LENGTH_MAX];
static uint32_t chance;

static uint32_t noise(void)
{
    chance = chance * 1664525U + 1013904223U;
    return chance >> 8;
}

/* Values of all sizes, the ends of their type and invalid ones among them. */
static void fill(void)
{
    static const int16_t ends[] = {DISPARITY_INVALID, INT16_MAX, INT16_MIN + 1, 0, -1};
    for (int i = 0; i < LENGTH_MAX; i++) {
        uint32_t kind = noise() % 8;
        values[i] = kind < 5 ? ends[kind] : (int16_t)(noise() % 4000 - 500);
        bytes[i] = (uint8_t)noise();
    }
}

static void span_of_what_is_valid(const struct map_kernels *kernels)
{
    for (int i = 0; i < LENGTHS; i++)
        for (int first = 0; first < 2 && first < lengths[i]; first++) {
            const struct value_span before = {first == 0 ? INT16_MAX : -20,
                                              first == 0 ? INT16_MIN : 40};
            struct value_span want = before;
            for (int x = first; x < lengths[i]; x++) {
                if (values[x] == DISPARITY_INVALID)
                    continue;
                want.min = (int16_t)minimum(want.min, values[x]);
                want.max = (int16_t)maximum(want.max, values[x]);
            }
            const struct value_span got =
                kernels->widen_span(before, values + first, lengths[i] - first);
            assert_int_equal(got.min, want.min);
            assert_int_equal(got.max, want.max);
        }
}

static void sixteenths_become_pixels(const struct map_kernels *kernels)
{
    static float got[LENGTH_MAX + 1];
    for (int i = 0; i < LENGTHS; i++) {
        got[lengths[i]] = 7;
        kernels->to_pixels(values, got, lengths[i]);
        for (int x = 0; x < lengths[i]; x++) {
            float want =
                values[x] == DISPARITY_INVALID ? INFINITY : (float)values[x] / 16.0F;
            assert_memory_equal(&got[x], &want, sizeof(want)); /* and no -0 */
        }
        assert_true(got[lengths[i]] == 7);
    }
}

static void places_are_chosen_by_hash_and_keep(const struct map_kernels *kernels)
{
    static uint8_t got[LENGTH_MAX + 1];
    static const uint32_t limits[] = {0, UINT32_MAX / 30, UINT32_MAX / 2, UINT32_MAX};
    for (int i = 0; i < LENGTHS; i++)
        for (size_t k = 0; k < sizeof(limits) / sizeof(limits[0]); k++) {
            uint32_t first = k == 2 ? UINT32_MAX - 3000 : 1456 * (uint32_t)i;
            got[lengths[i]] = 9;
            kernels->choose_places(first, limits[k], bytes, lengths[i], got);
            for (int x = 0; x < lengths[i]; x++) {
                bool chosen = frame_view_hash(first + (uint32_t)x) <= limits[k];
                assert_int_equal(got[x], chosen && (bytes[x] & 1) != 0);
            }
            assert_int_equal(got[lengths[i]], 9);
        }
}

static void rows_are_added_up(const struct map_kernels *kernels)
{
    enum { STRIDE = 300, SIDES = 5 };
    for (int side = 1; side <= SIDES; side++)
        for (int count = 1; count <= STRIDE; count += 23) {
            uint16_t got[STRIDE + 1];
            got[count] = 12345;
            kernels->add_rows(bytes, STRIDE, side, count, got);
            for (int i = 0; i < count; i++) {
                int want = 0;
                for (int y = 0; y < side; y++)
                    want += bytes[y * STRIDE + i];
                assert_int_equal(got[i], want);
            }
            assert_int_equal(got[count], 12345);
        }
}

static void steps_of_measured_pixels_stay(const struct map_kernels *kernels)
{
    static uint8_t classes[LENGTH_MAX];
    static uint16_t got[LENGTH_MAX], before[LENGTH_MAX];
    for (int i = 0; i < LENGTHS; i++) {
        const struct depth_row row = {values, classes, {-100, 2000}};
        struct depth_counts want = {0, 0, 0};
        for (int x = 0; x < lengths[i]; x++) {
            classes[x] = bytes[x] < 200 ? PIXEL_MEASURED : (uint8_t)(bytes[x] % 4);
            got[x] = before[x] = (uint16_t)(bytes[x] % 3 == 0 ? 0 : noise());
        }
        const struct depth_counts counts = kernels->keep_measured(&row, lengths[i], got);
        for (int x = 0; x < lengths[i]; x++) {
            bool measured = classes[x] == PIXEL_MEASURED;
            bool inside =
                values[x] >= row.limits.lowest && values[x] <= row.limits.highest;
            want.measured += measured;
            want.outside += measured && !inside;
            want.beyond += measured && inside && before[x] == 0;
            assert_int_equal(got[x], measured ? before[x] : 0);
        }
        assert_memory_equal(&counts, &want, sizeof(want));
    }
}

/* At, before and beyond each limit. */
static void ends_are_counted(const struct map_kernels *kernels)
{
    static int16_t row[LENGTH_MAX];
    const struct range_ends ends = {-100, 140, 900, 660};
    static const int16_t places[] = {-101, -100, -99, 140, 141, 660, 661, 900, 901, 300};
    for (int i = 0; i < LENGTHS; i++) {
        struct range_counts want = {0};
        for (int x = 0; x < lengths[i]; x++) {
            row[x] = noise() % 3 == 0 ? values[x] : places[noise() % 10];
            bool valid = row[x] != DISPARITY_INVALID;
            want.matched += valid;
            want.at_low += valid && row[x] < -99;
            want.near_low += valid && row[x] < 141;
            want.at_high += row[x] >= 901;
            want.near_high += row[x] >= 661;
        }
        const struct range_counts got = kernels->count_ends(&ends, row, lengths[i]);
        assert_memory_equal(&got, &want, sizeof(want));
    }
}

static void one_byte_that_is_not_set_is_seen(const struct map_kernels *kernels)
{
    static uint8_t row[LENGTH_MAX];
    for (int i = 0; i < LENGTHS; i++) {
        memset(row, UINT8_MAX, sizeof(row));
        assert_true(kernels->all_set(row, lengths[i]));
        row[lengths[i] - 1] = 0xfe;
        assert_false(kernels->all_set(row, lengths[i]));
        row[lengths[i] - 1] = UINT8_MAX;
        row[noise() % (unsigned)lengths[i]] = 0x7f;
        assert_false(kernels->all_set(row, lengths[i]));
    }
}

static void check_table(const struct map_kernels *kernels)
{
    chance = 4711;
    fill();
    span_of_what_is_valid(kernels);
    sixteenths_become_pixels(kernels);
    places_are_chosen_by_hash_and_keep(kernels);
    rows_are_added_up(kernels);
    steps_of_measured_pixels_stay(kernels);
    ends_are_counted(kernels);
    one_byte_that_is_not_set_is_seen(kernels);
}

static void plain_loops_are_as_defined(void **state)
{
    (void)state;
    check_table(&map_kernels_plain);
}

static void this_processors_loops_are_as_defined(void **state)
{
    (void)state;
    check_table(map_kernels_find());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_loops_are_as_defined),
        cmocka_unit_test(this_processors_loops_are_as_defined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
