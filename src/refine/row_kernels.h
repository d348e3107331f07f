/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The costly loops of refinement, one table of functions an instruction set.
 *
 * The loops are written once, in plain C (*_loops.h), and compiled once a table: whole
 * numbers, and floats without contraction, so that all tables give the same bytes.
 */
#ifndef REFINE_ROW_KERNELS_H
#define REFINE_ROW_KERNELS_H

#include <stdint.h>

#include "process_offline/settings.h"

struct claim_rows;
struct direction_block;
struct direction_front;
struct feature_input;
struct feature_rows;
struct flat_columns;
struct hole_counts;
struct median_filter;
struct median_source;
struct plane;
struct plane_moments;
struct plane_samples;
struct seen_row;
struct subpixel_turn;
struct subpixel_window;
struct support_block;
struct support_guide;
struct support_pixels;
struct support_rows;
struct support_steps;

struct row_kernels {
    /* Invalidates values of a row that the right map's row contradicts; how many. */
    uint32_t (*check_matches)(int16_t *row, const int16_t *right, int width_px,
                              int max_difference);
    /* By column: rows since the texture last changed. Then: invalidates values of a row
     * that have none within reach; how many. */
    void (*texture_age)(const uint8_t *green, int width_px, uint8_t *ages);
    uint32_t (*texture_drop)(const uint8_t *ages, int width_px, int16_t *row);
    /* What the right map's row claims, and the classes by it. */
    void (*claim_row)(const int16_t *right, int width_px,
                      const struct claim_rows *claims);
    void (*class_row)(const int16_t *row, int width_px, const struct claim_rows *claims,
                      uint8_t *classes, struct hole_counts *counts);
    /* Nearest values from three directions, a row on; what a block's holes are filled
     * with. */
    void (*direction_advance)(const int16_t *row, int width_px,
                              struct direction_front *front);
    void (*direction_fills)(const struct direction_block *above,
                            const struct direction_block *below, const uint8_t *classes,
                            int16_t *fills);
    /* The features in `which` (bit i: feature i) of row y into rows->features. */
    void (*measure_features)(const struct feature_input *input, uint32_t which, int y,
                             struct feature_rows *rows);
    /* The second of three channels. */
    void (*green_row)(const uint8_t *pixels, int width_px, uint8_t *green);
    /* A row around the windows of weighted medians into its place of the ring. */
    void (*median_load)(const struct median_source *from, int width_px, int channels,
                        const struct median_filter *filter, int row);
    /* Pixels of the middle one of three rows that are filled or at a depth edge; how
     * many. `spans` has room for two rows with a pixel of padding at both ends. */
    uint32_t (*median_marks)(const int16_t *const rows[3], const uint8_t *classes,
                             int width_px, int16_t *spans, uint8_t *marks);
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
    /* How many samples lie on the plane, up to where more than `most` can no longer be
     * reached; sums over those that do. */
    int (*plane_votes)(const struct plane_samples *set, const struct plane *plane,
                       int most);
    void (*plane_sums)(const struct plane_samples *set, const struct plane *plane,
                       struct plane_moments *sums);
    /* Takes away filled values of a row in front of what the right row sees; how many. */
    uint32_t (*free_space_row)(const struct seen_row *row);
};

extern const struct row_kernels row_kernels_plain;
extern const struct row_kernels row_kernels_sse4;
extern const struct row_kernels row_kernels_avx2;

/* Never NULL: plain loops where the CPU, or the level asked for, has nothing better. */
const struct row_kernels *row_kernels_find(enum po_cpu_level level);

#endif
