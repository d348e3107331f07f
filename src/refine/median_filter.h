/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows around the windows of a weighted median: see weighted_median.c.
 */
#ifndef REFINE_MEDIAN_FILTER_H
#define REFINE_MEDIAN_FILTER_H

#include <stdint.h>

enum {
    RADIUS_MAX_PX = 9,
    TAPS_MAX = RADIUS_MAX_PX + 1,
    LANES = 8,
    WINDOW_MAX = TAPS_MAX * 2 * LANES,
    PAD_PX = 2 * LANES, /* of half columns beside each row, weighing nothing */
    BATCH = 4,          /* windows searched in step */
    EDGE_STEP = 32,     /* 2 px: more in 3x3 is a depth edge */
    TRUST_FULL = 255,
    TRUST_FILLED = 77, /* 0.3 */
    COLOUR_REACH = 63,
    LOADED_AT_ONCE = 256,
};

/* A row of the map, its classes and its guide. */
struct median_source {
    const int16_t *values;
    const uint8_t *classes;
    const uint8_t *pixels;
};

/* A source row split by column parity; each plane has half_width elements a parity. A
 * look holds a pixel's three channels (grey: thrice the same) and its trust, a byte each
 * from the lowest on. */
struct split_row {
    int16_t *values[2];
    uint32_t *looks[2];
};

/* The rows that the windows of a row of the map sample: its parities apart. */
struct window_rows {
    const int16_t *values[2][TAPS_MAX];
    const uint32_t *looks[2][TAPS_MAX];
};

struct median_filter {
    int radius_px;
    int taps; /* a window's row; radius + 1 */
    int rows; /* in the ring; one more, weighing nothing, follows */
    struct split_row *ring;
    const struct split_row *own;          /* the row being filtered */
    struct window_rows around;            /* those beyond the taps weigh nothing */
    uint16_t spatial_weights[WINDOW_MAX]; /* 0 in the lanes beyond the taps */
};

/* Of the AVX2 table: see struct row_kernels. */
void median_load_avx2(const struct median_source *from, int width_px, int channels,
                      const struct split_row *to);
void median_row_avx2(const struct median_filter *filter, const uint8_t *marks,
                     int width_px, int16_t *target);

#endif
