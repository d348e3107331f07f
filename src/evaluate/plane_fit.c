/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/plane_fit.h"

#include <math.h>
#include <stdlib.h>

#include "stereo/disparity_map.h"

enum { DRAWS = 200, JUDGES = 1024, ROUNDS = 20 };

/* Half of a Gaussian lies within 0.6745 sigma. */
static const double SIGMA_OF_MEDIAN = 1.4826;
/* Tukey's constant of 95 % efficiency on Gaussian noise, in sigma. */
static const double BIWEIGHT_SIGMAS = 4.685;
/* The step of a sixteenth, as noise. */
static const double MIN_SIGMA_PX = 1.0 / 16.0 / 3.4641;

double disparity_plane_at(const struct disparity_plane *plane, double x, double y)
{
    return plane->a * x + plane->b * y + plane->c;
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return (x > y) - (x < y);
}

void plane_sort(float *values, int count)
{
    qsort(values, (size_t)count, sizeof(*values), compare_floats);
}

/* Numbers in a fixed order (Knuth's multiplier): the same draws in every run. */
static uint32_t draw(uint64_t *state, uint32_t below)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)((*state >> 32) * below >> 32);
}

static double value_px(const struct plane_samples *samples, int index)
{
    return samples->values[index] / (double)DISPARITY_SCALE;
}

static double residual_px(const struct plane_samples *samples, int index,
                          const struct disparity_plane *plane)
{
    int column = index % samples->columns;
    int row = index / samples->columns;
    return value_px(samples, index) - disparity_plane_at(plane, column, row);
}

/* Determinant of the rows (x, y, 1), by their first columns p and q. */
static double determinant(const double p[3], const double q[3], const double r[3])
{
    return p[0] * (q[1] * r[2] - q[2] * r[1]) - p[1] * (q[0] * r[2] - q[2] * r[0]) +
           p[2] * (q[0] * r[1] - q[1] * r[0]);
}

/* The columns of a 3x3 system, symmetric or not, by Cramer's rule. */
static bool solve(const double columns[3][3], const double right[3],
                  struct disparity_plane *plane)
{
    double whole = determinant(columns[0], columns[1], columns[2]);
    double scale = fabs(columns[0][0]) + fabs(columns[1][1]) + fabs(columns[2][2]);
    if (!(fabs(whole) > 1e-12 * scale))
        return false;
    plane->a = determinant(right, columns[1], columns[2]) / whole;
    plane->b = determinant(columns[0], right, columns[2]) / whole;
    plane->c = determinant(columns[0], columns[1], right) / whole;
    return true;
}

/* An index with a value: the first one from a drawn place on. */
static int draw_sample(const struct plane_samples *samples, uint64_t *state)
{
    int count = samples->columns * samples->rows;
    int index = (int)draw(state, (uint32_t)count);
    for (int i = 0; i < count; i++, index = index + 1 < count ? index + 1 : 0)
        if (samples->values[index] != DISPARITY_INVALID)
            return index;
    return -1;
}

static bool plane_of_triple(const struct plane_samples *samples, uint64_t *state,
                            struct disparity_plane *plane)
{
    double columns[3][3];
    double right[3];
    for (int i = 0; i < 3; i++) {
        int index = draw_sample(samples, state);
        int row = index / samples->columns;
        columns[0][i] = index % samples->columns;
        columns[1][i] = row;
        columns[2][i] = 1.0;
        right[i] = value_px(samples, index);
    }
    return solve((const double(*)[3])columns, right, plane);
}

/* Median of the absolute residuals of up to `limit` samples, evenly spread. */
static double median_residual_px(const struct plane_samples *samples, int limit,
                                 const struct disparity_plane *plane, float *work)
{
    int count = samples->columns * samples->rows;
    int step = count / limit > 1 ? count / limit : 1;
    int used = 0;
    for (int i = 0; i < count; i += step)
        if (samples->values[i] != DISPARITY_INVALID)
            work[used++] = (float)fabs(residual_px(samples, i, plane));
    if (used == 0)
        return INFINITY;
    plane_sort(work, used);
    return work[used / 2];
}

static bool start(const struct plane_samples *samples, float *work,
                  struct disparity_plane *plane)
{
    uint64_t state = 1;
    double best = INFINITY;
    for (int i = 0; i < DRAWS; i++) {
        struct disparity_plane trial;
        if (!plane_of_triple(samples, &state, &trial))
            continue;
        double median = median_residual_px(samples, JUDGES, &trial, work);
        if (median >= best)
            continue;
        best = median;
        *plane = trial;
    }
    return isfinite(best);
}

/* One round of weighted least squares; false when it stands still or cannot be solved. */
static bool refit(const struct plane_samples *samples, double reach_px,
                  struct disparity_plane *plane)
{
    double columns[3][3] = {{0}};
    double right[3] = {0};
    int count = samples->columns * samples->rows;
    for (int i = 0; i < count; i++) {
        if (samples->values[i] == DISPARITY_INVALID)
            continue;
        double ratio = residual_px(samples, i, plane) / reach_px;
        if (fabs(ratio) >= 1.0)
            continue;
        double weight = (1.0 - ratio * ratio) * (1.0 - ratio * ratio);
        int y = i / samples->columns;
        const double row[3] = {i % samples->columns, y, 1.0};
        for (int j = 0; j < 3; j++) {
            right[j] += weight * row[j] * value_px(samples, i);
            for (int k = 0; k < 3; k++)
                columns[j][k] += weight * row[j] * row[k];
        }
    }
    struct disparity_plane before = *plane;
    struct disparity_plane after;
    if (!solve((const double(*)[3])columns, right, &after))
        return false;
    *plane = after;
    return fabs(after.c - before.c) > 1e-6 ||
           fabs(after.a - before.a) * samples->columns > 1e-6 ||
           fabs(after.b - before.b) * samples->rows > 1e-6;
}

bool plane_fit(const struct plane_samples *samples, float *work,
               struct disparity_plane *plane)
{
    int count = samples->columns * samples->rows;
    int valid = 0;
    for (int i = 0; i < count; i++)
        valid += samples->values[i] != DISPARITY_INVALID;
    if (valid < PLANE_FIT_MIN_SAMPLES || !start(samples, work, plane))
        return false;
    for (int i = 0; i < ROUNDS; i++) {
        double median = median_residual_px(samples, count, plane, work);
        double sigma = fmax(SIGMA_OF_MEDIAN * median, MIN_SIGMA_PX);
        if (!refit(samples, BIWEIGHT_SIGMAS * sigma, plane))
            break;
    }
    return true;
}
