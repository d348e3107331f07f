/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rectangle of 8-bit pixels somebody else owns: grey (1 channel) or RGB (3,
 * interleaved).
 *
 * Invariant: stride_bytes >= width_px * channels; pixels may be NULL only when the view
 * is absent. Views never own.
 */
#ifndef IMAGE_IMAGE_VIEW_H
#define IMAGE_IMAGE_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "base/scratch.h"
#include "process_offline/status.h"

enum { IMAGE_MAX_SIDE_PX = 65500 }; /* of any image this program reads */

struct image_view {
    int width_px;
    int height_px;
    int channels;
    ptrdiff_t stride_bytes;
    uint8_t *pixels;
};

static inline uint8_t *image_row(const struct image_view *view, int y)
{
    return view->pixels + (ptrdiff_t)y * view->stride_bytes;
}

/* Bytes an image_view_take uses of scratch; rows are padded to 64 bytes. */
size_t image_view_bytes(int width_px, int height_px, int channels);
PO_MUST_CHECK enum po_status image_view_take(struct scratch *scratch, int width_px,
                                             int height_px, int channels,
                                             struct image_view *view,
                                             struct po_error *error);

/* Grey by fixed integer weights (4899 R + 9617 G + 1868 B + 8192) >> 14, BT.601; a grey
 * source is copied. Same size. */
void image_to_grey(const struct image_view *source, struct image_view *grey);

/* 2x2 mean, rounded to nearest (half up); odd last columns and rows repeat. The target
 * has size (ceil(w/2), ceil(h/2)). */
void image_halve(const struct image_view *source, struct image_view *half);

void image_copy(const struct image_view *source, struct image_view *target);

/* Rows first_y .. first_y + count - 1: a view into the same pixels; absent stays absent.
 */
struct image_view image_rows_view(const struct image_view *view, int first_y, int count);

/* The left or right half of a side-by-side image: a view into the same pixels. */
struct image_view image_half_view(const struct image_view *view, int right_half);

#endif
