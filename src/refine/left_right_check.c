/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/steps.h"

/* Without branches: which pixels fail is as good as random near edges. */
static uint64_t check_row(int16_t *row, const int16_t *right, int width_px,
                          int max_difference)
{
    uint64_t dropped = 0;
    for (int x = 0; x < width_px; x++) {
        int value = row[x];
        /* The nearest whole pixel of the match, half rounded up. */
        int match = (x * DISPARITY_SCALE - value + DISPARITY_SCALE / 2) >>
                    DISPARITY_FRACTION_BITS;
        bool inside = match >= 0 && match < width_px;
        int other = right[inside ? match : 0];
        int difference = other - value;
        bool fits = inside && other != DISPARITY_INVALID &&
                    difference <= max_difference && difference >= -max_difference;
        dropped += !fits && value != DISPARITY_INVALID;
        row[x] = fits ? (int16_t)value : (int16_t)DISPARITY_INVALID;
    }
    return dropped;
}

uint64_t left_right_check(struct disparity_map *map, const struct disparity_map *right,
                          int max_difference)
{
    uint64_t dropped = 0;
    for (int y = 0; y < map->height_px; y++)
        dropped += check_row(disparity_row(map, y), disparity_row(right, y),
                             map->width_px, max_difference);
    return dropped;
}
