/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loop of plain points, one function an instruction set; all give the same
 * bytes, and the processor's best is used whatever --cpu says.
 */
#ifndef CLOUD_POINT_KERNELS_H
#define CLOUD_POINT_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum { POINT_BLOCK = 8 };

/* A row of pixels in colour. */
struct point_pixels {
    const float *depths;
    const double *rays; /* X / Z */
    const uint8_t *rgb;
    const uint8_t *keep; /* the lowest bit */
    double ray_y;        /* Y / Z */
};

/* Packs the kept pixels among the first `count` of a row, a multiple of POINT_BLOCK, and
 * returns the end of their records. Writes one byte beyond a record for each pixel, and
 * reads four bytes of `rgb` beyond. */
typedef unsigned char *point_pack(const struct point_pixels *row, int count,
                                  unsigned char *records);

point_pack point_pack_avx2;

/* NULL: none for this processor. */
point_pack *point_pack_find(void);

#endif
