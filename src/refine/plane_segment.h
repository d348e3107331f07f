/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A segment of similar colour, the plane its measured pixels voted for, and where that
 * plane may fill holes.
 *
 * Invariant: disparities are in sixteenths of a pixel; x and y of a plane count from its
 * segment's origin. Ownership: the segments of one pass lie in scratch, by their labels.
 */
#ifndef REFINE_PLANE_SEGMENT_H
#define REFINE_PLANE_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "refine/steps.h"

struct plane {
    float a, b, c; /* d = a x + b y + c */
};

struct segment {
    uint32_t area_px;
    uint32_t holes;
    uint32_t measured;
    uint32_t first;  /* of its samples */
    uint32_t stride; /* every stride-th measured pixel is a sample; 0: not looked at */
    uint32_t skip;   /* measured pixels to pass before the next sample */
    uint32_t samples;
    int origin_x, origin_y;
    struct plane plane;
    float low, high; /* values a filled pixel may take */
    bool accepted;
    bool doubtful; /* it holds only beside pixels that lie on it: plane_beside_mark */
};

static inline float plane_at(const struct plane *plane, float x, float y)
{
    return plane->a * x + plane->b * y + plane->c;
}

static inline const int32_t *label_row(const struct segmentation *segmentation, int y)
{
    return segmentation->labels +
           (ptrdiff_t)(y >> segmentation->shift) * segmentation->width_px;
}

/* What each segment has in `by_segment`, by column of a row of labels: four columns at
 * once, of which the next label takes back what is its own, so `columns` has room for
 * three more. */
static inline void spread_over_columns(const int32_t *labels, const uint8_t *by_segment,
                                       int shift, int width_px, uint8_t *restrict columns)
{
    for (int i = 0; i <= (width_px - 1) >> shift; i++) {
        uint32_t four = by_segment[labels[i]] * 0x01010101U;
        memcpy(columns + ((ptrdiff_t)i << shift), &four, sizeof(four));
    }
}

enum { PIXEL_BESIDE_PLANE = 0x40 }; /* in classes, from plane_beside_mark to the fill */

struct plane_holes {
    const struct disparity_map *map; /* not filled yet */
    const struct segmentation *segmentation;
    const struct segment *segments;
    size_t segment_limit; /* no fewer than there are */
    struct image_view *classes;
};

/* Marks, in segments of doubtful planes, the holes that have a pixel of their segment
 * within 1.5 px of the plane as the nearest with a value to the left, to the right, above
 * or below. */
size_t plane_beside_bytes(int width_px, size_t segments);
PO_MUST_CHECK enum po_status plane_beside_mark(const struct plane_holes *holes,
                                               struct scratch *scratch,
                                               struct po_error *error);

#endif
