/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The points of one row of pixels, in the unit written: what the writers stream.
 *
 * Ownership: buffers in scratch, for one row at a time.
 */
#ifndef CLOUD_POINT_ROW_H
#define CLOUD_POINT_ROW_H

#include "cloud/cloud.h"
#include "cloud/normals.h"
#include "cloud/triangulation.h"

struct point_row {
    const struct cloud_input *input;
    const struct image_view *keep;
    struct triangulation triangulation;
    int y;
    int count;           /* points of this row */
    int *columns;        /* of each point */
    float (*xyz)[3];     /* of each point */
    float (*normals)[3]; /* of each point; NULL: none wanted */
    struct normal_rows normal_rows;
    float *depths; /* of each pixel */
    double *rays;  /* of each column: X / Z */
};

size_t point_row_bytes(int width_px, bool normals);

PO_MUST_CHECK enum po_status point_row_take(const struct cloud_input *input,
                                            const struct image_view *keep, bool normals,
                                            struct scratch *scratch,
                                            struct point_row *row,
                                            struct po_error *error);

/* Triangulates the kept pixels of row y, left to right. */
void point_row_load(struct point_row *row, int y);

#endif
