/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of the sub-pixel step, for the table of each instruction set: plain
 * loops over a block of a row, most of a constant length, without branches and with few
 * arrays each, which the compiler turns into vector code. A block goes through all of
 * them while it is in the nearest cache.
 */
#ifndef REFINE_SUBPIXEL_LOOPS_H
#define REFINE_SUBPIXEL_LOOPS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/number.h"
#include "refine/subpixel_products.h"
#include "refine/subpixel_window.h"
#include "stereo/disparity_map.h"

/* Four bytes of a row lie in a word, the first pixel lowest. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "taps are read as words");

enum {
    MIN_ENERGY = 10,     /* mean squared gradient below which there is nothing to align */
    ROW_ENERGY = 5,      /* added to the vertical one: aligned rows explain nothing */
    DOUBT = 12,          /* how soon what stays unexplained makes the step smaller */
    ROUNDING_UP = 65536, /* makes steps positive: conversion rounds towards zero */
    BLOCK = SUBPIXEL_BLOCK,
};

/* What the match of each pixel of a block reads. */
struct subpixel_match {
    int32_t taps[BLOCK]; /* where it begins: the pixel before the two it lies between */
    uint32_t words[BLOCK];
    int16_t inside[BLOCK];
    int16_t fraction[BLOCK];
};

static inline void find_matches(const int16_t *values, int first, int count, int last_tap,
                                struct subpixel_match *restrict match)
{
    for (int i = 0; i < count; i++) {
        int value = values[i];
        int tap =
            first + i - 1 - ((value + DISPARITY_SCALE - 1) >> DISPARITY_FRACTION_BITS);
        int held = tap < last_tap ? tap : last_tap;
        held = held > 0 ? held : 0;
        match->taps[i] = held;
        match->inside[i] = held == tap;
    }
    for (int i = 0; i < count; i++)
        match->fraction[i] = (int16_t)(-values[i] & (DISPARITY_SCALE - 1));
}

static inline void gather_words(const uint8_t *right, const int32_t *taps, int count,
                                uint32_t *restrict words)
{
    for (int i = 0; i < count; i++)
        memcpy(&words[i], right + taps[i], sizeof(words[i]));
}

static inline void find_weights(const uint8_t *classes, const int16_t *inside, int count,
                                int16_t *restrict weight)
{
    for (int i = 0; i < count; i++)
        weight[i] = (int16_t)(-(classes[i] == PIXEL_MEASURED) & inside[i]);
}

/* The right image at the match is linear between pixels. */
static inline void find_errors(const uint8_t *left, const struct subpixel_match *match,
                               int count, const int16_t *weight, int16_t *restrict error)
{
    for (int i = 0; i < count; i++) {
        int16_t b = (int16_t)(match->words[i] >> 8 & 255);
        int16_t c = (int16_t)(match->words[i] >> 16 & 255);
        int16_t whole = (int16_t)(DISPARITY_SCALE * (left[i] - b));
        int16_t part = (int16_t)(match->fraction[i] * (c - b));
        int16_t difference = (int16_t)((int16_t)(whole - part) >> 2);
        error[i] = (int16_t)(difference & -weight[i]);
    }
}

/* And so is its gradient. */
static inline void find_gradients(const uint8_t *left, const struct subpixel_match *match,
                                  int count, const int16_t *weight,
                                  int16_t *restrict across)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        int16_t a = (int16_t)(match->words[i] & 255);
        int16_t b = (int16_t)(match->words[i] >> 8 & 255);
        int16_t c = (int16_t)(match->words[i] >> 16 & 255);
        int16_t d = (int16_t)(match->words[i] >> 24);
        int16_t whole = (int16_t)(DISPARITY_SCALE * (left[i + 1] - left[i - 1] + c - a));
        int16_t part = (int16_t)(match->fraction[i] * (d - b - c + a));
        int16_t twice = (int16_t)((int16_t)(whole + part) >> 5);
        across[i] = (int16_t)(twice & -weight[i]);
    }
}

