/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/patch_match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

/*
 * rho = (N sum(l r) - sum(l) sum(r)) / sqrt((N sum(l^2) - sum(l)^2)(N sum(r^2) -
 * sum(r)^2)), N = PATCH_AREA (Pearson 1895). All sums are exact integers.
 */

static double energy_root(int64_t sum, int64_t squares)
{
    return sqrt((double)(PATCH_AREA * squares - sum * sum));
}

static void template_make(const struct image_view *image, int x, int y,
                          struct patch_template *patch)
{
    int sum = 0;
    int squares = 0;
    memset(patch->pairs, 0, sizeof(patch->pairs));
    for (int v = 0; v < PATCH_SIDE; v++) {
        const uint8_t *row = image_row(image, y - PATCH_RADIUS + v) + x - PATCH_RADIUS;
        for (int u = 0; u < PATCH_SIDE; u++) {
            patch->values[v * PATCH_SIDE + u] = row[u];
            patch->pairs[v][u] = row[u];
            sum += row[u];
            squares += row[u] * row[u];
        }
    }
    patch->sum = sum;
    patch->norm = energy_root(sum, squares);
}

/* Positions beside each other. */
struct position_run {
    int x, y; /* of the first */
    int count;
};

/* What of a run of patches is their own: 32 bits hold it, and what it is multiplied to.
 */
struct run_sums {
    int32_t sums[PATCH_POSITIONS];
    int32_t squares[PATCH_POSITIONS];
};
_Static_assert(PATCH_AREA *PATCH_AREA * 255 * 255 < INT32_MAX, "products fit");

static void run_sums_of(const struct position_sums *row, struct run_sums *run)
{
    int32_t sum = 0;
    int32_t squares = 0;
    for (int i = 0; i < PATCH_SIDE - 1; i++) {
        sum += (int32_t)row->column_sums[i];
        squares += (int32_t)row->column_squares[i];
    }
    for (int i = 0; i < row->count; i++) {
        sum += (int32_t)row->column_sums[i + PATCH_SIDE - 1];
        squares += (int32_t)row->column_squares[i + PATCH_SIDE - 1];
        run->sums[i] = sum;
        run->squares[i] = squares;
        sum -= (int32_t)row->column_sums[i];
        squares -= (int32_t)row->column_squares[i];
    }
}

/* 0 where one of the patches is flat. All roots and quotients are taken, so that
 * compilers make vectors of it; what 0 divides is left. */
static void correlations_of(const struct patch_template *patch,
                            const struct position_sums *row, const struct run_sums *run,
                            double *correlations)
{
    double norms[PATCH_POSITIONS];
    const double template_norm = patch->norm;
    const double least = template_norm < PATCH_AREA ? INFINITY : PATCH_AREA;
    const int32_t template_sum = (int32_t)patch->sum;
    for (int i = 0; i < row->count; i++) {
        int32_t sum = run->sums[i];
        int32_t both = PATCH_AREA * (int32_t)row->products[i] - template_sum * sum;
        norms[i] = sqrt((double)(PATCH_AREA * run->squares[i] - sum * sum));
        correlations[i] = (double)both / (template_norm * norms[i]);
    }
    for (int i = 0; i < row->count; i++)
        correlations[i] = norms[i] < least ? 0.0 : correlations[i];
}

/* Correlations of the patch with those centred at (x .. x + count - 1, y). */
static void correlate_row(patch_sums_function *sums_of,
                          const struct patch_template *patch,
                          const struct image_view *image, struct position_run run,
                          double *correlations)
{
    const uint8_t *rows[PATCH_SIDE];
    struct position_sums row;
    row.count = run.count;
    for (int v = 0; v < PATCH_SIDE; v++)
        rows[v] = image_row(image, run.y - PATCH_RADIUS + v) + run.x - PATCH_RADIUS;
    sums_of(patch, rows, &row);
    struct run_sums sums;
    run_sums_of(&row, &sums);
    correlations_of(patch, &row, &sums, correlations);
}

double patch_correlation(const struct image_view *left, int xl, int yl,
                         const struct image_view *right, int xr, int yr)
{
    double correlation;
    struct patch_template patch;
    template_make(left, xl, yl, &patch);
    correlate_row(patch_sums_plain, &patch, right, (struct position_run){xr, yr, 1},
                  &correlation);
    return correlation;
}

static struct patch_window clip(struct patch_window window,
                                const struct image_view *image)
{
    int right = image->width_px - 1 - PATCH_RADIUS;
    int bottom = image->height_px - 1 - PATCH_RADIUS;
    return (struct patch_window){
        .x_min = window.x_min > PATCH_RADIUS ? window.x_min : PATCH_RADIUS,
        .x_max = window.x_max < right ? window.x_max : right,
        .y_min = clamp(window.y_min, PATCH_RADIUS, bottom + 1),
        .y_max = clamp(window.y_max, PATCH_RADIUS - 1, bottom),
    };
}

/* Keeps the peak and, as `second`, the best value that is not on its flank. */
static void peak_update(struct patch_peak *peak, int x, int y, double correlation)
{
    bool near = abs(x - peak->x) <= 2 && abs(y - peak->y) <= 2;
    if (correlation > peak->correlation) {
        if (!near)
            peak->second =
                peak->correlation > peak->second ? peak->correlation : peak->second;
        peak->x = x;
        peak->y = y;
        peak->correlation = correlation;
    } else if (!near && correlation > peak->second) {
        peak->second = correlation;
    }
}

bool patch_search(enum po_cpu_level cpu, const struct image_view *left,
                  struct patch_centre centre, const struct image_view *right,
                  struct patch_window window, struct patch_peak *peak)
{
    struct patch_template patch;
    patch_sums_function *sums_of = patch_sums_find(cpu);
    struct patch_window clipped = clip(window, right);
    *peak = (struct patch_peak){.x = INT16_MIN, .correlation = -2.0, .second = -2.0};
    if (clipped.x_min > clipped.x_max || clipped.y_min > clipped.y_max)
        return false;
    template_make(left, centre.x, centre.y, &patch);
    for (int y = clipped.y_min; y <= clipped.y_max; y++) {
        for (int x = clipped.x_min; x <= clipped.x_max; x += PATCH_POSITIONS) {
            double correlations[PATCH_POSITIONS];
            int left_over = clipped.x_max + 1 - x;
            int count = left_over < PATCH_POSITIONS ? left_over : PATCH_POSITIONS;
            correlate_row(sums_of, &patch, right, (struct position_run){x, y, count},
                          correlations);
            for (int i = 0; i < count; i++)
                peak_update(peak, x + i, y, correlations[i]);
        }
    }
    peak->interior = peak->x > clipped.x_min && peak->x < clipped.x_max &&
                     peak->y > clipped.y_min && peak->y < clipped.y_max;
    return true;
}
