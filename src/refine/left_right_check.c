/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/steps.h"

/* Rounds sixteenths to whole pixels, half up. */
static int round_to_px(int sixteenths)
{
    return (sixteenths + DISPARITY_SCALE / 2) >> 4;
}

static uint64_t check_row(int16_t *row, const int16_t *right, int width_px,
                          int max_difference)
{
    uint64_t dropped = 0;
    for (int x = 0; x < width_px; x++) {
        if (row[x] == DISPARITY_INVALID)
            continue;
        int match = round_to_px(x * DISPARITY_SCALE - row[x]);
        int difference = max_difference + 1;
        if (match >= 0 && match < width_px && right[match] != DISPARITY_INVALID)
            difference = right[match] - row[x];
        if (difference > max_difference || difference < -max_difference) {
            row[x] = DISPARITY_INVALID;
            dropped++;
        }
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
