/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/row_warp.h"

#include <math.h>
#include <stdbool.h>

#include "base/number.h"

enum { PHASES = 64, WEIGHT_ONE = 1 << 12 };

/* Keys' kernel at distances 1+f, f, 1-f, 2-f (a = -1/2), in 1/4096, summing to 4096. */
static void phase_weights(int phase, int weights[4])
{
    double f = (double)phase / PHASES;
    weights[0] = (int)lround(WEIGHT_ONE * (((-0.5 * f + 1.0) * f - 0.5) * f));
    weights[2] = (int)lround(WEIGHT_ONE * (((-1.5 * f + 2.0) * f + 0.5) * f));
    weights[3] = (int)lround(WEIGHT_ONE * ((0.5 * f - 0.5) * f * f));
    weights[1] = WEIGHT_ONE - weights[0] - weights[2] - weights[3];
}

/* Bytes first..end-1 of a row whose source row and phase are the same. */
static void blend(const struct image_view *source, int row, const int weights[4],
                  int first, int end, uint8_t *restrict target)
{
    int last = source->height_px - 1;
    const uint8_t *a = image_row(source, clamp(row - 1, 0, last));
    const uint8_t *b = image_row(source, clamp(row, 0, last));
    const uint8_t *c = image_row(source, clamp(row + 1, 0, last));
    const uint8_t *d = image_row(source, clamp(row + 2, 0, last));
    int wa = weights[0], wb = weights[1], wc = weights[2], wd = weights[3];
    for (int i = first; i < end; i++) {
        int sum = WEIGHT_ONE / 2 + a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd;
        target[i] = (uint8_t)clamp(sum / WEIGHT_ONE, 0, 255);
    }
}

/* Where (x, y) comes from, in phases of a row. */
static int position_of(const struct vertical_field *field,
                       const struct image_view *target, int x, int y)
{
    double base = y + field->a_px + field->c_px * (2.0 * y / target->height_px - 1.0);
    double row = base + field->b_px * (2.0 * x / target->width_px - 1.0);
    return (int)floor(row * PHASES + 0.5);
}

/* The field is linear along a row, so a position holds for one stretch of pixels: the
 * first pixel beyond it. */
static int stretch_end(const struct vertical_field *field,
                       const struct image_view *target, int x, int y)
{
    int position = position_of(field, target, x, y);
    int inside = x, outside = target->width_px;
    while (outside - inside > 1) {
        int middle = inside + (outside - inside) / 2;
        if (position_of(field, target, middle, y) == position)
            inside = middle;
        else
            outside = middle;
    }
    return outside;
}

void row_warp(const struct image_view *source, const struct vertical_field *field,
              struct image_view *target)
{
    int weights[PHASES][4];
    for (int phase = 0; phase < PHASES; phase++)
        phase_weights(phase, weights[phase]);
    int channels = source->channels;
    for (int y = 0; y < target->height_px; y++) {
        for (int x = 0; x < target->width_px;) {
            int position = position_of(field, target, x, y);
            int end = stretch_end(field, target, x, y);
            /* >> 6 is the floor of position / PHASES */
            blend(source, position >> 6, weights[position & (PHASES - 1)], x * channels,
                  end * channels, image_row(target, y));
            x = end;
        }
    }
}

void row_warp_mask(const struct image_view *source, const struct vertical_field *field,
                   struct image_view *target)
{
    for (int y = 0; y < target->height_px; y++) {
        uint8_t *to = image_row(target, y);
        double base = y + field->a_px + field->c_px * (2.0 * y / target->height_px - 1.0);
        for (int x = 0; x < target->width_px; x++) {
            double row = base + field->b_px * (2.0 * x / target->width_px - 1.0);
            bool is_inside = row >= 0.0 && row <= source->height_px - 1.0;
            to[x] = is_inside ? image_row(source, (int)(row + 0.5))[x] : 0;
        }
    }
}
