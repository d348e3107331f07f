/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Components of pixels that flat steps connect, the first part of the segmentation
 * (segmentation.c). Each pixel is linked to the one above or to its left without a
 * branch; only where both are flat, and not joined by the pixel beside, two components
 * are joined as such.
 *
 * Invariant: a link never leads to a later pixel, so the first pixel of a component is
 * its root. Ownership: all rows are the caller's.
 */
#ifndef REFINE_FLAT_PARTS_H
#define REFINE_FLAT_PARTS_H

#include <stdint.h>

struct flat_parts {
    int width_px;
    int height_px;
    uint8_t flat_step;
    const uint8_t *right; /* steps to the next pixel; rows without padding */
    const uint8_t *down;  /* steps to the pixel below */
    uint8_t *marks;       /* of a row, padded for scans */
    uint32_t *links;      /* of all pixels, to one of the same component */
};

void flat_parts_join(const struct flat_parts *parts);

/* Numbers the components 0.. in raster order: labels[pixel], and sizes[component]
 * in pixels. Returns how many there are. */
uint32_t flat_parts_label(const struct flat_parts *parts, int32_t *labels,
                          uint32_t *sizes);

#endif
