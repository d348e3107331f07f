/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many of eight pixels on a ring lie near the one in the middle, for a row of pixels;
 * included by feature_loops.h.
 *
 * Written over vectors of the compiler's: its own, of a loop that adds up eight
 * comparisons, take four times as many instructions, and in 16 bits GCC 12 gets the
 * pixels wrong that are left over. Near the ends of a row its neighbours are copied
 * between holes first, so that nothing beyond the row is read.
 */
#ifndef REFINE_RING_LOOPS_H
#define REFINE_RING_LOOPS_H

#include <string.h>

#include "base/number.h"
#include "stereo/disparity_map.h"

#ifdef __AVX2__
enum { RING_LANES = 16 };
#else
enum { RING_LANES = 8 };
#endif

typedef uint16_t ring_shorts
    __attribute__((vector_size(RING_LANES * sizeof(uint16_t)), may_alias));
typedef int16_t ring_signed
    __attribute__((vector_size(RING_LANES * sizeof(int16_t)), may_alias));
typedef uint8_t ring_bytes __attribute__((vector_size(RING_LANES), may_alias));

enum {
    RING = 8,
    RING_ROWS = 5,  /* of the image that hold them */
    RING_STEP = 24, /* sixteenths: on the same surface */
    RING_MOST_PX = 24,
    RING_PIECE_PX = 48, /* whole vectors, and more than the reach */
};

/* Neighbour k of a pixel is rows[row_of[k]] at offsets[k] from its place. */
struct ring {
    const int16_t *rows[RING_ROWS]; /* NULL: beyond the image */
    int offsets[RING];
};

/* The middle row is the first. */
static const uint8_t ring_row_of[RING] = {0, 0, 1, 2, 3, 3, 4, 4};

/* Two pixels are near when their difference, in 16 bits that may wrap, is: a hole lies
 * farther from any value than they can wrap. Differences are moved to the least values
 * there are, so that one comparison holds both bounds. */
static inline void count_vector(const int16_t *const rows[RING_ROWS],
                                const int offsets[RING], int x, uint8_t *feature)
{
    enum { LEAST = INT16_MIN + RING_STEP, BOUND = INT16_MIN + 2 * RING_STEP + 1 };
    const ring_signed bound = (ring_signed){0} + (int16_t)BOUND;
    ring_shorts high, counts = {0};
    memcpy(&high, rows[0] + x, sizeof(high));
    high += (uint16_t)LEAST;
    for (int k = 0; k < RING; k++) {
        ring_shorts value;
        memcpy(&value, rows[ring_row_of[k]] + x + offsets[k], sizeof(value));
        counts += (ring_shorts)((ring_signed)(high - value) < bound);
    }
    ring_bytes bytes = __builtin_convertvector(-counts, ring_bytes);
    memcpy(feature, &bytes, sizeof(bytes));
}

/* Pixels first .. first + RING_PIECE_PX - 1, of which those in the row are written. */
static inline void count_piece(const struct ring *ring, int first, int width_px,
                               uint8_t *feature)
{
    enum { COPIED = RING_PIECE_PX + 2 * RING_MOST_PX };
    int16_t copies[RING_ROWS][COPIED];
    const int16_t *rows[RING_ROWS];
    uint8_t counted[RING_PIECE_PX];
    int begin = maximum(first - RING_MOST_PX, 0);
    int end = minimum(first + RING_PIECE_PX + RING_MOST_PX, width_px);
    for (int k = 0; k < RING_ROWS; k++) {
        for (int i = 0; i < COPIED; i++)
            copies[k][i] = DISPARITY_INVALID;
        if (ring->rows[k] != NULL)
            memcpy(&copies[k][begin - (first - RING_MOST_PX)], ring->rows[k] + begin,
                   (size_t)(end - begin) * sizeof(int16_t));
        rows[k] = copies[k] + RING_MOST_PX;
    }
    for (int x = 0; x < RING_PIECE_PX; x += RING_LANES)
        count_vector(rows, ring->offsets, x, counted + x);
    memcpy(feature + first, counted, (size_t)minimum(RING_PIECE_PX, width_px - first));
}

static void ring_row(const struct disparity_map *map, int y, int radius_px,
                     const int16_t *holes, uint8_t *feature)
{
    int d = (radius_px * 7 + 5) / 10; /* of the diagonal neighbours */
    const int dy[RING_ROWS] = {0, -radius_px, radius_px, -d, d};
    struct ring ring = {.offsets = {-radius_px, radius_px, 0, 0, -d, d, -d, d}};
    const int16_t *rows[RING_ROWS];
    int width_px = map->width_px, x = 0;
    for (int k = 0; k < RING_ROWS; k++) {
        bool inside = y + dy[k] >= 0 && y + dy[k] < map->height_px;
        ring.rows[k] = inside ? disparity_row(map, y + dy[k]) : NULL;
        rows[k] = inside ? ring.rows[k] : holes;
    }
    count_piece(&ring, 0, width_px, feature);
    for (x = RING_PIECE_PX; x + RING_LANES + RING_MOST_PX <= width_px; x += RING_LANES)
        count_vector(rows, ring.offsets, x, feature + x);
    for (; x < width_px; x += RING_PIECE_PX)
        count_piece(&ring, x, width_px, feature);
}

#endif
