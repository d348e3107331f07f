/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small symmetric positive definite systems, dense and row-major: the shared parameters
 * of two cameras, or the pose of one board. n is at most CHOLESKY_MAX.
 */
#ifndef CALIBRATE_CHOLESKY_H
#define CALIBRATE_CHOLESKY_H

#include <stdbool.h>

enum { CHOLESKY_MAX = 32 };

/* Replaces the lower triangle of `a` by its factor L, a = L L'; false when `a` is not
 * positive definite to working precision. */
bool cholesky_factor(double *a, int n);
/* Solves L L' x = b in place. */
void cholesky_solve(const double *factor, int n, double *b);
/* The inverse of L L', full and symmetric. */
void cholesky_invert(const double *factor, int n, double *inverse);

#endif
