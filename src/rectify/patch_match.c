/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/patch_match.h"

#include <math.h>
#include <stdlib.h>

#include "base/number.h"

enum { SIDE = 2 * PATCH_RADIUS + 1, AREA = SIDE * SIDE, POSITIONS = 64 };

/*
 * rho = (N sum(l r) - sum(l) sum(r)) / sqrt((N sum(l^2) - sum(l)^2)(N sum(r^2) -
 * sum(r)^2)), N = AREA (Pearson 1895). All sums are exact integers.
 */

/* A patch and what of the formula is its own. */
struct template
{
    uint8_t values[AREA];
    int64_t sum;
    double norm;
};

static double energy_root(int64_t sum, int64_t squares)
{
    return sqrt((double)(AREA * squares - sum * sum));
}

static void template_make(const struct image_view *image, int x, int y,
                          struct template *template)
{
    int sum = 0;
    int squares = 0;
    for (int v = 0; v < SIDE; v++) {
        const uint8_t *row = image_row(image, y - PATCH_RADIUS + v) + x - PATCH_RADIUS;
        for (int u = 0; u < SIDE; u++) {
            template->values[v * SIDE + u] = row[u];
            sum += row[u];
            squares += row[u] * row[u];
        }
    }
    template->sum = sum;
    template->norm = energy_root(sum, squares);
}

/* 0 where one of the patches is flat. */
static double correlation_of(const struct template *template, int64_t products,
                             int64_t sum, int64_t squares)
{
    double norm = energy_root(sum, squares);
    if (norm < AREA || template->norm < AREA)
        return 0.0;
    return (double)(AREA * products - template->sum * sum) / (template->norm * norm);
}

/* Positions of one row beside each other, in lanes. */
struct position_row {
    int count; /* at most POSITIONS */
    uint32_t products[POSITIONS];
    uint32_t column_sums[POSITIONS + SIDE];
    uint32_t column_squares[POSITIONS + SIDE];
};

static void add_products(struct position_row *row, const uint8_t *pixels, int value)
{
    uint16_t factor = (uint16_t)value;
    for (int x = 0; x < row->count; x++)
        row->products[x] += (uint16_t)(factor * pixels[x]); /* at most 255 * 255 */
}

static void add_columns(struct position_row *row, const uint8_t *pixels)
{
    for (int x = 0; x < row->count + SIDE - 1; x++) {
        row->column_sums[x] += pixels[x];
        row->column_squares[x] += (uint16_t)(pixels[x] * pixels[x]);
    }
}

/* Correlations of the template with the patches centred at (x .. x + count - 1, y). */
static void correlate_row(const struct template *template, const struct image_view *image,
                          int x, int y, int count, double *correlations)
{
    struct position_row row = {.count = count};
    for (int v = 0; v < SIDE; v++) {
        const uint8_t *pixels = image_row(image, y - PATCH_RADIUS + v) + x - PATCH_RADIUS;
        for (int u = 0; u < SIDE; u++)
            add_products(&row, pixels + u, template->values[v * SIDE + u]);
        add_columns(&row, pixels);
    }
    int64_t sum = 0;
    int64_t squares = 0;
    for (int i = 0; i < SIDE - 1; i++) {
        sum += row.column_sums[i];
        squares += row.column_squares[i];
    }
    for (int i = 0; i < count; i++) {
        sum += row.column_sums[i + SIDE - 1];
        squares += row.column_squares[i + SIDE - 1];
        correlations[i] = correlation_of(template, row.products[i], sum, squares);
        sum -= row.column_sums[i];
        squares -= row.column_squares[i];
    }
}

double patch_correlation(const struct image_view *left, int xl, int yl,
                         const struct image_view *right, int xr, int yr)
{
    double correlation;
    struct template template;
    template_make(left, xl, yl, &template);
    correlate_row(&template, right, xr, yr, 1, &correlation);
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

bool patch_search(const struct image_view *left, int xl, int yl,
                  const struct image_view *right, struct patch_window window,
                  struct patch_peak *peak)
{
    struct template template;
    struct patch_window clipped = clip(window, right);
    *peak = (struct patch_peak){.x = INT16_MIN, .correlation = -2.0, .second = -2.0};
    if (clipped.x_min > clipped.x_max || clipped.y_min > clipped.y_max)
        return false;
    template_make(left, xl, yl, &template);
    for (int y = clipped.y_min; y <= clipped.y_max; y++) {
        for (int x = clipped.x_min; x <= clipped.x_max; x += POSITIONS) {
            double correlations[POSITIONS];
            int left_over = clipped.x_max + 1 - x;
            int count = left_over < POSITIONS ? left_over : POSITIONS;
            correlate_row(&template, right, x, y, count, correlations);
            for (int i = 0; i < count; i++)
                peak_update(peak, x + i, y, correlations[i]);
        }
    }
    peak->interior = peak->x > clipped.x_min && peak->x < clipped.x_max &&
                     peak->y > clipped.y_min && peak->y < clipped.y_max;
    return true;
}
