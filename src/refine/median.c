/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/steps.h"

enum { RADIUS_PX = 2, WINDOW = 25 };

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static int16_t median_at(const struct disparity_map *map, int x, int y)
{
    int16_t sorted[WINDOW];
    int count = 0;
    for (int dy = -RADIUS_PX; dy <= RADIUS_PX; dy++) {
        const int16_t *row = disparity_row(map, clamp(y + dy, 0, map->height_px - 1));
        for (int dx = -RADIUS_PX; dx <= RADIUS_PX; dx++) {
            int16_t value = row[clamp(x + dx, 0, map->width_px - 1)];
            int at = count++;
            for (; at > 0 && sorted[at - 1] > value; at--)
                sorted[at] = sorted[at - 1];
            sorted[at] = value;
        }
    }
    return sorted[WINDOW / 2];
}

void median_5x5(const struct disparity_map *source, struct disparity_map *target)
{
    for (int y = 0; y < source->height_px; y++)
        for (int x = 0; x < source->width_px; x++)
            disparity_row(target, y)[x] = median_at(source, x, y);
}
