/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Corner strength of an image, row by row: the smaller eigenvalue of the gradient's
 * second moments in a 5x5 window (Shi and Tomasi, Good features to track, 1994).
 *
 * Rows must be asked for in order. Ownership: everything lies in the caller's scratch.
 */
#ifndef RECTIFY_CORNER_ROWS_H
#define RECTIFY_CORNER_ROWS_H

#include "base/scratch.h"
#include "image/image_view.h"

enum {
    CORNER_RADIUS_PX = 2,
    CORNER_MARGIN_PX = CORNER_RADIUS_PX + 1,
    CORNER_MOMENTS = 3
};

struct corner_rows {
    struct image_view image;
    int next_row;                         /* whose moments are to be added */
    int32_t *moments[CORNER_MOMENTS];     /* of the last five rows, one after the other */
    int32_t *column_sums[CORNER_MOMENTS]; /* over those five rows */
    float *strengths;                     /* of the row asked for */
};

size_t corner_rows_bytes(int width_px);
PO_MUST_CHECK enum po_status corner_rows_take(struct scratch *scratch,
                                              const struct image_view *image,
                                              struct corner_rows *rows,
                                              struct po_error *error);

/* strengths[x] of row y, valid for CORNER_MARGIN_PX <= x < width - CORNER_MARGIN_PX and
 * likewise y. */
const float *corner_rows_at(struct corner_rows *rows, int y);

#endif
