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
#include "refine/steps.h"

uint64_t free_space_check(struct disparity_map *map, const struct disparity_map *right,
                          const struct image_view *classes,
                          const struct row_kernels *kernels)
{
    uint64_t dropped = 0;
    for (int y = 0; y < map->height_px; y++)
        dropped += kernels->free_space_row(
            &(struct seen_row){map->width_px, disparity_row(right, y),
                               image_row(classes, y), disparity_row(map, y)});
    return dropped;
}
