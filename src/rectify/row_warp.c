/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/row_warp.h"

#include <math.h>
#include <stdbool.h>

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

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static uint8_t sample(const struct image_view *source, int row, int column,
                      const int weights[4])
{
    int last = source->height_px - 1;
    int sum = WEIGHT_ONE / 2;
    for (int k = 0; k < 4; k++)
        sum += weights[k] * image_row(source, clamp(row - 1 + k, 0, last))[column];
    return (uint8_t)clamp(sum / WEIGHT_ONE, 0, 255);
}

void row_warp(const struct image_view *source, const struct row_field *field,
              struct image_view *target)
{
    int weights[PHASES][4];
    for (int phase = 0; phase < PHASES; phase++)
        phase_weights(phase, weights[phase]);
    int channels = source->channels;
    for (int y = 0; y < target->height_px; y++) {
        uint8_t *to = image_row(target, y);
        double base = y + field->a_px + field->c_px * (2.0 * y / target->height_px - 1.0);
        for (int x = 0; x < target->width_px; x++) {
            double row = base + field->b_px * (2.0 * x / target->width_px - 1.0);
            int position = (int)floor(row * PHASES + 0.5);
            int whole = position >> 6; /* floor of position / PHASES */
            for (int c = 0; c < channels; c++)
                to[x * channels + c] = sample(source, whole, x * channels + c,
                                              weights[position & (PHASES - 1)]);
        }
    }
}

void row_warp_mask(const struct image_view *source, const struct row_field *field,
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
