/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of the sub-pixel step, for the table of each instruction set: plain
 * loops over a row, without branches and with few arrays each, which the compiler turns
 * into vector code.
 */
#ifndef REFINE_SUBPIXEL_LOOPS_H
#define REFINE_SUBPIXEL_LOOPS_H

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "refine/subpixel_window.h"
#include "stereo/disparity_map.h"

/* Four bytes of a row lie in a word, the first pixel lowest. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "taps are read as words");

enum {
    MIN_ENERGY = 10,    /* mean squared gradient below which there is nothing to align */
    ROW_ENERGY = 5,     /* added to the vertical one: aligned rows explain nothing */
    DOUBT = 12,         /* how soon what stays unexplained makes the step smaller */
    ROUNDING_UP = 65536 /* makes steps positive: conversion rounds towards zero */
};

/* Where the match of pixel x begins: the pixel before the two it lies between. */
static inline int first_tap(int x, int value)
{
    return x - 1 - ((value + DISPARITY_SCALE - 1) >> DISPARITY_FRACTION_BITS);
}

static inline int fraction_of(int value)
{
    return -value & (DISPARITY_SCALE - 1);
}

static inline void gather_taps(const uint8_t *right, const int16_t *values, int width_px,
                               uint32_t *restrict taps)
{
    for (int x = 0; x < width_px; x++)
        memcpy(&taps[x],
               right + clamp(first_tap(x, values[x]), 0, width_px - SUBPIXEL_TAPS),
               SUBPIXEL_TAPS);
}

/* The first and the last pixel of a row have no gradient. */
static inline void find_weights(const uint8_t *classes, const int16_t *values,
                                int width_px, int16_t *restrict weight)
{
    for (int x = 1; x < width_px - 1; x++) {
        int at = first_tap(x, values[x]);
        weight[x] = (int16_t)((classes[x] == PIXEL_MEASURED) & (at >= 0) &
                              (at <= width_px - SUBPIXEL_TAPS));
    }
}

/* The right image at the match is linear between pixels. */
static inline void find_errors(const uint8_t *left, const uint32_t *taps,
                               const int16_t *values, int width_px, const int16_t *weight,
                               int16_t *restrict error)
{
    for (int x = 1; x < width_px - 1; x++) {
        int b = (int)(taps[x] >> 8 & 255), c = (int)(taps[x] >> 16 & 255);
        int difference =
            DISPARITY_SCALE * (left[x] - b) - fraction_of(values[x]) * (c - b);
        error[x] = (int16_t)((difference >> 2) * weight[x]);
    }
}

/* And so is its gradient. */
static inline void find_gradients(const uint8_t *left, const uint32_t *taps,
                                  const int16_t *values, int width_px,
                                  const int16_t *weight, int16_t *restrict across)
{
    for (int x = 1; x < width_px - 1; x++) {
        int a = (int)(taps[x] & 255), b = (int)(taps[x] >> 8 & 255);
        int c = (int)(taps[x] >> 16 & 255), d = (int)(taps[x] >> 24);
        int twice = DISPARITY_SCALE * (left[x + 1] - left[x - 1] + c - a) +
                    fraction_of(values[x]) * (d - b - c + a);
        across[x] = (int16_t)((twice >> 5) * weight[x]);
    }
}

static inline void find_row_gradients(const uint8_t *above, const uint8_t *below,
                                      int width_px, const int16_t *weight,
                                      int16_t *restrict down)
{
    for (int x = 1; x < width_px - 1; x++)
        down[x] = (int16_t)((below[x] - above[x]) * weight[x]);
}

static inline void add_products(const int16_t *a, const int16_t *b, int width_px,
                                int sign, int32_t *restrict sums)
{
    for (int x = 0; x < width_px; x++)
        sums[x] += sign * (a[x] * b[x]);
}

