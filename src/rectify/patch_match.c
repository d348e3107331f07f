/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/patch_match.h"

#include <math.h>
#include <stdlib.h>

enum { SIDE = 2 * PATCH_RADIUS + 1, AREA = SIDE * SIDE };

/* A patch as values without their mean, times AREA, and the root of their energy. */
struct template
{
    int values[AREA];
    double norm;
};

static void template_make(const struct image_view *image, int x, int y,
                          struct template *template)
{
    int sum = 0;
    for (int v = 0; v < SIDE; v++) {
        const uint8_t *row = image_row(image, y - PATCH_RADIUS + v) + x - PATCH_RADIUS;
        for (int u = 0; u < SIDE; u++)
            sum += template->values[v * SIDE + u] = row[u];
    }
    double energy = 0.0;
    for (int i = 0; i < AREA; i++) {
        template->values[i] = template->values[i] * AREA - sum;
        energy += (double)template->values[i] * template->values[i];
    }
    template->norm = sqrt(energy);
}

/* sum (l - mean l) r / (|l - mean l| |r - mean r|): the mean of r drops out of the
 * product. */
static double correlate(const struct template *template, const struct image_view *image,
                        int x, int y)
{
    int64_t product = 0;
    int sum = 0;
    int squares = 0;
    for (int v = 0; v < SIDE; v++) {
        const uint8_t *row = image_row(image, y - PATCH_RADIUS + v) + x - PATCH_RADIUS;
        const int *values = template->values + (ptrdiff_t)v * SIDE;
        int line = 0;
        for (int u = 0; u < SIDE; u++) {
            int r = row[u];
            line += values[u] * r; /* at most 11 * 30855 * 255: fits */
            sum += r;
            squares += r * r;
        }
        product += line;
    }
    double energy = (double)squares - (double)sum * sum / AREA;
    if (energy < 1.0 || template->norm < 1.0)
        return 0.0;
    return (double)product / (template->norm * sqrt(energy));
}

double patch_correlation(const struct image_view *left, int xl, int yl,
                         const struct image_view *right, int xr, int yr)
{
    struct template template;
    template_make(left, xl, yl, &template);
    return correlate(&template, right, xr, yr);
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
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
    for (int y = clipped.y_min; y <= clipped.y_max; y++)
        for (int x = clipped.x_min; x <= clipped.x_max; x++)
            peak_update(peak, x, y, correlate(&template, right, x, y));
    peak->interior = peak->x > clipped.x_min && peak->x < clipped.x_max &&
                     peak->y > clipped.y_min && peak->y < clipped.y_max;
    return true;
}
