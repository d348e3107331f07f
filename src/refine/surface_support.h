/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Surface support: how much measured surface of the same colour region stands behind a
 * pixel, and what its disparity is there on average.
 *
 * An edge-aware recursive filter (Gastal and Oliveira 2011, domain transform, two
 * iterations) spreads the weights of measured pixels, and weights times disparities, over
 * the half-size image. Its reach grows with the width of the image.
 *
 * Ownership: planes lie in scratch until the caller rewinds it.
 */
#ifndef REFINE_SURFACE_SUPPORT_H
#define REFINE_SURFACE_SUPPORT_H

#include "base/scratch.h"
#include "image/image_view.h"
#include "stereo/disparity_map.h"

/* Planes of the half-size image, rows without padding. */
struct surface_support {
    int width_px; /* of the half-size image */
    int height_px;
    uint8_t *weights; /* 0..255 */
    /* The mean disparity in sixteenths, rounded down and rounded up: how far a value lies
     * from it, in whole ones, needs no fraction. DISPARITY_INVALID where nothing has
     * weight: far from all. */
    int16_t *below;
    int16_t *above;
};

struct support_input {
    const struct disparity_map *map;
    const struct image_view *classes; /* what is not measured weighs nothing */
    const struct image_view *scores;  /* of the local forest */
    const struct image_view *guide;
    const struct row_kernels *kernels;
};

/* What the loops of support_loops.h work on. */
enum { SUPPORT_ROWS = 8 }; /* filtered along together */

static const float SUPPORT_LEAST_WEIGHT = 0.25F; /* below, there is no mean */

/* Two rows of the guide, the same one twice at the end of an odd image. */
struct support_guide {
    int width_px;
    int channels;
    const uint8_t *above;
    const uint8_t *below;
};

struct support_steps {
    uint8_t *means;             /* of 2x2 pixels of the guide, at every pixel */
    const uint8_t *means_above; /* of the row above; at the top its own */
    uint8_t *along;             /* largest step of a channel from the pixel on the left */
    uint8_t *across;            /* and from the one above */
};

/* One row of the full-size image. */
struct support_pixels {
    const int16_t *values;
    const uint8_t *classes;
    const uint8_t *weights;
};

/* Rows of the half-size image: weights, and sums of weights times disparities. */
struct support_rows {
    int width;
    ptrdiff_t stride; /* a multiple of four */
    float *weights;
    float *sums;
};

/* SUPPORT_ROWS rows side by side: column x is SUPPORT_ROWS floats. */
struct support_block {
    float *feedback;
    float *weights;
    float *sums;
};

/* Bytes of what stays, and of what making it needs beside. */
size_t surface_support_bytes(int width_px, int height_px);
size_t surface_support_work_bytes(int width_px, int height_px);
PO_MUST_CHECK enum po_status surface_support_take(struct scratch *scratch, int width_px,
                                                  int height_px,
                                                  struct surface_support *support,
                                                  struct po_error *error);
/* Of a support that was taken. */
PO_MUST_CHECK enum po_status surface_support_make(const struct support_input *input,
                                                  struct scratch *scratch,
                                                  struct surface_support *support,
                                                  struct po_error *error);

#endif