static inline void find_row_gradients(const uint8_t *above, const uint8_t *below,
                                      int count, const int16_t *weight,
                                      int16_t *restrict down)
{
    for (int i = 0; i < count; i++)
        down[i] = (int16_t)((below[i] - above[i]) & -weight[i]);
}

/* The first and the last pixel of a row have no gradient. */
static inline void load_block(const struct subpixel_images *images, int first,
                              int width_px, const struct subpixel_terms *terms)
{
    struct subpixel_match match;
    int begin = maximum(first, 1), end = minimum(first + BLOCK, width_px - 1);
    int count = end - begin;
    const int16_t *weight = terms->of[TERM_WEIGHT] + begin;
    const uint8_t *left = images->left + begin;
    find_matches(images->values + begin, begin, count, width_px - SUBPIXEL_TAPS, &match);
    gather_words(images->right, match.taps, count, match.words);
    find_weights(images->classes + begin, match.inside, count,
                 terms->of[TERM_WEIGHT] + begin);
    find_errors(left, &match, count, weight, terms->of[TERM_ERROR] + begin);
    find_gradients(left, &match, count, weight, terms->of[TERM_ACROSS] + begin);
    find_row_gradients(images->above + begin, images->below + begin, count, weight,
                       terms->of[TERM_DOWN] + begin);
}

static inline void exchange_terms(const int16_t *entering, const int16_t *leaving,
                                  int16_t *restrict sums)
{
    for (int i = 0; i < BLOCK; i++)
        sums[i] = (int16_t)(sums[i] + entering[i] - leaving[i]);
}

static inline void exchange_block(const struct subpixel_window *window, int first,
                                  const struct subpixel_terms *entering,
                                  const struct subpixel_terms *leaving)
{
    for (int k = 0; k < SUBPIXEL_TERMS; k++)
        exchange_terms(entering->of[k] + first, leaving->of[k] + first,
                       window->terms[k] + first);
    exchange_products(window, first, entering, leaving);
}

/* Sums of two columns, the first two of a pixel's window at its place. */
enum { PAIRS = BLOCK + SUBPIXEL_SIDE - 3 };

struct subpixel_pairs {
    int16_t terms[SUBPIXEL_TERMS][PAIRS];
    int32_t products[SUBPIXEL_PRODUCTS][PAIRS];
};

static inline void pair_terms(const int16_t *columns, int16_t *restrict pairs)
{
    for (int i = 0; i < PAIRS; i++)
        pairs[i] = (int16_t)(columns[i - 3] + columns[i - 2]);
}

static inline void pair_products(const int32_t *columns, int32_t *restrict pairs)
{
    for (int i = 0; i < PAIRS; i++)
        pairs[i] = columns[i - 3] + columns[i - 2];
}

/* Of seven columns; four fit 16 bits. */
static inline void sum_terms(const int16_t *pairs, const int16_t *columns,
                             float *restrict sums)
{
    for (int i = 0; i < BLOCK; i++) {
        int16_t four = (int16_t)(pairs[i] + pairs[i + 2]);
        int16_t three = (int16_t)(pairs[i + 4] + columns[i + 3]);
        sums[i] = (float)(four + three);
    }
}

static inline void sum_products(const int32_t *pairs, const int32_t *columns,
                                float *restrict sums)
{
    for (int i = 0; i < BLOCK; i++)
        sums[i] = (float)(pairs[i] + pairs[i + 2] + pairs[i + 4] + columns[i + 3]);
}

struct subpixel_sums {
    float terms[SUBPIXEL_TERMS][BLOCK];
    float products[SUBPIXEL_PRODUCTS][BLOCK];
};

/* Steps in sixteenths. In the terms' units a gradient of 1 level a pixel is 2, an error
 * of 1 level 4: the step is -8 times their ratio. */
