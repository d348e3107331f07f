/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/matrix3.h"

#include <math.h>
#include <string.h>

const double matrix3_identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};

void matrix3_multiply(double out[9], const double a[9], const double b[9])
{
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
            out[3 * r + c] =
                a[3 * r + 0] * b[c] + a[3 * r + 1] * b[3 + c] + a[3 * r + 2] * b[6 + c];
}

void matrix3_transpose(double out[9], const double a[9])
{
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
            out[3 * r + c] = a[3 * c + r];
}

void matrix3_apply(double out[3], const double a[9], const double v[3])
{
    double x = v[0];
    double y = v[1];
    double z = v[2];
    for (int r = 0; r < 3; r++)
        out[r] = a[3 * r + 0] * x + a[3 * r + 1] * y + a[3 * r + 2] * z;
}

double matrix3_determinant(const double a[9])
{
    return a[0] * (a[4] * a[8] - a[5] * a[7]) - a[1] * (a[3] * a[8] - a[5] * a[6]) +
           a[2] * (a[3] * a[7] - a[4] * a[6]);
}

double vector3_length(const double v[3])
{
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

bool all_finite(const double *values, int count)
{
    for (int i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

bool all_plausible(const double *values, int count)
{
    static const double most = 1e15;
    for (int i = 0; i < count; i++)
        if (!(fabs(values[i]) <= most))
            return false;
    return true;
}

double rotation_error(const double a[9])
{
    double transposed[9];
    double product[9];
    matrix3_transpose(transposed, a);
    matrix3_multiply(product, a, transposed);
    double worst = 0;
    for (int i = 0; i < 9; i++)
        worst = fmax(worst, fabs(product[i] - matrix3_identity[i]));
    return matrix3_determinant(a) > 0 ? worst : fmax(worst, 2);
}

/* The inverse transposed: cofactors over the determinant. */
static void inverse_transposed(double out[9], const double a[9])
{
    double determinant = matrix3_determinant(a);
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++) {
            int r1 = (r + 1) % 3;
            int r2 = (r + 2) % 3;
            int c1 = (c + 1) % 3;
            int c2 = (c + 2) % 3;
            out[3 * r + c] =
                (a[3 * r1 + c1] * a[3 * r2 + c2] - a[3 * r1 + c2] * a[3 * r2 + c1]) /
                determinant;
        }
}

void rotation_polish(double a[9])
{
    for (int iteration = 0; iteration < 6; iteration++) {
        double other[9];
        inverse_transposed(other, a);
        for (int i = 0; i < 9; i++)
            a[i] = (a[i] + other[i]) / 2;
    }
}

void rotation_from_vector(double out[9], const double vector[3])
{
    double angle = vector3_length(vector);
    if (angle < 1e-15) {
        memcpy(out, matrix3_identity, sizeof(matrix3_identity));
        return;
    }
    double x = vector[0] / angle;
    double y = vector[1] / angle;
    double z = vector[2] / angle;
    double c = cos(angle);
    double s = sin(angle);
    double m = 1 - c;
    const double rotation[9] = {
        c + x * x * m,     x * y * m - z * s, x * z * m + y * s,
        x * y * m + z * s, c + y * y * m,     y * z * m - x * s,
        x * z * m - y * s, y * z * m + x * s, c + z * z * m,
    };
    memcpy(out, rotation, sizeof(rotation));
}

void rotation_to_vector(double out[3], const double a[9])
{
    /* R - R' = 2 sin(angle) [axis]x */
    double axis[3] = {(a[7] - a[5]) / 2, (a[2] - a[6]) / 2, (a[3] - a[1]) / 2};
    double sine = vector3_length(axis);
    double angle = atan2(sine, (a[0] + a[4] + a[8] - 1) / 2);
    double scale = sine > 1e-12 ? angle / sine : 1;
    for (int i = 0; i < 3; i++)
        out[i] = axis[i] * scale;
}

void transform_split(const double transform[16], double rotation[9],
                     double translation[3])
{
    for (int r = 0; r < 3; r++) {
        for (int c = 0; c < 3; c++)
            rotation[3 * r + c] = transform[4 * r + c];
        translation[r] = transform[4 * r + 3];
    }
}
