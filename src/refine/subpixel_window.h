/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows and sums behind the sub-pixel step: see subpixel.c.
 *
 * Invariant: a pixel without weight has zero terms, and so have the SUBPIXEL_PAD pixels
 * beside each row and the rows beyond the image. Ownership: all rows lie in scratch.
 */
#ifndef REFINE_SUBPIXEL_WINDOW_H
#define REFINE_SUBPIXEL_WINDOW_H

#include <stdint.h>

enum {
    SUBPIXEL_RADIUS = 3,
    SUBPIXEL_SIDE = 2 * SUBPIXEL_RADIUS + 1,
    SUBPIXEL_PIXELS = SUBPIXEL_SIDE * SUBPIXEL_SIDE,
    SUBPIXEL_PAD = 16,
    SUBPIXEL_TAPS = 4,  /* pixels an interpolated gradient reads */
    SUBPIXEL_LIMIT = 8, /* sixteenths a value moves at most */
};

enum { SUBPIXEL_TERMS = 4 };

/* What each pixel of a row adds to the windows around it. */
struct subpixel_terms {
    int16_t *weight; /* 1: measured, and its match lies inside the right image */
    int16_t *error;  /* left minus warped right, in quarters of a grey level */
    int16_t *across; /* mean horizontal gradient of both, in halves of a level a pixel */
    int16_t *down;   /* vertical gradient of the left image, likewise */
};

/* Sums over a window, of each pair of terms; of columns while rows come and go. */
enum subpixel_sum {
    SUM_WEIGHT,
    SUM_ERROR,
    SUM_ACROSS,
    SUM_DOWN,
    SUM_ERROR_ERROR,
    SUM_ERROR_ACROSS,
    SUM_ERROR_DOWN,
    SUM_ACROSS_ACROSS,
    SUM_ACROSS_DOWN,
    SUM_DOWN_DOWN,
    SUBPIXEL_SUMS
};

/* One row as the warp reads it. */
struct subpixel_images {
    const uint8_t *above; /* of the left image */
    const uint8_t *left;
    const uint8_t *below;
    const uint8_t *right;
    const uint8_t *classes;
    const int16_t *values;
};

struct subpixel_window {
    int width_px;
    struct subpixel_terms ring[SUBPIXEL_SIDE]; /* row y is ring[y % SUBPIXEL_SIDE] */
    int32_t *columns[SUBPIXEL_SUMS];
    int32_t *windows[SUBPIXEL_SUMS];
    uint32_t *taps; /* SUBPIXEL_TAPS pixels of the right image about each match */
    int16_t *steps;
};

#endif
