/* SPDX-License-Identifier: Apache-2.0 */
/* Zero-mean normalised cross-correlation of square patches, and its search in a window.
 */
#ifndef RECTIFY_PATCH_MATCH_H
#define RECTIFY_PATCH_MATCH_H

#include <stdbool.h>

#include "image/image_view.h"
#include "stereo/kernels_patch.h"

/* Correlation of the patches around (xl, yl) and (xr, yr), -1..1; 0 where one is flat.
 * Both must lie PATCH_RADIUS inside their image. */
double patch_correlation(const struct image_view *left, int xl, int yl,
                         const struct image_view *right, int xr, int yr);

struct patch_centre {
    int x, y; /* in the left image */
};

struct patch_window {
    int x_min, x_max; /* of the patch centre in the right image, inclusive */
    int y_min, y_max;
};

struct patch_peak {
    int x, y;
    double correlation;
    double second; /* the best correlation more than 2 px away */
    bool interior; /* not at the edge of the window */
};

/* The best match of the left patch in the window, which is clipped to the right image.
 * False when nothing is left of it. */
bool patch_search(enum po_cpu_level cpu, const struct image_view *left,
                  struct patch_centre centre, const struct image_view *right,
                  struct patch_window window, struct patch_peak *peak);

#endif
