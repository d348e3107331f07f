/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vertical correction: the smooth vertical disparity that rectification left between two
 * views, measured at corners and taken out of the right image. Half a pixel of it
 * costs 2.5 points of bad pixels, and real rigs have it.
 *
 * Everything is integers or scalar doubles, so the bytes do not depend on the CPU.
 * Ownership: the caller's; working memory comes from scratch and goes back to it.
 */
#ifndef RECTIFY_VERTICAL_CORRECTION_H
#define RECTIFY_VERTICAL_CORRECTION_H

#include <stdbool.h>

#include "base/scratch.h"
#include "image/image_view.h"
#include "stereo/disparity_map.h"

/* A left pixel's match lies dy(x, y) = a + b x' + c y' rows lower in the right image;
 * x' and y' run from -1 to 1 across it. */
struct vertical_disparity {
    double a_px, b_px, c_px;
    int points; /* corners it was fitted to; 0: too few to say anything */
    bool corrected;
};

struct vertical_disparity_views {
    struct image_view left;      /* grey */
    struct image_view right;     /* grey, same size */
    struct image_view half_left; /* image_halve of left */
    /* Trusted disparities of half_left in its own pixels, DISPARITY_INVALID elsewhere. */
    struct disparity_map half_map;
};

size_t vertical_disparity_measure_bytes(int width_px, int height_px);
PO_MUST_CHECK enum po_status
vertical_disparity_measure(const struct vertical_disparity_views *views,
                           struct scratch *scratch, struct vertical_disparity *offset,
                           struct po_error *error);

/* Whether correcting is worth it: above 0.1 px somewhere. */
bool vertical_disparity_matters(const struct vertical_disparity *offset);

/* image(x, y) becomes image(x, y + dy(x, y)), cubic in y. */
size_t vertical_disparity_warp_bytes(int width_px, int height_px);
PO_MUST_CHECK enum po_status
vertical_disparity_warp(const struct vertical_disparity *offset, struct scratch *scratch,
                        struct image_view *image, struct po_error *error);

#endif
