/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Corners spread over an image: the best one of each block of a grid, by the smaller
 * eigenvalue of the gradient's structure tensor (Shi and Tomasi 1994).
 */
#ifndef RECTIFY_CORNER_GRID_H
#define RECTIFY_CORNER_GRID_H

#include "image/image_view.h"

struct corner {
    int x;
    int y;
};

/* At most `max_corners`, in raster order of their blocks, `border_px` inside the image
 * and inside `seen` (pixels NULL: everywhere); flat blocks give none. Returns how many.
 */
int corner_grid(const struct image_view *grey, const struct image_view *valid,
                int border_px, int max_corners, struct corner *corners);

#endif
