/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner sums of the correlation of patches, one function an instruction set. Whole
 * numbers, so that all of them give the same.
 */
#ifndef STEREO_KERNELS_PATCH_H
#define STEREO_KERNELS_PATCH_H

#include <stdint.h>

#include "process_offline/settings.h"

enum {
    PATCH_RADIUS = 5,
    PATCH_SIDE = 2 * PATCH_RADIUS + 1,
    PATCH_AREA = PATCH_SIDE * PATCH_SIDE,
    PATCH_PAIRS = (PATCH_SIDE + 1) / 2,
    PATCH_POSITIONS = 64, /* beside each other, at most at once */
};

/* A patch and what of the correlation is its own. */
struct patch_template {
    uint8_t values[PATCH_AREA];
    int16_t pairs[PATCH_SIDE][2 * PATCH_PAIRS]; /* its rows, each with a zero behind */
    int64_t sum;
    double norm;
};

/* Of `count` positions of a patch beside each other. */
struct position_sums {
    int count;
    uint32_t products[PATCH_POSITIONS]; /* with the template */
    /* Of the columns that the patches cover. */
    uint32_t column_sums[PATCH_POSITIONS + PATCH_SIDE];
    uint32_t column_squares[PATCH_POSITIONS + PATCH_SIDE];
};

/* rows[v]: the first pixel of row v of the first position's patch; count + PATCH_SIDE - 1
 * pixels are read. */
typedef void patch_sums_function(const struct patch_template *patch,
                                 const uint8_t *const rows[PATCH_SIDE],
                                 struct position_sums *sums);

patch_sums_function patch_sums_plain;
#if defined(__x86_64__)
patch_sums_function patch_sums_avx2;
#endif

/* The best that the CPU has of what `level` allows. */
patch_sums_function *patch_sums_find(enum po_cpu_level level);

#endif
