/* SPDX-License-Identifier: Apache-2.0 */
/* 3x3 matrices (row-major) and 3-vectors of doubles: what two cameras need, no more. */
#ifndef CALIB_MATRIX3_H
#define CALIB_MATRIX3_H

#include <stdbool.h>

extern const double matrix3_identity[9];

/* `out` may not be one of the factors. */
void matrix3_multiply(double out[9], const double a[9], const double b[9]);
void matrix3_transpose(double out[9], const double a[9]);
/* `out` may be `v`. */
void matrix3_apply(double out[3], const double a[9], const double v[3]);
double matrix3_determinant(const double a[9]);
double vector3_length(const double v[3]);
bool all_finite(const double *values, int count);
/* Finite, and at most 1e15: far above what a calibration holds, and so small that squares
 * and products of a few stay finite. */
bool all_plausible(const double *values, int count);

/* How far from a rotation: the largest entry of |R R' - I|; 2 or more for a reflection.
 */
double rotation_error(const double a[9]);
/* The nearest rotation of one that is off by rounding only (Higham 1986: Newton's
 * iteration X <- (X + X^-T) / 2). */
void rotation_polish(double a[9]);
/* Axis times angle to matrix and back (Rodrigues' formula); angles below pi. */
void rotation_from_vector(double out[9], const double vector[3]);
void rotation_to_vector(double out[3], const double a[9]);

/* The rotation and the translation of a 4x4 rigid motion. */
void transform_split(const double transform[16], double rotation[9],
                     double translation[3]);

#endif
