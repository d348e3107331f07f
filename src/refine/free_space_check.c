/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The free space in front of what the right camera measured (Merrell et al., Real-time
 * visibility-based fusion of depth maps, 2007, section 3.1: free-space violations). A
 * filled pixel claims a surface; when the right camera sees past it, to a surface that
 * both maps agree on, the claim is wrong.
 *
 * Only filled pixels are looked at, and of what the right camera saw only what
 * contradicts one of them.
 */
#include <stdlib.h>

#include "base/number.h"
#include "refine/steps.h"

/* Of the first, 0.5 to 3 px give the same bad2 within 0.02 points; the second is what the
 * left-right check allows, rounded down. */
enum {
    NEARER_BY = 2 * DISPARITY_SCALE,   /* than what is seen: planes are that far off */
    AGREE_WITHIN = 1 * DISPARITY_SCALE /* of both maps */
};

static int whole_pixels(int disparity)
{
    return (disparity + DISPARITY_SCALE / 2) >> DISPARITY_FRACTION_BITS;
}

/* One row of both cameras. */
struct seen_row {
    int width_px;
    const int16_t *left;
    const int16_t *right;
    const uint8_t *classes;
};

/* Whether the right pixel's value is also measured by the left pixel it points at, which
 * lies left of the one in front of it. */
static bool is_confirmed(const struct seen_row *row, int right_x)
{
    int seen = row->right[right_x];
    int left_x = right_x + whole_pixels(seen);
    return left_x >= 0 && (row->classes[left_x] & PIXEL_CLASS_MASK) == PIXEL_MEASURED &&
           abs(row->left[left_x] - seen) <= AGREE_WITHIN;
}

/* Whether `value` at column x stands in front of what the right camera sees there. */
static bool is_seen_through(const struct seen_row *row, int x, int value)
{
    int right_x = x - whole_pixels(value);
    if (right_x < 0 || right_x >= row->width_px)
        return false;
    int seen = row->right[right_x];
    return seen != DISPARITY_INVALID && value > seen + NEARER_BY &&
           is_confirmed(row, right_x);
}

/* Told without branches. */
static bool all_measured(const uint8_t *classes, int count)
{
    uint8_t others = 0;
    for (int x = 0; x < count; x++)
        others |= (uint8_t)(classes[x] ^ PIXEL_MEASURED);
    return others == 0;
}

/* Of the filled pixels first .. end - 1. */
static uint64_t check_stretch(const struct seen_row *row, int first, int end,
                              int16_t *values)
{
    uint64_t dropped = 0;
    for (int x = first; x < end; x++) {
        uint8_t class = row->classes[x] & PIXEL_CLASS_MASK;
        if (class == PIXEL_MEASURED || values[x] == DISPARITY_INVALID ||
            !is_seen_through(row, x, values[x]))
            continue;
        values[x] = DISPARITY_INVALID;
        dropped++;
    }
    return dropped;
}

/* Most stretches have no filled pixel. */
static uint64_t check_row(const struct seen_row *row, int16_t *values)
{
    enum { AT_ONCE = 32 };
    uint64_t dropped = 0;
    for (int first = 0; first < row->width_px; first += AT_ONCE) {
        int end = minimum(first + AT_ONCE, row->width_px);
        if (!all_measured(row->classes + first, end - first))
            dropped += check_stretch(row, first, end, values);
    }
    return dropped;
}

uint64_t free_space_check(struct disparity_map *map, const struct disparity_map *right,
                          const struct image_view *classes)
{
    uint64_t dropped = 0;
    for (int y = 0; y < map->height_px; y++) {
        int16_t *values = disparity_row(map, y);
        dropped +=
            check_row(&(struct seen_row){map->width_px, values, disparity_row(right, y),
                                         image_row(classes, y)},
                      values);
    }
    return dropped;
}
