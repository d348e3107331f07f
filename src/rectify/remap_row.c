/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/remap_row.h"

#include <stdbool.h>

/* The four pixels around a place, the upper left first, and their weights. */
struct taps {
    const uint8_t *pixels[4];
    unsigned weights[4];
};

/* Those outside the source weigh nothing. */
static struct taps taps_at(const struct image_view *source, const int16_t *xy,
                           unsigned fraction)
{
    unsigned right = fraction % REMAP_STEPS;
    unsigned below = fraction / REMAP_STEPS % REMAP_STEPS;
    struct taps taps = {.weights = {(REMAP_STEPS - right) * (REMAP_STEPS - below),
                                    right * (REMAP_STEPS - below),
                                    (REMAP_STEPS - right) * below, right * below}};
    for (int i = 0; i < 4; i++) {
        int x = xy[0] + i % 2;
        int y = xy[1] + i / 2;
        bool inside = x >= 0 && x < source->width_px && y >= 0 && y < source->height_px;
        taps.pixels[i] = source->pixels;
        if (inside)
            taps.pixels[i] = image_row(source, y) + (ptrdiff_t)x * source->channels;
        else
            taps.weights[i] = 0;
    }
    return taps;
}

void remap_pixels(const struct remap_row *row, int first, int end)
{
    int channels = row->source->channels;
    uint8_t *out = row->out + (ptrdiff_t)first * channels;
    for (int i = first; i < end; i++, out += channels) {
        const struct taps taps = taps_at(row->source, row->places.xy + 2 * (ptrdiff_t)i,
                                         row->places.fraction[i]);
        for (int c = 0; c < channels; c++) {
            unsigned sum = 1U << (REMAP_WEIGHT_BITS - 1);
            for (int k = 0; k < 4; k++)
                sum += taps.weights[k] * taps.pixels[k][c];
            out[c] = (uint8_t)(sum >> REMAP_WEIGHT_BITS);
        }
    }
}
