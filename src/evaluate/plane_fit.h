/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Robust plane through disparities.
 *
 * A plane in space has a disparity that is linear in the pixel, d = a x + b y + c, and
 * the match's noise is alike everywhere in disparity, not in depth: so the plane is
 * fitted there. Invariant: the same samples give the same plane, to the bit. Ownership:
 * samples are borrowed.
 */
#ifndef EVALUATE_PLANE_FIT_H
#define EVALUATE_PLANE_FIT_H

#include <stdbool.h>
#include <stdint.h>

/* d = a x + b y + c; x and y in the samples' steps. */
struct disparity_plane {
    double a, b, c; /* px */
};

/* A grid of disparities in sixteenths, DISPARITY_INVALID where nothing was measured. */
struct plane_samples {
    int columns, rows;
    const int16_t *values; /* rows of `columns` */
};

enum { PLANE_FIT_MIN_SAMPLES = 12 };

double disparity_plane_at(const struct disparity_plane *plane, double x, double y);

/*
 * Least median of squares over drawn triples (Rousseeuw 1984), then least squares
 * reweighted by Tukey's biweight (Beaton and Tukey 1974). `work` holds as many floats as
 * there are samples. False when fewer than PLANE_FIT_MIN_SAMPLES are valid, or all lie on
 * a line.
 */
bool plane_fit(const struct plane_samples *samples, float *work,
               struct disparity_plane *plane);

/* Sorts, and needs no memory. */
void plane_sort(float *values, int count);

#endif
