/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of fills, planes and free space: what they mean, and that every table of them
 * gives the same. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "refine/plane_samples.h"
#include "refine/plane_segment.h"
#include "refine/row_kernels.h"
#include "refine/steps.h"
#include "support/refine_fixture.h"

enum { WIDTH_MAX = 517 };

static const enum po_cpu_level levels[] = {PO_CPU_SCALAR, PO_CPU_SSE4, PO_CPU_AVX2};

/* Samples about a plane; every third lies off it. */
static void fill_samples(struct plane_samples *set, int count, const struct plane *plane)
{
    set->count = count;
    set->summed_at_once = plane_samples_bound(PLANE_SIDE_MAX_PX, 5000);
    for (int i = 0; i < count; i++) {
        int off = (int)next_random(40) - 20 + (i % 3 == 0 ? 500 : 0);
        set->x[i] = (float)next_random(PLANE_SIDE_MAX_PX);
        set->y[i] = (float)next_random(PLANE_SIDE_MAX_PX);
        set->d[i] = floorf(plane_at(plane, set->x[i], set->y[i])) + (float)off;
    }
}

static void check_sums(const struct plane_samples *set, const struct plane *plane,
                       const struct plane_moments *sums)
{
    double n = 0, d = 0, xy = 0, xd = 0;
    float low = INT16_MAX, high = INT16_MIN;
    for (int i = 0; i < set->count; i++) {
        if (!(fabsf(plane_at(plane, set->x[i], set->y[i]) - set->d[i]) < 12.0F))
            continue;
        n++;
        d += set->d[i];
        xy += (double)set->x[i] * set->y[i];
        xd += (double)set->x[i] * set->d[i];
        low = fminf(low, set->d[i]);
        high = fmaxf(high, set->d[i]);
    }
    assert_true(sums->n == n && sums->d == d && sums->xy == xy && sums->xd == xd);
    assert_true((float)sums->low == low && (float)sums->high == high);
}

/* And are what their definition says; votes below `most` may be cut short. */
static void planes_are_the_same_in_every_table(void **state)
{
    (void)state;
    static const int counts[] = {1, 7, 15, 16, 17, 33, SAMPLES_PER_SEGMENT};
    static const struct plane plane = {0.25F, -0.4F, 3100.0F};
    for (int c = 0; c < (int)(sizeof(counts) / sizeof(counts[0])); c++) {
        struct plane_samples set;
        fill_samples(&set, counts[c], &plane);
        for (int i = 0; i < 3; i++) {
            const struct row_kernels *kernels = row_kernels_find(levels[i]);
            struct plane_moments sums;
            kernels->plane_sums(&set, &plane, &sums);
            check_sums(&set, &plane, &sums);
            assert_int_equal(kernels->plane_votes(&set, &plane, -1), (int)sums.n);
            assert_true(kernels->plane_votes(&set, &plane, counts[c] - 1) <= (int)sums.n);
        }
    }
}

/* Whether the right row sees past the value of column x (free_space_check.c). */
static bool is_seen_through(const int16_t *values, const int16_t *right,
                            const uint8_t *classes, int width, int x)
{
    int at = x - ((values[x] + 8) >> 4);
    if ((classes[x] & PIXEL_CLASS_MASK) == PIXEL_MEASURED ||
        values[x] == DISPARITY_INVALID)
        return false;
    if (at < 0 || at >= width || right[at] == DISPARITY_INVALID)
        return false;
    int by = at + ((right[at] + 8) >> 4);
    return values[x] - right[at] > 32 && by >= 0 &&
           (classes[by] & PIXEL_CLASS_MASK) == PIXEL_MEASURED &&
           abs(values[by] - right[at]) <= 16;
}

/* Few disparities, so that maps contradict and confirm each other. */
static int16_t small_value(void)
{
    static const int16_t steep[] = {DISPARITY_INVALID, INT16_MIN + 1, INT16_MAX, 5000};
    return next_random(8) == 0 ? steep[next_random(4)]
                               : (int16_t)((int)next_random(200) - 60);
}

static void free_space_is_its_definition_in_every_table(void **state)
{
    (void)state;
    static const uint8_t kinds[] = {PIXEL_NONE, PIXEL_FILLED_OCCLUSION,
                                    PIXEL_ON_PLANE | PIXEL_FILLED_MISMATCH,
                                    PIXEL_MEASURED};
    static const int widths[] = {1, 2, 3, 7, 31, 64, 129, 130, WIDTH_MAX};
    enum { WIDTHS = sizeof(widths) / sizeof(widths[0]) };
    int16_t values[WIDTH_MAX], right[WIDTH_MAX], checked[WIDTH_MAX];
    uint8_t classes[WIDTH_MAX];
    uint32_t all = 0;
    for (int round = 0; round < 20 * (int)WIDTHS; round++) {
        int width = widths[round % (int)WIDTHS];
        for (int x = 0; x < width; x++) {
            values[x] = small_value();
            right[x] = small_value();
            /* Stretches without a filled pixel too. */
            classes[x] = x / 150 == 1 ? PIXEL_MEASURED : kinds[next_random(4)];
        }
        /* What lies right of the row would be contradicted and confirmed. */
        if (width >= 7 && width < WIDTH_MAX) {
            right[width] = values[width - 4] = -60;
            classes[width - 4] = PIXEL_MEASURED;
            values[width - 1] = -24;
            classes[width - 1] = PIXEL_FILLED_MISMATCH;
        }
        for (int i = 0; i < 3; i++) {
            uint32_t dropped = 0;
            memcpy(checked, values, sizeof(checked));
            uint32_t told = row_kernels_find(levels[i])->free_space_row(
                &(struct seen_row){width, right, classes, checked});
            for (int x = 0; x < width; x++) {
                bool through = is_seen_through(values, right, classes, width, x);
                assert_int_equal(checked[x], through ? DISPARITY_INVALID : values[x]);
                dropped += through;
            }
            assert_int_equal(told, dropped);
            all += dropped;
        }
    }
    assert_true(all > 300);
}

/* All as far out as they can be. */
static void sums_of_far_samples_are_exact(void **state)
{
    (void)state;
    static const int disparities[] = {INT16_MIN + 1, INT16_MAX, 1};
    struct plane_samples set = {.count = SAMPLES_PER_SEGMENT};
    for (int k = 0; k < 3; k++) {
        const struct plane plane = {0, 0, (float)disparities[k]};
        set.summed_at_once = plane_samples_bound(PLANE_SIDE_MAX_PX, abs(disparities[k]));
        assert_in_range(set.summed_at_once, 15, 127);
        for (int i = 0; i < set.count; i++) {
            set.x[i] = set.y[i] = PLANE_SIDE_MAX_PX - 1;
            set.d[i] = plane.c;
        }
        for (int i = 0; i < 3; i++) {
            struct plane_moments sums;
            row_kernels_find(levels[i])->plane_sums(&set, &plane, &sums);
            check_sums(&set, &plane, &sums);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planes_are_the_same_in_every_table),
        cmocka_unit_test(sums_of_far_samples_are_exact),
        cmocka_unit_test(free_space_is_its_definition_in_every_table),
    };
    return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
