/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filters of PNG undone: PNG specification, section 9.
 *
 * Invariant: pixel_bytes is 1, 2, 3 or 6 and divides row_bytes; filtered rows follow one
 * another, each with the byte of its filter in front.
 */
#ifndef IMAGE_PNG_UNFILTER_H
#define IMAGE_PNG_UNFILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PNG_FRONT_ROWS = 8 }; /* best given so many, or a multiple */

struct png_rows {
    const uint8_t *filtered; /* rows * (1 + row_bytes) */
    const uint8_t *above;    /* the row before the first: zeros at the top */
    uint8_t *pixels;         /* of the first row */
    ptrdiff_t stride_bytes;
    size_t row_bytes;
    int pixel_bytes;
    int count;
};

/* False when a row's filter does not exist. */
bool png_unfilter(const struct png_rows *rows);

#endif
