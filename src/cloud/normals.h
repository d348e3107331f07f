/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Normals from the pixel grid: a plane fitted to the disparities around a pixel that lie
 * on its surface. Unit vectors that face the camera.
 *
 * Ownership: the work rows lie in scratch.
 */
#ifndef CLOUD_NORMALS_H
#define CLOUD_NORMALS_H

#include "cloud/cloud.h"

enum { NORMAL_ROWS = 5 };

/* The rows a window samples: kept disparities, others DISPARITY_INVALID, padded. */
struct normal_rows {
    int16_t *rows[NORMAL_ROWS];
};

size_t normal_rows_bytes(int width_px);
PO_MUST_CHECK enum po_status normal_rows_take(struct scratch *scratch, int width_px,
                                              struct normal_rows *rows,
                                              struct po_error *error);

/* Pixels of a row, and where their normals go. */
struct row_normals {
    const int *columns;
    int count;
    float (*normals)[3];
};

/* Normals of kept pixels of row y. */
void normal_rows_fit(const struct normal_rows *rows, const struct cloud_input *input,
                     const struct image_view *keep, int y,
                     const struct row_normals *wanted);

#endif
