/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows around the windows of a weighted median: see weighted_median.c.
 */
#ifndef REFINE_MEDIAN_FILTER_H
#define REFINE_MEDIAN_FILTER_H

#include <stddef.h>
#include <stdint.h>

#include "refine/steps.h"

enum {
    WINDOW_RADIUS_PX = 7,
    WINDOW_ROWS = WINDOW_RADIUS_PX + 1, /* every second one */
    WINDOW_COLUMNS = 4,                 /* of each, every fourth pixel */
    LATTICE_PX = WINDOW_ROWS * WINDOW_COLUMNS,
    WINDOW_PX_MAX = MEDIAN_LATTICES_MAX * LATTICE_PX,
    MEDIAN_RING_ROWS = 2 * WINDOW_RADIUS_PX + 1,
    PARTS = 4,      /* of a row, by columns modulo 4 */
    PAD = 4,        /* columns beside each part, weighing nothing */
    BATCH = 4,      /* windows searched in step */
    EDGE_STEP = 32, /* 2 px: more in 3x3 is a depth edge */
    TRUST_FULL = 255,
    TRUST_FILLED = 77, /* 0.3 */
    COLOUR_REACH = 63,
};

/* A row of the map, its classes and its guide. */
struct median_source {
    const int16_t *values;
    const uint8_t *classes;
    const uint8_t *pixels;
};

/* A source row, one part after the other, `part` elements each. A look holds a pixel's
 * three channels (grey: thrice the same) and its trust, a byte each from the lowest on.
 */
struct split_row {
    int16_t *values;
    uint32_t *looks;
};

struct median_filter {
    int lattices; /* of a window: a quincunx, or that and the one between */
    ptrdiff_t part;
    struct split_row ring[MEDIAN_RING_ROWS + 1]; /* the last weighs nothing */
    const struct split_row *own;                 /* the row being filtered */
    const struct split_row *around[WINDOW_ROWS];
    uint16_t spatial_weights[WINDOW_PX_MAX]; /* lattice after lattice, by rows */
};

/* Where column x, from WINDOW_RADIUS_PX before the row on, lies in it. */
static inline ptrdiff_t split_column(const struct median_filter *filter, int x)
{
    int from_pad = x + PARTS * PAD;
    return (from_pad % PARTS) * filter->part + from_pad / PARTS;
}

/* The first column of a window's row in a lattice, from the window's middle. */
static inline int window_column(int lattice, int row)
{
    return (lattice + row) % 2 == 0 ? 2 - WINDOW_RADIUS_PX : -WINDOW_RADIUS_PX;
}

/* Of the AVX2 table: see struct row_kernels. */
void median_load_avx2(const struct median_source *from, int width_px, int channels,
                      const struct median_filter *filter, int row);
void median_row_avx2(const struct median_filter *filter, const uint8_t *marks,
                     int width_px, int16_t *target);

#endif
