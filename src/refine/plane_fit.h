/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plane that most of a segment's samples lie on.
 *
 * Planes through three samples, and constants, are drawn (Fischler and Bolles, Random
 * sample consensus, 1981); the best is refined by least squares over its inliers. The
 * draws come from a fixed generator seeded by the segment's number, and the sums are
 * exact, so the result is one for any machine.
 */
#ifndef REFINE_PLANE_FIT_H
#define REFINE_PLANE_FIT_H

#include "refine/plane_segment.h"
#include "refine/row_kernels.h"

enum { MIN_MEASURED = 12 };

struct plane_sample {
    uint16_t x, y;
    int16_t d;
};

/* Fits the planes of all segments that have samples and says in each which are accepted:
 * those with at least `demand` of the samples on them, or fewer where the others agree on
 * nothing. */
void plane_fit_segments(struct segment *segments, int count,
                        const struct plane_sample *samples, double demand,
                        const struct row_kernels *kernels);

#endif
