/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loops of image_view.c, in plain C: included once by each table of
 * image/pixel_kernels.h. restrict lets compilers use vectors: the rows of two images
 * never overlap.
 */
#ifndef IMAGE_PIXEL_LOOPS_H
#define IMAGE_PIXEL_LOOPS_H

#include <stdint.h>
#include <string.h>

#include "base/number.h"

static void grey_row(const uint8_t *restrict rgb, uint8_t *restrict grey, int width_px)
{
    for (int x = 0; x < width_px; x++, rgb += 3) {
        uint32_t sum = 4899U * rgb[0] + 9617U * rgb[1] + 1868U * rgb[2] + 8192U;
        grey[x] = (uint8_t)(sum >> 14);
    }
}

/* Two bytes in one lane. */
static void halve_row_1(const uint8_t *restrict a, const uint8_t *restrict b,
                        uint8_t *restrict to, int pairs)
{
    for (int x = 0; x < pairs; x++) {
        uint16_t above;
        uint16_t below;
        memcpy(&above, a + 2 * (ptrdiff_t)x, sizeof(above));
        memcpy(&below, b + 2 * (ptrdiff_t)x, sizeof(below));
        unsigned sum = (above & 0xffU) + (above >> 8U) + (below & 0xffU) + (below >> 8U);
        to[x] = (uint8_t)((sum + 2) >> 2);
    }
}

/* Means at every byte, of which each pair of pixels needs the first three: vectors like
 * neighbours more than gaps. */
static void halve_row_3(const uint8_t *restrict a, const uint8_t *restrict b,
                        uint8_t *restrict to, int pairs)
{
    enum { PAIRS = 64, PAIR_BYTES = 6 };
    uint8_t means[PAIRS * PAIR_BYTES + 1];
    for (int first = 0; first < pairs; first += PAIRS) {
        int count = minimum(pairs - first, PAIRS);
        int bytes = PAIR_BYTES * count - 3;
        for (int i = 0; i < bytes; i++) {
            unsigned sum = (unsigned)a[i] + a[i + 3] + b[i] + b[i + 3];
            means[i] = (uint8_t)((sum + 2) >> 2);
        }
        /* Four bytes at once, of which the next pair writes over the last. */
        for (int x = 0; x < count - 1; x++)
            memcpy(to + 3 * (ptrdiff_t)x, means + PAIR_BYTES * (ptrdiff_t)x, 4);
        memcpy(to + 3 * (ptrdiff_t)(count - 1), means + bytes - 3, 3);
        a += bytes + 3;
        b += bytes + 3;
        to += (bytes + 3) / 2;
    }
}

#endif
