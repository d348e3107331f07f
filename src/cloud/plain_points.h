/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain points: records of a place in the camera's own axes and a colour, x y z red green
 * blue, which is what most clouds hold. All pixels of a row are placed, then the kept
 * ones closed up, without a decision a pixel: the compiler takes many at once.
 *
 * Invariant: the same bytes as cloud_records_pack of the row that point_row_load loads.
 */
#ifndef CLOUD_PLAIN_POINTS_H
#define CLOUD_PLAIN_POINTS_H

#include "cloud/cloud_fields.h"

enum { PLAIN_POINT_BYTES = 15 };

/* Whether these fields, packed, are plain points of this input. */
bool plain_points_fit(const struct cloud_input *input,
                      const struct cloud_field *const *fields, int count);

/* Packs the kept pixels of row y, left to right, and returns their number; `row` lends
 * triangulation and depths. `records` has room for PLAIN_POINT_BYTES a pixel and one
 * byte.
 */
int plain_points_pack(struct point_row *row, int y, unsigned char *records);

#endif
