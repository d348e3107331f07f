/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loops of frame/map_kernels.h, in plain C: included once by each of its tables. They
 * decide nothing within a loop, so that compilers make vectors of them.
 */
#ifndef FRAME_MAP_LOOPS_H
#define FRAME_MAP_LOOPS_H

#include <math.h>

#include "base/number.h"
#include "frame/frame_view.h"
#include "frame/map_kernels.h"
#include "stereo/disparity_map.h"

/* By lanes, as compilers do not make vectors of a least value of 16 bits. */
static struct value_span widen_span(struct value_span span, const int16_t *row, int count)
{
    enum { LANES = 32 };
    int16_t min[LANES], max[LANES];
    int x = 0;
    for (int i = 0; i < LANES; i++) {
        min[i] = span.min;
        max[i] = span.max;
    }
    for (; x + LANES <= count; x += LANES)
        for (int i = 0; i < LANES; i++) {
            int16_t value = row[x + i];
            int16_t low = value == DISPARITY_INVALID ? INT16_MAX : value;
            min[i] = low < min[i] ? low : min[i];
            max[i] = value > max[i] ? value : max[i]; /* invalid: below all others */
        }
    for (; x < count; x++) {
        int16_t low = row[x] == DISPARITY_INVALID ? INT16_MAX : row[x];
        min[0] = low < min[0] ? low : min[0];
        max[0] = row[x] > max[0] ? row[x] : max[0];
    }
    for (int i = 0; i < LANES; i++) {
        span.min = min[i] < span.min ? min[i] : span.min;
        span.max = max[i] > span.max ? max[i] : span.max;
    }
    return span;
}

static void to_pixels(const int16_t *restrict row, float *restrict values, int count)
{
    for (int x = 0; x < count; x++) {
        /* Added, as a choice between two computed values would be a branch. */
        float beyond = row[x] == DISPARITY_INVALID ? INFINITY : -0.0F;
        values[x] = (float)row[x] / DISPARITY_SCALE + beyond;
    }
}

static void choose_places(uint32_t first, uint32_t limit, const uint8_t *restrict keep,
                          int count, uint8_t *restrict chosen)
{
    for (int i = 0; i < count; i++)
        chosen[i] = (frame_view_hash(first + (uint32_t)i) <= limit ? 1 : 0) & keep[i];
}

static void add_rows(const uint8_t *restrict rows, ptrdiff_t stride_bytes, int side,
                     int bytes, uint16_t *restrict sums)
{
    for (int i = 0; i < bytes; i++)
        sums[i] = rows[i];
    for (int y = 1; y < side; y++) {
        const uint8_t *row = rows + y * stride_bytes;
        for (int i = 0; i < bytes; i++)
            sums[i] = (uint16_t)(sums[i] + row[i]);
    }
}

/* A part of a row whose counts 16 bits hold. */
static struct depth_counts keep_part(const struct depth_row *row, int first, int count,
                                     uint16_t *restrict steps)
{
    const int16_t *values = row->values + first;
    const uint8_t *classes = row->classes + first;
    int16_t lowest = row->limits.lowest;
    int16_t highest = row->limits.highest;
    uint16_t all_measured = 0, all_outside = 0, all_beyond = 0;
    for (int x = 0; x < count; x++) {
        uint16_t measured = classes[x] == PIXEL_MEASURED ? UINT16_MAX : 0;
        uint16_t above = values[x] >= lowest ? measured : 0;
        uint16_t inside = values[x] <= highest ? above : 0;
        uint16_t none = steps[x] == 0 ? inside : 0;
        steps[x] &= measured;
        all_measured = (uint16_t)(all_measured + (measured & 1));
        all_outside = (uint16_t)(all_outside + (measured & ~inside & 1));
        all_beyond = (uint16_t)(all_beyond + (none & 1));
    }
    return (struct depth_counts){all_measured, all_outside, all_beyond};
}

static struct depth_counts keep_measured(const struct depth_row *row, int count,
                                         uint16_t *restrict steps)
{
    enum { PART_PX = 4096 };
    struct depth_counts counts = {0, 0, 0};
    for (int x = 0; x < count; x += PART_PX) {
        const struct depth_counts part =
            keep_part(row, x, minimum(count - x, PART_PX), steps + x);
        counts.measured += part.measured;
        counts.outside += part.outside;
        counts.beyond += part.beyond;
    }
    return counts;
}

#endif
