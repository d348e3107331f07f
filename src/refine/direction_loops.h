/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of the fill from eight directions, for the table of each instruction
 * set: blocks of pixels side by side, the medians by a sorting network.
 */
#ifndef REFINE_DIRECTION_LOOPS_H
#define REFINE_DIRECTION_LOOPS_H

#include <stdbool.h>
#include <stdint.h>

#include "refine/directions.h"
#include "refine/steps.h"

/* next[x] = the row's own value, else what came along from `previous`. */
static inline void advance(const int16_t *row, int width_px, const int16_t *previous,
                           int16_t *next)
{
    for (int x = 0; x < width_px; x++) {
        int16_t own = row[x];
        int16_t carried = previous[x];
        next[x] = own != DISPARITY_INVALID ? own : carried;
    }
}

static void direction_advance(const int16_t *row, int width_px,
                              struct direction_front *front)
{
    advance(row, width_px, front->straight + 1, front->straight + 1);
    advance(row, width_px, front->from_left, front->spare + 1);
    int16_t *old = front->from_left;
    front->from_left = front->spare;
    advance(row, width_px, front->from_right + 2, old + 1);
    front->spare = front->from_right;
    front->from_right = old;
}

static inline void order(int16_t *a, int16_t *b)
{
    int16_t smaller = *a < *b ? *a : *b;
    int16_t larger = *a < *b ? *b : *a;
    *a = smaller;
    *b = larger;
}

/* a where the condition holds, else b: by masks, or GCC keeps branches. */
static inline int16_t pick(bool condition, int16_t a, int16_t b)
{
    int16_t mask = (int16_t)-condition;
    return (int16_t)((a & mask) | (b & ~mask));
}

/* Lower median of the valid among eight; invalid where none is. What is invalid sorts
 * first and moves the median up by one in two. Batcher's network for eight (1968). */
static inline int16_t lower_median(const struct direction_block *above,
                                   const struct direction_block *below, int i)
{
    int16_t v0 = above->values[0][i], v1 = above->values[1][i], v2 = above->values[2][i],
            v3 = above->values[3][i];
    int16_t v4 = below->values[0][i], v5 = below->values[1][i], v6 = below->values[2][i],
            v7 = below->values[3][i];
    const int16_t hole = DISPARITY_INVALID;
    int16_t none = (int16_t)((v0 == hole) + (v1 == hole) + (v2 == hole) + (v3 == hole) +
                             (v4 == hole) + (v5 == hole) + (v6 == hole) + (v7 == hole));
    order(&v0, &v1), order(&v2, &v3), order(&v4, &v5), order(&v6, &v7);
    order(&v0, &v2), order(&v1, &v3), order(&v4, &v6), order(&v5, &v7);
    order(&v1, &v2), order(&v5, &v6);
    order(&v0, &v4), order(&v1, &v5), order(&v2, &v6), order(&v3, &v7);
    order(&v2, &v4), order(&v3, &v5);
    order(&v1, &v2), order(&v3, &v4), order(&v5, &v6);
    int16_t median = pick(none > 0, v4, v3);
    median = pick(none > 2, v5, median);
    median = pick(none > 4, v6, median);
    return pick(none > 6, v7, median);
}

static inline int16_t smaller_valid(int16_t a, int16_t b)
{
    int16_t smaller = a < b ? a : b;
    int16_t larger = a < b ? b : a; /* what is invalid is the smallest */
    return smaller == DISPARITY_INVALID ? larger : smaller;
}

/* What each pixel of a block would be filled with: occlusions by their row, all others
 * by all directions. */
static void direction_fills(const struct direction_block *above,
                            const struct direction_block *below,
                            const uint8_t classes[DIRECTION_BLOCK_PX],
                            int16_t fills[DIRECTION_BLOCK_PX])
{
    int16_t medians[DIRECTION_BLOCK_PX], sides[DIRECTION_BLOCK_PX];
    for (int i = 0; i < DIRECTION_BLOCK_PX; i++)
        medians[i] = lower_median(above, below, i);
    for (int i = 0; i < DIRECTION_BLOCK_PX; i++)
        sides[i] = smaller_valid(above->values[0][i], below->values[0][i]);
    for (int i = 0; i < DIRECTION_BLOCK_PX; i++)
        fills[i] = (classes[i] & PIXEL_CLASS_MASK) == PIXEL_FILLED_OCCLUSION ? sides[i]
                                                                             : medians[i];
}

#endif
