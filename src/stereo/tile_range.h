/* SPDX-License-Identifier: Apache-2.0 */
/* Which disparities occur in a part of the image, as a smaller or an earlier match saw
 * it. */
#ifndef STEREO_TILE_RANGE_H
#define STEREO_TILE_RANGE_H

#include "stereo/disparity_map.h"
#include "stereo/sgm_geometry.h"

/* A match at 1 / scale of the size; right == NULL: dense and checked already. */
struct range_source {
    const struct disparity_map *left;
    const struct disparity_map *right;
    int scale;
};

/* A range within `full`, of a multiple of 32 disparities where that fits; `full` where
 * the source knows next to nothing. */
struct disparity_range tile_range(const struct range_source *source,
                                  const struct sgm_window *window,
                                  struct disparity_range full);

#endif
