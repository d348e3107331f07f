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

/* One pixel of the half-size image. */
struct support_pixel {
    float weight; /* 0..255 */
    float mean;   /* disparity in sixteenths; far from all where nothing has weight */
};

struct surface_support {
    int width_px; /* of the half-size image */
    int height_px;
    struct support_pixel *pixels; /* rows without padding */
};

struct support_input {
    const struct disparity_map *map;
    const struct image_view *classes; /* what is not measured weighs nothing */
    const struct image_view *scores;  /* of the local forest */
    const struct image_view *guide;
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
