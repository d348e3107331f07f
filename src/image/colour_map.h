/* SPDX-License-Identifier: Apache-2.0 */
/* Colours of a preview: level 0 (far) dark blue, over cyan, green and yellow to 255 red.
 */
#ifndef IMAGE_COLOUR_MAP_H
#define IMAGE_COLOUR_MAP_H

#include <stdint.h>

/* RGB of a level, clamped to 0..255. */
void colour_map_rgb(int level, uint8_t rgb[3]);

/* All of them, for whole images. */
struct colour_map {
    uint8_t rgb[256][3];
};

void colour_map_fill(struct colour_map *map);

#endif
