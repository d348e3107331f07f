/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bilinear remapping by fixed-point tables: where each pixel of the target lies in the
 * source, in whole pixels and 32nds.
 *
 * A value is the sum of the four pixels around, those outside the source black, by the
 * products of their distances in 32nds, rounded: whole numbers, so every instruction set
 * gives the same bytes, which are those of OpenCV's remap (INTER_LINEAR, constant border)
 * with the same tables.
 */
#ifndef RECTIFY_REMAP_ROW_H
#define RECTIFY_REMAP_ROW_H

#include "image/image_view.h"

/* A pixel has REMAP_STEPS steps; products of two weights have REMAP_WEIGHT_BITS. */
enum {
    REMAP_STEPS = 32,
    REMAP_STEP_BITS = 5,
    REMAP_WEIGHT_BITS = 2 * REMAP_STEP_BITS,
};

/* Of the target, row after row: whole pixels as (x, y), and 32 * (32nds of y) + (32nds of
 * x). */
struct remap_places {
    const int16_t *xy;
    const uint16_t *fraction;
};

/* A row of the target, with as many channels as the source: one or three. */
struct remap_row {
    const struct image_view *source;
    struct remap_places places; /* of the row's first pixel */
    int count;
    uint8_t *out;
};

/* Pixels first .. end - 1. */
void remap_pixels(const struct remap_row *row, int first, int end);

#endif
