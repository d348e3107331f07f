/* SPDX-License-Identifier: Apache-2.0 */
#include "image/colour_map.h"

enum { ANCHOR_STEP = 51 };

/* Lightness rises to the middle and falls after it, so that steps stay visible
 * throughout. */
static const uint8_t anchors[6][3] = {
    {48, 18, 110},  {40, 110, 240}, {30, 200, 200},
    {120, 240, 80}, {250, 190, 40}, {180, 20, 10},
};

void colour_map_rgb(int level, uint8_t rgb[3])
{
    int clamped = level < 0 ? 0 : level > 255 ? 255 : level;
    int index = clamped / ANCHOR_STEP < 5 ? clamped / ANCHOR_STEP : 4;
    int weight = clamped - index * ANCHOR_STEP;
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)((anchors[index][c] * (ANCHOR_STEP - weight) +
                            anchors[index + 1][c] * weight + ANCHOR_STEP / 2) /
                           ANCHOR_STEP);
}

void colour_map_fill(struct colour_map *map)
{
    for (int level = 0; level < 256; level++)
        colour_map_rgb(level, map->rgb[level]);
}
