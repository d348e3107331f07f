/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The costly loops of refinement, one table of functions an instruction set.
 *
 * The loops are written once, in plain C (median_loops.h, median_5x5_loops.h,
 * feature_loops.h, flat_loops.h, subpixel_loops.h, support_loops.h), and compiled once a
 * table: whole numbers, and floats without contraction, so that all tables give the same
 * bytes.
 */
#ifndef REFINE_ROW_KERNELS_H
#define REFINE_ROW_KERNELS_H

#include <stdint.h>

#include "process_offline/settings.h"

struct feature_input;
struct feature_rows;
struct flat_columns;
struct median_filter;
struct median_source;
struct split_row;
struct subpixel_turn;
struct subpixel_window;
struct support_block;
struct support_guide;
struct support_pixels;
struct support_rows;
struct support_steps;

struct row_kernels {
    /* The features in `which` (bit i: feature i) of row y into rows->features. */
    void (*measure_features)(const struct feature_input *input, uint32_t which, int y,
                             struct feature_rows *rows);
    /* The second of three channels. */
    void (*green_row)(const uint8_t *pixels, int width_px, uint8_t *green);
    /* A row around the windows of weighted medians, split by column parity. */
    void (*median_load)(const struct median_source *from, int width_px, int channels,
                        const struct split_row *to);
    /* Weighted medians of the marked pixels of a row. */
    void (*median_row)(const struct median_filter *filter, const uint8_t *marks,
                       int width_px, int16_t *target);
    /* 5x5 medians of the middle one of five rows. */
    void (*median_5x5_row)(const int16_t *const rows[5], int width_px, int16_t *target);
    /* The sub-pixel step: a row enters the windows, one leaves them, one is moved. */
    void (*subpixel_turn)(const struct subpixel_window *window,
                          const struct subpixel_turn *turn);
    /* The mean of flat surfaces: the measured values of a row, and a row from three. */
    void (*flat_load)(const int16_t *values, const uint8_t *classes, int width_px,
                      int16_t *measured);
    void (*flat_row)(const int16_t *const rows[3], const struct flat_columns *columns,
                     int width_px, int16_t *values);
    /* The surface support, in the order of surface_support.c: steps of two rows of the
     * guide, weights of two rows of pixels, a block filtered along itself, a row from the
     * one beside it, and what stays of a row. */
    void (*support_step)(const struct support_guide *guide,
                         const struct support_steps *steps);
    void (*support_gather)(const struct support_pixels *pixels, int width_px,
                           float *weights, float *sums);
    void (*support_along)(const float *by_step, const uint8_t *steps,
                          const struct support_block *block,
                          const struct support_rows *rows);
    void (*support_across)(const float *by_step, const uint8_t *steps,
                           const struct support_rows *before,
                           const struct support_rows *row);
    void (*support_finish)(const struct support_rows *row, uint8_t *weights,
                           int16_t *below, int16_t *above);
};

extern const struct row_kernels row_kernels_plain;
extern const struct row_kernels row_kernels_sse4;
extern const struct row_kernels row_kernels_avx2;

/* Never NULL: plain loops where the CPU, or the level asked for, has nothing better. */
const struct row_kernels *row_kernels_find(enum po_cpu_level level);

#endif
