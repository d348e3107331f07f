/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of plane_fit.c, for the table of each instruction set: which samples
 * lie on a plane, by floats that are equal on all of them, and sums over these, in whole
 * numbers.
 */
#ifndef REFINE_PLANE_LOOPS_H
#define REFINE_PLANE_LOOPS_H

#include <math.h>

#include "base/number.h"
#include "refine/plane_samples.h"
#include "refine/plane_segment.h"

enum { VOTES_AT_ONCE = 32 };

#define PLANE_TOLERANCE 12.0F /* 0.75 px */

static int plane_votes(const struct plane_samples *set, const struct plane *plane,
                       int most)
{
    int inliers = 0;
    for (int first = 0; first < set->count && inliers + set->count - first > most;
         first += VOTES_AT_ONCE) {
        int end = minimum(set->count, first + VOTES_AT_ONCE);
        for (int i = first; i < end; i++)
            inliers += fabsf(plane_at(plane, set->x[i], set->y[i]) - set->d[i]) <
                       PLANE_TOLERANCE;
    }
    return inliers;
}

/* Of some samples, in lanes: of so few that 32 bits hold the products' sums. */
struct few_moments {
    int32_t n, x, y, d, xx, xy, yy, xd, yd;
    int32_t low, high;
};

static inline void sum_few(const struct plane_samples *set, int first, int end,
                           const struct plane *plane, struct few_moments *sums)
{
    struct few_moments few = {.low = INT16_MAX, .high = INT16_MIN};
    for (int i = first; i < end; i++) {
        float apart = fabsf(plane_at(plane, set->x[i], set->y[i]) - set->d[i]);
        int32_t in = -(int32_t)(apart < PLANE_TOLERANCE);
        int32_t x = (int32_t)set->x[i] & in, y = (int32_t)set->y[i] & in;
        int32_t value = (int32_t)set->d[i], d = value & in;
        int32_t low = d | (INT16_MAX & ~in), high = d | (INT16_MIN & ~in);
        few.low = low < few.low ? low : few.low;
        few.high = high > few.high ? high : few.high;
        few.n -= in;
        few.x += x;
        few.y += y;
        few.d += d;
        few.xx += x * x;
        few.xy += x * y;
        few.yy += y * y;
        few.xd += x * d;
        few.yd += y * d;
    }
    *sums = few;
}

static void plane_sums(const struct plane_samples *set, const struct plane *plane,
                       struct plane_moments *sums)
{
    *sums = (struct plane_moments){.low = INT16_MAX, .high = INT16_MIN};
    for (int first = 0, end = 0; first < set->count; first = end) {
        struct few_moments few;
        end = first + minimum(set->summed_at_once, set->count - first);
        sum_few(set, first, end, plane, &few);
        sums->low = minimum(sums->low, few.low);
        sums->high = maximum(sums->high, few.high);
        sums->n += few.n;
        sums->x += few.x;
        sums->y += few.y;
        sums->d += few.d;
        sums->xx += few.xx;
        sums->xy += few.xy;
        sums->yy += few.yy;
        sums->xd += few.xd;
        sums->yd += few.yd;
    }
}

#endif
