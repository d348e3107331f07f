/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows and sums behind the sub-pixel step: see subpixel.c.
 *
 * Invariant: a pixel without weight has zero terms, and so have the pixels
 * beside each row and the rows beyond the image. Ownership: all rows lie in scratch.
 */
#ifndef REFINE_SUBPIXEL_WINDOW_H
#define REFINE_SUBPIXEL_WINDOW_H

#include <stdint.h>

enum {
    SUBPIXEL_RADIUS = 3,
    SUBPIXEL_SIDE = 2 * SUBPIXEL_RADIUS + 1,
    SUBPIXEL_PIXELS = SUBPIXEL_SIDE * SUBPIXEL_SIDE,
    SUBPIXEL_BLOCK = 64, /* pixels of a row that go through all loops together */
    SUBPIXEL_PAD = 32,   /* before a row: a line of the cache */
    SUBPIXEL_PAD_AFTER = SUBPIXEL_BLOCK + 8, /* of a block that begins in the row */
    SUBPIXEL_TAPS = 4,                       /* pixels an interpolated gradient reads */
    SUBPIXEL_LIMIT = 8,                      /* sixteenths a value moves at most */
    SUBPIXEL_RING = SUBPIXEL_SIDE + 1, /* the rows of a window, and the one that leaves */
};

/* What each pixel of a row adds to the windows around it. */
enum subpixel_term {
    TERM_WEIGHT, /* 1: measured, and its match lies inside the right image */
    TERM_ERROR,  /* left minus warped right, in quarters of a grey level */
    TERM_ACROSS, /* mean horizontal gradient of both, in halves of a level a pixel */
    TERM_DOWN,   /* vertical gradient of the left image, likewise */
    SUBPIXEL_TERMS
};

struct subpixel_terms {
    int16_t *of[SUBPIXEL_TERMS];
};

/* Products of two terms, but for the weight: it is 0 or 1. */
enum subpixel_product {
    ERROR_ERROR,
    ERROR_ACROSS,
    ERROR_DOWN,
    ACROSS_ACROSS,
    ACROSS_DOWN,
    DOWN_DOWN,
    SUBPIXEL_PRODUCTS
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

/* Row y is ring[y % SUBPIXEL_RING]. Sums of columns come and go with the rows of a
 * window; those of terms fit 16 bits. */
struct subpixel_window {
    int width_px;
    struct subpixel_terms ring[SUBPIXEL_RING];
    int16_t *terms[SUBPIXEL_TERMS];
    int32_t *products[SUBPIXEL_PRODUCTS];
};

/* A row enters the windows, the one SUBPIXEL_SIDE above it leaves them, and the one in
 * their middle moves. */
struct subpixel_turn {
    const struct subpixel_images *images; /* NULL: below the image, terms are zero */
    const struct subpixel_terms *entering;
    const struct subpixel_terms *leaving;
    const uint8_t *classes; /* of the row that moves; NULL: none yet */
    int16_t *values;
};

#endif