/* Adds a row to the sums of its columns, or takes it away. */
static inline void add_terms(const struct subpixel_window *window,
                             const struct subpixel_terms *terms, int sign)
{
    const int16_t *of[] = {terms->weight, terms->error, terms->across, terms->down};
    int32_t *const *sums = window->columns;
    for (int i = 0, sum = 0; i < SUBPIXEL_TERMS; i++)
        for (int j = i; j < SUBPIXEL_TERMS; j++, sum++)
            add_products(of[i], of[j], window->width_px, sign, sums[sum]);
}

static inline void sum_windows(const int32_t *columns, int width_px,
                               int32_t *restrict windows)
{
    for (int x = 0; x < width_px; x++)
        windows[x] = columns[x - 3] + columns[x - 2] + columns[x - 1] + columns[x] +
                     columns[x + 1] + columns[x + 2] + columns[x + 3];
}

/* Steps in sixteenths. In the terms' units a gradient of 1 level a pixel is 2, an error
 * of 1 level 4: the step is -8 times their ratio. */
static inline void find_steps(const struct subpixel_window *window, int width_px,
                              int16_t *restrict steps)
{
    int32_t *const *sums = window->windows;
    for (int x = 0; x < width_px; x++) {
        float n = (float)sums[SUM_WEIGHT][x];
        float share = 1.0F / (n + 0.001F);
        float e = (float)sums[SUM_ERROR][x], g = (float)sums[SUM_ACROSS][x];
        float v = (float)sums[SUM_DOWN][x];
        float ee = (float)sums[SUM_ERROR_ERROR][x] - e * e * share;
        float eg = (float)sums[SUM_ERROR_ACROSS][x] - e * g * share;
        float ev = (float)sums[SUM_ERROR_DOWN][x] - e * v * share;
        float gg = (float)sums[SUM_ACROSS_ACROSS][x] - g * g * share;
        float gv = (float)sums[SUM_ACROSS_DOWN][x] - g * v * share;
        float vv = (float)sums[SUM_DOWN_DOWN][x] - v * v * share;
        float of_rows = 1.0F / (vv + (float)(4 * ROW_ENERGY) * n + 1.0F);
        float along = eg - ev * gv * of_rows;
        float energy = gg - gv * gv * of_rows;
        float rest = ee - ev * ev * of_rows;
        float unexplained = fabsf(rest * energy - along * along);
        float step = -8.0F * along * energy /
                     (energy * energy + 0.25F * (float)DOUBT * unexplained + 1.0F);
        int rounded = (int)(step + ((float)ROUNDING_UP + 0.5F)) - ROUNDING_UP;
        int32_t enough = (2 * sums[SUM_WEIGHT][x] > SUBPIXEL_PIXELS) &
                         ((int32_t)energy > 4 * MIN_ENERGY * sums[SUM_WEIGHT][x]);
        steps[x] = (int16_t)(clamp(rounded, -SUBPIXEL_LIMIT, SUBPIXEL_LIMIT) * enough);
    }
}

static void subpixel_load(const struct subpixel_images *images,
                          const struct subpixel_window *window,
                          const struct subpixel_terms *terms)
{
    int width = window->width_px;
    gather_taps(images->right, images->values, width, window->taps);
    find_weights(images->classes, images->values, width, terms->weight);
    find_errors(images->left, window->taps, images->values, width, terms->weight,
                terms->error);
    find_gradients(images->left, window->taps, images->values, width, terms->weight,
                   terms->across);
    find_row_gradients(images->above, images->below, width, terms->weight, terms->down);
    add_terms(window, terms, 1);
}

static void subpixel_drop(const struct subpixel_window *window,
                          const struct subpixel_terms *terms)
{
    add_terms(window, terms, -1);
}

static void subpixel_move(const struct subpixel_window *window, const uint8_t *classes,
                          int16_t *restrict values)
{
    int16_t *steps = window->steps;
    for (int i = 0; i < SUBPIXEL_SUMS; i++)
        sum_windows(window->columns[i], window->width_px, window->windows[i]);
    find_steps(window, window->width_px, steps);
    for (int x = 0; x < window->width_px; x++)
        values[x] = (int16_t)(values[x] + (classes[x] == PIXEL_MEASURED) * steps[x]);
}

#endif
