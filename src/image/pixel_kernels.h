/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loops over pixels that whole images go through, one table an instruction set.
 *
 * They are written once, in plain C (pixel_loops.h), and compiled once a table. They are
 * whole numbers, so all tables give the same bytes; the processor's best is used whatever
 * --cpu says.
 */
#ifndef IMAGE_PIXEL_KERNELS_H
#define IMAGE_PIXEL_KERNELS_H

#include <stdint.h>

struct pixel_kernels {
    /* RGB to grey by the weights of image_to_grey. */
    void (*grey_row)(const uint8_t *restrict rgb, uint8_t *restrict grey, int width_px);
    /* Means of 2x2 pixels of one or three channels, of `pairs` pairs of columns in the
     * rows `a` and `b`. */
    void (*halve_row_1)(const uint8_t *restrict a, const uint8_t *restrict b,
                        uint8_t *restrict to, int pairs);
    void (*halve_row_3)(const uint8_t *restrict a, const uint8_t *restrict b,
                        uint8_t *restrict to, int pairs);
};

extern const struct pixel_kernels pixel_kernels_plain;
extern const struct pixel_kernels pixel_kernels_avx2;

const struct pixel_kernels *pixel_kernels_find(void);

#endif
