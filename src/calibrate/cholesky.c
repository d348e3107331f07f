/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/cholesky.h"
#include <stddef.h>

#include <math.h>

static const double LEAST_PIVOT = 1e-13; /* of the diagonal before elimination */

bool cholesky_factor(double *a, int n)
{
    for (int i = 0; i < n; i++) {
        double before = a[(ptrdiff_t)i * n + i];
        for (int j = 0; j <= i; j++) {
            double sum = a[(ptrdiff_t)i * n + j];
            for (int k = 0; k < j; k++)
                sum -= a[(ptrdiff_t)i * n + k] * a[(ptrdiff_t)j * n + k];
            if (j < i)
                a[(ptrdiff_t)i * n + j] = sum / a[(ptrdiff_t)j * n + j];
            else if (!(sum > LEAST_PIVOT * before))
                return false;
            else
                a[(ptrdiff_t)i * n + i] = sqrt(sum);
        }
    }
    return true;
}

void cholesky_solve(const double *factor, int n, double *b)
{
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++)
            b[i] -= factor[(ptrdiff_t)i * n + k] * b[k];
        b[i] /= factor[(ptrdiff_t)i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            b[i] -= factor[(ptrdiff_t)k * n + i] * b[k];
        b[i] /= factor[(ptrdiff_t)i * n + i];
    }
}

void cholesky_invert(const double *factor, int n, double *inverse)
{
    for (int column = 0; column < n; column++) {
        double unit[CHOLESKY_MAX] = {0};
        unit[column] = 1;
        cholesky_solve(factor, n, unit);
        for (int row = 0; row < n; row++)
            inverse[(ptrdiff_t)row * n + column] = unit[row];
    }
}
