/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of marks, one byte a pixel: made by loops the compiler turns into vector code,
 * then walked eight pixels at a time, so that a step touches only the pixels that need
 * it.
 *
 * Invariant: the marks of a row are followed by ROW_SCAN_PAD bytes that a scan may read.
 */
#ifndef REFINE_ROW_SCAN_H
#define REFINE_ROW_SCAN_H

#include <stdint.h>
#include <string.h>

#include "stereo/disparity_map.h"

enum { ROW_SCAN_PAD = 8 };

/* marks[x] = 1 where the row has no value. */
static inline void mark_holes(const int16_t *row, int width_px, uint8_t *restrict marks)
{
    for (int x = 0; x < width_px; x++)
        marks[x] = row[x] == DISPARITY_INVALID;
}

/* The marked of `count` pixels, the first of which is in column `first`, one after
 * another and without a branch; how many. `list` has room for all. */
static inline int list_marked(const uint8_t *marks, int count, int first, int *list)
{
    int listed = 0;
    for (int i = 0; i < count; i++) {
        list[listed] = first + i;
        listed += marks[i];
    }
    return listed;
}

/* How many of a row are marked. Bytes are summed in bytes while they cannot wrap. */
static inline uint32_t count_marked(const uint8_t *marks, int width_px)
{
    enum { AT_ONCE = 128 };
    uint32_t count = 0;
    for (int first = 0; first < width_px; first += AT_ONCE) {
        int end = width_px - first < AT_ONCE ? width_px : first + AT_ONCE;
        uint8_t some = 0;
        for (int x = first; x < end; x++)
            some = (uint8_t)(some + marks[x]);
        count += some;
    }
    return count;
}

/* The index in memory of the first byte that is not 0, of eight of which one is not. */
static inline int first_byte(uint64_t eight)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_ctzll(eight) / 8;
#else
    return __builtin_clzll(eight) / 8;
#endif
}

/* The first marked pixel from x on; width_px when there is none. */
static inline int next_marked(const uint8_t *marks, int x, int width_px)
{
    while (x < width_px) {
        uint64_t eight;
        memcpy(&eight, marks + x, sizeof(eight));
        if (eight != 0) {
            x += first_byte(eight);
            return x < width_px ? x : width_px;
        }
        x += 8;
    }
    return width_px;
}

#endif
