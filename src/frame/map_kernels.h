/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loops over rows of a frame's maps that its files are made of, one table an
 * instruction set.
 *
 * They are written once, in plain C (map_loops.h), and compiled once a table. All tables
 * give the same bytes; the processor's best is used whatever --cpu says.
 */
#ifndef FRAME_MAP_KERNELS_H
#define FRAME_MAP_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cloud/triangulation.h"

/* The least and the greatest of the values that are valid. */
struct value_span {
    int16_t min, max; /* INT16_MAX and INT16_MIN before the first */
};

/* Which pixels of a map have a depth that depth.png holds. */
struct depth_row {
    const int16_t *values;
    const uint8_t *classes;
    struct depth_span limits;
};

/* Pixels of a row by what becomes of their depth. */
struct depth_counts {
    int measured, outside, beyond;
};

/* Values up to `low` and above `high` lie at an end of the range, those up to and above
 * the others in the band before it. */
struct range_ends {
    int16_t low, low_band, high, high_band;
};

/* Valid values of a row by where in the range they lie. */
struct range_counts {
    int matched, at_low, near_low, at_high, near_high;
};

struct map_kernels {
    struct value_span (*widen_span)(struct value_span span, const int16_t *row,
                                    int count);
    /* In pixels; infinite where invalid. */
    void (*to_pixels)(const int16_t *restrict row, float *restrict values, int count);
    /* 1 where the hash of the place `first` + i (frame_view.h) is at most `limit` and the
     * lowest bit of keep[i] is set, else 0. */
    void (*choose_places)(uint32_t first, uint32_t limit, const uint8_t *restrict keep,
                          int count, uint8_t *restrict chosen);
    /* Bytes of `side` rows, at most 256, added up. */
    void (*add_rows)(const uint8_t *restrict rows, ptrdiff_t stride_bytes, int side,
                     int bytes, uint16_t *restrict sums);
    /* Leaves the steps of measured pixels; what lies outside the limits has none. */
    struct depth_counts (*keep_measured)(const struct depth_row *row, int count,
                                         uint16_t *restrict steps);
    struct range_counts (*count_ends)(const struct range_ends *ends, const int16_t *row,
                                      int count);
    bool (*all_set)(const uint8_t *row, int count); /* every byte is 255 */
};

extern const struct map_kernels map_kernels_plain;
extern const struct map_kernels map_kernels_avx2;

const struct map_kernels *map_kernels_find(void);

#endif
