/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/steps.h"

uint64_t left_right_check(struct disparity_map *map, const struct disparity_map *right,
                          int max_difference, const struct row_kernels *kernels)
{
    uint64_t dropped = 0;
    for (int y = 0; y < map->height_px; y++)
        dropped += kernels->check_matches(disparity_row(map, y), disparity_row(right, y),
                                          map->width_px, max_difference);
    return dropped;
}
