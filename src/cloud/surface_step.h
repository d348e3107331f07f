/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which neighbouring disparities lie on one surface.
 *
 * Two do when they differ by at most one pixel, and by no more than an eighth of their
 * depth: far away one pixel is a deep jump, near by it is a slope. Differences below a
 * quarter pixel are noise of the match and never a jump.
 */
#ifndef CLOUD_SURFACE_STEP_H
#define CLOUD_SURFACE_STEP_H

#include <stdbool.h>

enum { SURFACE_STEP_MAX = 16, SURFACE_STEP_NOISE = 4 }; /* sixteenths */

/* The largest difference of neighbours a and b; all in sixteenths. */
static inline int surface_step_limit(int a, int b, int doffs)
{
    int eighth = (a + b + 2 * doffs) >> 4;
    int limit = eighth < SURFACE_STEP_MAX ? eighth : SURFACE_STEP_MAX;
    return limit > SURFACE_STEP_NOISE ? limit : SURFACE_STEP_NOISE;
}

static inline bool surface_step_is_small(int a, int b, int doffs)
{
    int difference = a > b ? a - b : b - a;
    return difference <= surface_step_limit(a, b, doffs);
}

#endif
