/* SPDX-License-Identifier: Apache-2.0 */
/* The views are eliminated (their Schur complement), and what is left is inverted. */
#include "calibrate/bundle_equations.h"

#include <math.h>
#include <string.h>

#include "calibrate/cholesky.h"

enum { N = BUNDLE_SHARED };

/* What moves nothing is held by one on the diagonal. */
static void hold_fixed(const struct bundle_equations *equations, double matrix[N * N])
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            if (!equations->free[i] || !equations->free[j])
                matrix[(ptrdiff_t)i * N + j] = i == j;
}

bool bundle_equations_reduce(const struct bundle *bundle,
                             struct bundle_equations *equations, double damping,
                             double matrix[N * N], double vector[N])
{
    memcpy(matrix, equations->shared, sizeof(equations->shared));
    memcpy(vector, equations->gradient, sizeof(equations->gradient));
    for (int i = 0; i < N; i++)
        matrix[(ptrdiff_t)i * N + i] *= 1 + damping;
    for (int v = 0; v < bundle->view_count; v++) {
        struct bundle_view_block *block = &equations->views[v];
        if (!bundle_view_is_present(bundle, v))
            continue;
        memcpy(block->factor, block->own, sizeof(block->own));
        for (int i = 0; i < BUNDLE_POSE; i++)
            block->factor[(ptrdiff_t)i * BUNDLE_POSE + i] *= 1 + damping;
        if (!cholesky_factor(block->factor, BUNDLE_POSE))
            return false;
        for (int i = 0; i < N; i++) {
            double solved[BUNDLE_POSE];
            if (!equations->free[i])
                continue;
            memcpy(solved, block->coupling + (ptrdiff_t)i * BUNDLE_POSE, sizeof(solved));
            cholesky_solve(block->factor, BUNDLE_POSE, solved);
            for (int k = 0; k < BUNDLE_POSE; k++) {
                vector[i] -= solved[k] * block->gradient[k];
                for (int j = 0; j <= i; j++)
                    matrix[(ptrdiff_t)i * N + j] -=
                        solved[k] * block->coupling[(ptrdiff_t)j * BUNDLE_POSE + k];
            }
        }
    }
    hold_fixed(equations, matrix);
    return true;
}

/* Scaled to a diagonal of ones first: parameters are pixels and pure numbers. */
bool bundle_factor_scaled(double matrix[N * N], double scale[N])
{
    for (int i = 0; i < N; i++) {
        if (!(matrix[(ptrdiff_t)i * N + i] > 0))
            return false;
        scale[i] = 1 / sqrt(matrix[(ptrdiff_t)i * N + i]);
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++)
            matrix[(ptrdiff_t)i * N + j] *= scale[i] * scale[j];
    return cholesky_factor(matrix, N);
}

/* Mean over views of the correlation of fx left with the distance of the board. With
 * G = B C^-1: cov(shared, view) = -Sigma G, cov(view) = C^-1 + G' Sigma G. */
static double correlate_depth(const struct bundle *bundle,
                              const struct bundle_equations *equations,
                              const double covariance[N * N])
{
    double sum = 0;
    int count = 0;
    const int z = 5;
    for (int v = 0; v < bundle->view_count; v++) {
        const struct bundle_view_block *block = &equations->views[v];
        double unit[BUNDLE_POSE] = {0};
        double g[N];
        if (!bundle_view_is_present(bundle, v))
            continue;
        unit[z] = 1;
        cholesky_solve(block->factor, BUNDLE_POSE, unit);
        double cross = 0;
        double own = unit[z];
        for (int i = 0; i < N; i++) {
            g[i] = 0;
            for (int k = 0; k < BUNDLE_POSE; k++)
                g[i] += block->coupling[(ptrdiff_t)i * BUNDLE_POSE + k] * unit[k];
            cross -= covariance[i] * g[i];
        }
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                own += g[i] * covariance[(ptrdiff_t)i * N + j] * g[j];
        if (own > 0 && covariance[0] > 0) {
            sum += fabs(cross) / sqrt(own * covariance[0]);
            count++;
        }
    }
    return count > 0 ? sum / count : 0;
}

bool bundle_covariance_make(const struct bundle *bundle,
                            struct bundle_equations *equations, struct bundle_fit *fit)
{
    double matrix[N * N];
    double vector[N];
    double scale[N];
    if (!bundle_equations_reduce(bundle, equations, 0, matrix, vector) ||
        !bundle_factor_scaled(matrix, scale))
        return false;
    cholesky_invert(matrix, N, fit->covariance);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            fit->covariance[(ptrdiff_t)i * N + j] *=
                equations->free[i] && equations->free[j] ? scale[i] * scale[j] : 0;
    fit->focal_depth_correlation = correlate_depth(bundle, equations, fit->covariance);
    for (int i = 0; i < N * N; i++)
        fit->covariance[i] *= fit->sigma_px * fit->sigma_px;
    return true;
}
