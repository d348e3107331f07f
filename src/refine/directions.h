/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the loops of the fill from eight directions work on: see fill_directions.c.
 */
#ifndef REFINE_DIRECTIONS_H
#define REFINE_DIRECTIONS_H

#include <stdint.h>

/* Directions a pass down or up the map: along the row, straight, two diagonals. */
enum { DIRECTIONS_A_SIDE = 4, DIRECTION_BLOCK_PX = 16 };

/* Nearest values that reach the current row; a pad pixel in front of it and those behind
 * it stay invalid. */
struct direction_front {
    int16_t *straight;
    int16_t *from_left;
    int16_t *from_right;
    int16_t *spare;
};

/* Nearest values of pixels side by side, from one side. */
struct direction_block {
    int16_t values[DIRECTIONS_A_SIDE][DIRECTION_BLOCK_PX];
};

#endif
