/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/steps.h"

enum { MARGIN_ONE = 255 }; /* a second best that costs twice the best */

uint64_t uniqueness_check(struct disparity_map *map,
                          const struct image_view *uniqueness_margin, int percent)
{
    uint64_t dropped = 0;
    for (int y = 0; y < map->height_px; y++) {
        int16_t *row = disparity_row(map, y);
        const uint8_t *uniqueness_margins = image_row(uniqueness_margin, y);
        for (int x = 0; x < map->width_px; x++) {
            if (row[x] == DISPARITY_INVALID ||
                uniqueness_margins[x] * 100 >= percent * MARGIN_ONE)
                continue;
            row[x] = DISPARITY_INVALID;
            dropped++;
        }
    }
    return dropped;
}
