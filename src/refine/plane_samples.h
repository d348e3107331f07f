/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measured pixels of a segment that its plane is fitted to, laid out for vector loops,
 * and the sums over those that lie on a plane.
 *
 * Invariant: positions count from the segment's origin and stay below PLANE_SIDE_MAX_PX;
 * disparities are sixteenths; all are whole numbers.
 */
#ifndef REFINE_PLANE_SAMPLES_H
#define REFINE_PLANE_SAMPLES_H

#include <stdint.h>

enum { SAMPLES_PER_SEGMENT = 512 };

struct plane_samples {
    int count;
    int summed_at_once; /* plane_samples_bound of them, or less */
    float x[SAMPLES_PER_SEGMENT], y[SAMPLES_PER_SEGMENT], d[SAMPLES_PER_SEGMENT];
};

/* How many products of two positions, or of one and a disparity, add up to less than 2^31
 * when none exceeds these: 15 of the largest there are. */
static inline int plane_samples_bound(int position, int disparity)
{
    int largest = position > disparity ? position : disparity;
    return INT32_MAX / (position * largest + 1);
}

/* Sums over inliers: whole numbers, so exact in any order. */
struct plane_moments {
    double n, x, y, d, xx, xy, yy, xd, yd;
    int low, high;
};

#endif
