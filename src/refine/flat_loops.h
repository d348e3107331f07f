/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of flat_mean.c, for the table of each instruction set. All in 16 bits:
 * sums may wrap, but what a flat window's values differ from their middle does not.
 */
#ifndef REFINE_FLAT_LOOPS_H
#define REFINE_FLAT_LOOPS_H

#include <stdbool.h>

#include "refine/flat_columns.h"
#include "refine/steps.h"

enum {
    FLAT_SPAN = 24, /* sixteenths */
    FLAT_COUNT = FLAT_SIDE * FLAT_SIDE,
    FLAT_LIFT = FLAT_SPAN + 8, /* makes means of differences positive */
    OF_NINE = 7282,            /* of 65536: exact for what a window can sum up to */
};

static void flat_load(const int16_t *values, const uint8_t *classes, int width_px,
                      int16_t *restrict measured)
{
    for (int x = 0; x < width_px; x++) {
        int16_t mask = (int16_t) - (classes[x] == PIXEL_MEASURED);
        measured[x] = (int16_t)((values[x] & mask) | (DISPARITY_INVALID & ~mask));
    }
}

static inline int16_t lower(int16_t a, int16_t b)
{
    return a < b ? a : b;
}

static inline int16_t higher(int16_t a, int16_t b)
{
    return a > b ? a : b;
}

static inline void find_extremes(const int16_t *const rows[FLAT_SIDE], int width_px,
                                 int16_t *restrict low, int16_t *restrict high)
{
    const int16_t *a = rows[0], *b = rows[1], *c = rows[2];
    for (int x = 0; x < width_px; x++) {
        low[x] = lower(a[x], lower(b[x], c[x]));
        high[x] = higher(a[x], higher(b[x], c[x]));
    }
}

static inline void sum_columns(const int16_t *const rows[FLAT_SIDE], int width_px,
                               int16_t *restrict sums)
{
    const int16_t *a = rows[0], *b = rows[1], *c = rows[2];
    for (int x = 0; x < width_px; x++)
        sums[x] = (int16_t)(a[x] + b[x] + c[x]);
}

static inline void average_row(const struct flat_columns *columns, const int16_t *middle,
                               int width_px, int16_t *restrict values)
{
    const int16_t *low = columns->low, *high = columns->high, *sums = columns->sums;
    for (int x = 0; x < width_px; x++) {
        int16_t least = lower(low[x - 1], lower(low[x], low[x + 1]));
        int16_t most = higher(high[x - 1], higher(high[x], high[x + 1]));
        uint16_t apart =
            (uint16_t)(sums[x - 1] + sums[x] + sums[x + 1] - FLAT_COUNT * middle[x] +
                       FLAT_COUNT * FLAT_LIFT + FLAT_COUNT / 2);
        uint16_t mean = (uint16_t)((uint32_t)apart * OF_NINE >> 16);
        bool flat = (least > DISPARITY_INVALID) & ((uint16_t)(most - least) <= FLAT_SPAN);
        int16_t moved = (int16_t)(middle[x] + mean - FLAT_LIFT);
        values[x] = flat ? moved : values[x];
    }
}

static void flat_row(const int16_t *const rows[FLAT_SIDE],
                     const struct flat_columns *columns, int width_px,
                     int16_t *restrict values)
{
    find_extremes(rows, width_px, columns->low, columns->high);
    sum_columns(rows, width_px, columns->sums);
    average_row(columns, rows[1], width_px, values);
}

#endif
