/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planes of segments, tile by tile, so that a pixel costs the same in any image and the
 * memory does not grow with it. A tile without holes is passed over.
 *
 * Invariant: tiles are of even sizes, and the same for all machines; segments end where
 * their tile ends.
 * Ownership: the caller's; working memory goes back to scratch.
 */
#ifndef REFINE_PLANE_TILES_H
#define REFINE_PLANE_TILES_H

#include "refine/steps.h"

struct plane_job {
    struct disparity_map *map;
    struct image_view *classes;     /* of the same size */
    const struct image_view *guide; /* the left image, 1 or 3 channels */
    struct disparity_range range;
    int shift;            /* of the segments' image */
    double demand;        /* share of a segment's values on its plane */
    uint32_t min_area_px; /* smaller segments are left to what comes next */
    const struct row_kernels *kernels;
};

size_t plane_tiles_bytes(int width_px, int height_px, int channels, int shift);
/* Adds up in *filled how many holes got a value. PO_OUT_OF_MEMORY: scratch is too small.
 */
PO_MUST_CHECK enum po_status plane_tiles_fill(const struct plane_job *job,
                                              struct scratch *scratch, uint64_t *filled,
                                              struct po_error *error);

#endif
