/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Squares of the pixel grid into triangles whose three sides all stay on one surface.
 *
 * Corners of a square are 0 1 above, 2 3 below; corners of a triangle are ordered so that
 * its normal faces the camera. A square's code is a set of bits, at most two of them set:
 * which of the four possible triangles it has.
 */
#ifndef CLOUD_MESH_SPLIT_H
#define CLOUD_MESH_SPLIT_H

#include <stdint.h>

enum { SQUARE_TRIANGLES = 4, TRIANGLE_CORNERS = 3 };

/* Corners of the triangle of each bit. */
extern const int mesh_triangles[SQUARE_TRIANGLES][TRIANGLE_CORNERS];

struct pixel_row {
    const int16_t *values; /* disparities, in sixteenths */
    const uint8_t *kept;   /* non-zero: a vertex */
};

/* Codes of `count` squares between two rows of count + 1 pixels; `doffs` in sixteenths.
 * Returns the number of triangles. */
unsigned mesh_split_row(const struct pixel_row *above, const struct pixel_row *below,
                        int count, int doffs, uint8_t *codes);

#endif
