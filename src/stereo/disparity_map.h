/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disparity map: how far left of a left-image pixel its right-image match lies.
 *
 * Values are fixed point, in sixteenths of a pixel, so the whole matcher stays in 16-bit
 * integer lanes and gives the same bits on every CPU. A pixel without a trusted match
 * holds DISPARITY_INVALID; test for it before using a value. Ownership: a view into
 * scratch.
 */
#ifndef STEREO_DISPARITY_MAP_H
#define STEREO_DISPARITY_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/scratch.h"
#include "process_offline/status.h"

enum {
    DISPARITY_INVALID = INT16_MIN,
    DISPARITY_FRACTION_BITS = 4, /* a shift by them rounds down to whole pixels */
    DISPARITY_SCALE = 1 << DISPARITY_FRACTION_BITS
};

struct disparity_map {
    int width_px;
    int height_px;
    ptrdiff_t stride; /* elements from one row to the next, padded to 64 bytes */
    int16_t *values;
};

/* The searched disparities: min_px, min_px + 1, ... min_px + count - 1. */
struct disparity_range {
    int min_px;
    int count; /* multiple of 16: a pixel's costs fill whole SIMD registers */
};

enum { DISPARITY_MIN_PX = -1024, DISPARITY_MAX_COUNT = 1024, DISPARITY_LIMIT_PX = 2040 };

/* What is known of a pixel; the values of class.png. */
enum pixel_class {
    PIXEL_NONE = 0,
    PIXEL_MEASURED = 1,
    PIXEL_FILLED_OCCLUSION = 2, /* seen by the left camera only */
    PIXEL_FILLED_MISMATCH = 3,  /* seen by both, not matched reliably */
    PIXEL_FILLED_PRIOR = 4,     /* either, with the value of a depth prior */
    PIXEL_CLASSES
};

static inline int16_t *disparity_row(const struct disparity_map *map, int y)
{
    return map->values + (ptrdiff_t)y * map->stride;
}

size_t disparity_map_bytes(int width_px, int height_px);
PO_MUST_CHECK enum po_status disparity_map_take(struct scratch *scratch, int width_px,
                                                int height_px, struct disparity_map *map,
                                                struct po_error *error);

#endif
