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

/* 0 where one of the patches is flat. */
static double correlation_of(const struct patch_template *patch, int64_t products,
                             int64_t sum, int64_t squares)
{
    double norm = energy_root(sum, squares);
    if (norm < PATCH_AREA || patch->norm < PATCH_AREA)
        return 0.0;
    return (double)(PATCH_AREA * products - patch->sum * sum) / (patch->norm * norm);
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
    int64_t sum = 0;
    int64_t squares = 0;
    for (int i = 0; i < PATCH_SIDE - 1; i++) {
        sum += row.column_sums[i];
        squares += row.column_squares[i];
    }
    for (int i = 0; i < run.count; i++) {
        sum += row.column_sums[i + PATCH_SIDE - 1];
        squares += row.column_squares[i + PATCH_SIDE - 1];
        correlations[i] = correlation_of(patch, row.products[i], sum, squares);
        sum -= row.column_sums[i];
        squares -= row.column_squares[i];
    }
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
