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

enum { PART_PX = 4096 }; /* whose counts 16 bits hold */

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

static struct range_counts count_part(const struct range_ends *ends, const int16_t *row,
                                      int count)
{
    const struct range_ends e = *ends;
    uint16_t matched = 0, at_low = 0, near_low = 0, at_high = 0, near_high = 0;
    for (int x = 0; x < count; x++) {
        uint16_t valid = row[x] != DISPARITY_INVALID;
        matched = (uint16_t)(matched + valid);
        at_low = (uint16_t)(at_low + (valid & (row[x] <= e.low)));
        near_low = (uint16_t)(near_low + (valid & (row[x] <= e.low_band)));
        at_high = (uint16_t)(at_high + (row[x] > e.high));
        near_high = (uint16_t)(near_high + (row[x] > e.high_band));
    }
    return (struct range_counts){matched, at_low, near_low, at_high, near_high};
}

static struct range_counts count_ends(const struct range_ends *ends, const int16_t *row,
                                      int count)
{
    struct range_counts counts = {0};
    for (int x = 0; x < count; x += PART_PX) {
        const struct range_counts part =
            count_part(ends, row + x, minimum(count - x, PART_PX));
        counts.matched += part.matched;
        counts.at_low += part.at_low;
        counts.near_low += part.near_low;
        counts.at_high += part.at_high;
        counts.near_high += part.near_high;
    }
    return counts;
}

static bool all_set(const uint8_t *row, int count)
{
    uint8_t set = UINT8_MAX;
    for (int x = 0; x < count; x++)
        set &= row[x];
    return set == UINT8_MAX;
}

#endif
