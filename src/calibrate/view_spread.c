/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "calibrate/views.h"

struct sums {
    double a2, b2; /* of squared distances from the middle */
    double re, im; /* of conj(a) b */
};

static void middle_of(const double *xy, int count, double middle[2])
{
    middle[0] = middle[1] = 0;
    for (int i = 0; i < 2 * count; i++)
        middle[i % 2] += xy[i] / count;
}

/* Least squares of b = z a + shift over complex z: what is left of b, as a share. */
static double shape_distance(const double *a, const double *b, int count)
{
    double from[2];
    double to[2];
    struct sums sums = {0};
    middle_of(a, count, from);
    middle_of(b, count, to);
    for (ptrdiff_t i = 0; i < count; i++) {
        double p[2] = {a[2 * i] - from[0], a[2 * i + 1] - from[1]};
        double q[2] = {b[2 * i] - to[0], b[2 * i + 1] - to[1]};
        sums.a2 += p[0] * p[0] + p[1] * p[1];
        sums.b2 += q[0] * q[0] + q[1] * q[1];
        sums.re += p[0] * q[0] + p[1] * q[1];
        sums.im += p[0] * q[1] - p[1] * q[0];
    }
    if (!(sums.a2 > 0 && sums.b2 > 0))
        return 0;
    double explained = (sums.re * sums.re + sums.im * sums.im) / sums.a2;
    return sqrt(fmax(0, sums.b2 - explained) / sums.b2);
}

double view_set_spread(const struct view_set *set)
{
    double largest = 0;
    for (int v = 0; v < set->view_count; v++)
        for (int w = 0; w < v; w++)
            for (int side = 0; side < 2; side++)
                if (set->views[v].sides[side] && set->views[w].sides[side])
                    largest = fmax(largest, shape_distance(set->views[v].pixels[side],
                                                           set->views[w].pixels[side],
                                                           set->corner_count));
    return largest;
}