static inline void find_steps(const struct subpixel_sums *sums, int16_t *restrict steps)
{
    for (int i = 0; i < BLOCK; i++) {
        float n = sums->terms[TERM_WEIGHT][i];
        float share = 1.0F / (n + 0.001F);
        float e = sums->terms[TERM_ERROR][i], g = sums->terms[TERM_ACROSS][i];
        float v = sums->terms[TERM_DOWN][i];
        float ee = sums->products[ERROR_ERROR][i] - e * e * share;
        float eg = sums->products[ERROR_ACROSS][i] - e * g * share;
        float ev = sums->products[ERROR_DOWN][i] - e * v * share;
        float gg = sums->products[ACROSS_ACROSS][i] - g * g * share;
        float gv = sums->products[ACROSS_DOWN][i] - g * v * share;
        float vv = sums->products[DOWN_DOWN][i] - v * v * share;
        float of_rows = 1.0F / (vv + (float)(4 * ROW_ENERGY) * n + 1.0F);
        float along = eg - ev * gv * of_rows;
        float energy = gg - gv * gv * of_rows;
        float rest = ee - ev * ev * of_rows;
        float unexplained = fabsf(rest * energy - along * along);
        float step = -8.0F * along * energy /
                     (energy * energy + 0.25F * (float)DOUBT * unexplained + 1.0F);
        int rounded = (int)(step + ((float)ROUNDING_UP + 0.5F)) - ROUNDING_UP;
        int32_t weights = (int32_t)n;
        int32_t enough = (2 * weights > SUBPIXEL_PIXELS) &
                         ((int32_t)energy > 4 * MIN_ENERGY * weights);
        steps[i] = (int16_t)(clamp(rounded, -SUBPIXEL_LIMIT, SUBPIXEL_LIMIT) * enough);
    }
}

static inline void move_values(const uint8_t *classes, const int16_t *steps, int count,
                               int16_t *restrict values)
{
    for (int i = 0; i < count; i++)
        values[i] = (int16_t)(values[i] + (-(classes[i] == PIXEL_MEASURED) & steps[i]));
}

/* Pixels first .. first + count - 1, whose columns are complete. */
static inline void move_block(const struct subpixel_window *window, int first, int count,
                              const uint8_t *classes, int16_t *values)
{
    struct subpixel_pairs pairs;
    struct subpixel_sums sums;
    int16_t steps[BLOCK];
    if (memchr(classes + first, PIXEL_MEASURED, (size_t)count) == NULL)
        return;
    /* All pairs before they are read again: what was only just stored is slow to load at
     * another place. */
    for (int k = 0; k < SUBPIXEL_TERMS; k++)
        pair_terms(window->terms[k] + first, pairs.terms[k]);
    for (int k = 0; k < SUBPIXEL_PRODUCTS; k++)
        pair_products(window->products[k] + first, pairs.products[k]);
    for (int k = 0; k < SUBPIXEL_TERMS; k++)
        sum_terms(pairs.terms[k], window->terms[k] + first, sums.terms[k]);
    for (int k = 0; k < SUBPIXEL_PRODUCTS; k++)
        sum_products(pairs.products[k], window->products[k] + first, sums.products[k]);
    find_steps(&sums, steps);
    move_values(classes + first, steps, count, values + first);
}

/* A block moves once the next one's columns are complete, and are no longer the last that
 * were stored. */
static void subpixel_turn(const struct subpixel_window *window,
                          const struct subpixel_turn *turn)
{
    int width = window->width_px;
    for (int first = 0; first < width + BLOCK; first += BLOCK) {
        int before = first - BLOCK;
        if (turn->images != NULL && first < width - 1)
            load_block(turn->images, first, width, turn->entering);
        if (first < width)
            exchange_block(window, first, turn->entering, turn->leaving);
        if (turn->values != NULL && before >= 0)
            move_block(window, before, minimum(BLOCK, width - before), turn->classes,
                       turn->values);
    }
}

#endif
