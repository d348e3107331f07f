/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Row warp: moves an image's rows by a smooth field, so that y_right - y_left becomes
 * zero.
 *
 * Cubic convolution along the column (Keys 1981, a = -1/2) in integers, weights of 1/64
 * pixel: the same bytes everywhere.
 */
#ifndef RECTIFY_ROW_WARP_H
#define RECTIFY_ROW_WARP_H

#include "image/image_view.h"

/* dy(x, y) = a + b x' + c y', x' and y' in -1..1 across the image; pixels. */
struct vertical_field {
    double a_px, b_px, c_px;
};

/* target(x, y) = source(x, y + dy(x, y)); rows outside repeat the border. One size, any
 * channels; `target` is not `source`. */
void row_warp(const struct image_view *source, const struct vertical_field *field,
              struct image_view *target);

/* The same for a mask of 0 and 255, at the nearest row; rows outside become 0. */
void row_warp_mask(const struct image_view *source, const struct vertical_field *field,
                   struct image_view *target);

#endif
