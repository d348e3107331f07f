/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of the surface support, for the table of each instruction set.
 *
 * A recursion along a row waits for itself at every pixel, so SUPPORT_ROWS rows go along
 * together, laid side by side in a block: one vector, or two, is a column of it.
 */
#ifndef REFINE_SUPPORT_LOOPS_H
#define REFINE_SUPPORT_LOOPS_H

#include <string.h>

#include "base/number.h"
#include "refine/row_x86.h"
#include "refine/surface_support.h"

typedef float support_four __attribute__((vector_size(4 * sizeof(float)), may_alias));

#ifdef __AVX2__
enum { SUPPORT_LANES = 8 };
#else
enum { SUPPORT_LANES = 4 };
#endif
enum { SUPPORT_WIDES = SUPPORT_ROWS / SUPPORT_LANES };
typedef float support_wide
    __attribute__((vector_size(SUPPORT_LANES * sizeof(float)), may_alias));

enum {
    HALVED_AT_ONCE = 32, /* pixels of the half-size image */
    CHANNELS_MOST = 3,
    HALVED_BYTES = 2 * CHANNELS_MOST * HALVED_AT_ONCE,
};

/* Means of 2x2 pixels at every pixel of a row, of which every second is one of the
 * half-size image: picking is left to the steps. The last column repeats. */
static inline void average_bytes(const uint8_t *above, const uint8_t *below, int channels,
                                 int bytes, uint8_t *restrict means)
{
    for (int first = 0; first < bytes; first += HALVED_BYTES) {
        uint16_t sums[HALVED_BYTES + CHANNELS_MOST];
        int count = minimum(HALVED_BYTES, bytes - first);
        int summed = minimum(count + channels, bytes - first);
        for (int i = 0; i < summed; i++)
            sums[i] = (uint16_t)(above[first + i] + below[first + i]);
        for (int i = summed; i < count + channels; i++)
            sums[i] = sums[i - channels];
        for (int i = 0; i < count; i++)
            means[first + i] = (uint8_t)((sums[i] + sums[i + channels] + 2) >> 2);
    }
}

static inline uint8_t larger_byte(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

/* One byte of each `step`, 2 or 2 * CHANNELS_MOST. */
static inline void pick_bytes_of(const uint8_t *bytes, int step, int count,
                                 uint8_t *restrict picked)
{
    ptrdiff_t i = 0;
#ifdef ROW_X86
    enum { PICKED = 16, PIECES = 2 * CHANNELS_MOST };
    _Alignas(PICKED) uint8_t places[PIECES][PICKED]; /* 128: none */
    for (int k = 0; k < step; k++)
        for (int lane = 0; lane < PICKED; lane++) {
            int from = lane * step - k * PICKED;
            places[k][lane] = (uint8_t)(from >= 0 && from < PICKED ? from : 128);
        }
    for (; i + PICKED <= count; i += PICKED) {
        __m128i all = _mm_setzero_si128();
        for (int k = 0; k < step; k++) {
            __m128i piece, place;
            memcpy(&piece, bytes + i * step + (ptrdiff_t)k * PICKED, sizeof(piece));
            memcpy(&place, places[k], sizeof(place));
            all = _mm_or_si128(all, _mm_shuffle_epi8(piece, place));
        }
        memcpy(picked + i, &all, sizeof(all));
    }
#endif
    for (; i < count; i++)
        picked[i] = bytes[i * step];
}

/* The largest difference of a channel, at every second pixel. */
static inline void pick_steps(const uint8_t *a, const uint8_t *b, int channels, int count,
                              uint8_t *restrict steps)
{
    int step = 2 * channels;
    for (ptrdiff_t first = 0; first < count; first += HALVED_AT_ONCE) {
        uint8_t apart[HALVED_BYTES + CHANNELS_MOST] = {0};
        uint8_t largest[HALVED_BYTES];
        ptrdiff_t from = first * step;
        int picked = minimum(HALVED_AT_ONCE, count - (int)first);
        for (int i = 0; i < HALVED_AT_ONCE * step; i++)
            apart[i] = larger_byte(a[from + i], b[from + i]) -
                       (a[from + i] < b[from + i] ? a[from + i] : b[from + i]);
        for (int i = 0; i < HALVED_AT_ONCE * step; i++)
            largest[i] =
                channels == 1
                    ? apart[i]
                    : larger_byte(apart[i], larger_byte(apart[i + 1], apart[i + 2]));
        pick_bytes_of(largest, step, picked, steps + first);
    }
}

static inline void make_steps_of(const struct support_guide *guide, int channels,
                                 const struct support_steps *steps)
{
    int width_px = guide->width_px, half = half_side(width_px);
    average_bytes(guide->above, guide->below, channels, width_px * channels,
                  steps->means);
    pick_steps(steps->means, steps->means - 2 * (ptrdiff_t)channels, channels, half,
               steps->along);
    pick_steps(steps->means, steps->means_above, channels, half, steps->across);
    steps->along[0] = 0;
}

static void support_step(const struct support_guide *guide,
                         const struct support_steps *steps)
{
    if (guide->channels == 1)
        make_steps_of(guide, 1, steps);
    else
        make_steps_of(guide, CHANNELS_MOST, steps);
}

enum { GATHERED_AT_ONCE = 128 };

static inline void mask_weights(const struct support_pixels *pixels, ptrdiff_t first,
                                int count, uint8_t *restrict weights)
{
    const uint8_t *weight = pixels->weights + first, *class = pixels->classes + first;
    for (int i = 0; i < count; i++)
        weights[i] = (uint8_t)(weight[i] & -(class[i] == PIXEL_MEASURED));
}

/* Each weight times its disparity. */
static inline void weigh_values(const uint8_t *weight_a, const int16_t *value_a,
                                const uint8_t *weight_b, const int16_t *value_b,
                                int count, int32_t *restrict products)
{
    for (int i = 0; i < count; i++)
        products[i] = weight_a[i] * value_a[i] + weight_b[i] * value_b[i];
}

/* Weights of four pixels, and weights times disparities, become one. */
static void support_gather(const struct support_pixels *pixels, int width_px,
                           float *restrict weights, float *restrict sums)
{
    for (ptrdiff_t first = 0; first < width_px; first += GATHERED_AT_ONCE) {
        uint8_t above[GATHERED_AT_ONCE] = {0}, below[GATHERED_AT_ONCE] = {0};
        int32_t products[GATHERED_AT_ONCE] = {0};
        int count = minimum(GATHERED_AT_ONCE, width_px - (int)first);
        mask_weights(&pixels[0], first, count, above);
        mask_weights(&pixels[1], first, count, below);
        weigh_values(above, pixels[0].values + first, below, pixels[1].values + first,
                     count, products);
        for (ptrdiff_t i = 0; i < half_side(count); i++) {
            int four = above[2 * i] + above[2 * i + 1] + below[2 * i] + below[2 * i + 1];
            weights[first / 2 + i] = 0.25F * (float)four;
            sums[first / 2 + i] = 0.25F * (float)(products[2 * i] + products[2 * i + 1]);
        }
    }
}

/* Four rows of four become four columns of four. */
static inline void turn_four(const float *from, ptrdiff_t from_stride, float *to,
                             ptrdiff_t to_stride)
{
    support_four a, b, c, d;
    memcpy(&a, from, sizeof(a));
    memcpy(&b, from + from_stride, sizeof(b));
    memcpy(&c, from + 2 * from_stride, sizeof(c));
    memcpy(&d, from + 3 * from_stride, sizeof(d));
    support_four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    support_four cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    support_four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    support_four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    a = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    b = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
    d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
    memcpy(to, &a, sizeof(a));
    memcpy(to + to_stride, &b, sizeof(b));
    memcpy(to + 2 * to_stride, &c, sizeof(c));
    memcpy(to + 3 * to_stride, &d, sizeof(d));
}

static inline void rows_to_block(const float *rows, ptrdiff_t stride, float *block)
{
    for (ptrdiff_t k = 0; k < SUPPORT_ROWS; k += 4)
        for (ptrdiff_t x = 0; x < stride; x += 4)
            turn_four(rows + k * stride + x, stride, block + x * SUPPORT_ROWS + k,
                      SUPPORT_ROWS);
}

static inline void block_to_rows(const float *block, ptrdiff_t stride, float *rows)
{
    for (ptrdiff_t k = 0; k < SUPPORT_ROWS; k += 4)
        for (ptrdiff_t x = 0; x < stride; x += 4)
            turn_four(block + x * SUPPORT_ROWS + k, SUPPORT_ROWS, rows + k * stride + x,
                      stride);
}

/* Four at a time, as vectors: of the plain loop GCC 12 makes thousands of instructions.
 */
static inline void look_up_block(const float *by_step, const uint8_t *steps,
                                 ptrdiff_t stride, float *feedback)
{
    const uint8_t *a = steps;
    for (ptrdiff_t k = 0; k < SUPPORT_ROWS; k += 4, a += 4 * stride) {
        const uint8_t *b = a + stride, *c = b + stride, *d = c + stride;
        for (ptrdiff_t x = 0; x < stride; x++) {
            const support_four four = {by_step[a[x]], by_step[b[x]], by_step[c[x]],
                                       by_step[d[x]]};
            memcpy(feedback + x * SUPPORT_ROWS + k, &four, sizeof(four));
        }
    }
}

/* One step of the recursion, in a column of a block. Written over vectors: GCC 12 takes
 * the plain loop number by number. */
static inline void mix_column(const float *feedback, float *column,
                              support_wide reached[SUPPORT_WIDES])
{
    for (int k = 0; k < SUPPORT_WIDES; k++) {
        support_wide old, rate;
        memcpy(&old, column + (ptrdiff_t)k * SUPPORT_LANES, sizeof(old));
        memcpy(&rate, feedback + (ptrdiff_t)k * SUPPORT_LANES, sizeof(rate));
        reached[k] = old + rate * (reached[k] - old);
        memcpy(column + (ptrdiff_t)k * SUPPORT_LANES, &reached[k], sizeof(old));
    }
}

static inline void mix_block(const float *feedback, ptrdiff_t width,
                             float *restrict weights, float *restrict sums)
{
    support_wide weight[SUPPORT_WIDES], sum[SUPPORT_WIDES];
    memcpy(weight, weights, sizeof(weight));
    memcpy(sum, sums, sizeof(sum));
    for (ptrdiff_t i = SUPPORT_ROWS; i < width * SUPPORT_ROWS; i += SUPPORT_ROWS) {
        mix_column(feedback + i, weights + i, weight);
        mix_column(feedback + i, sums + i, sum);
    }
    for (ptrdiff_t i = (width - 2) * SUPPORT_ROWS; i >= 0; i -= SUPPORT_ROWS) {
        mix_column(feedback + i + SUPPORT_ROWS, weights + i, weight);
        mix_column(feedback + i + SUPPORT_ROWS, sums + i, sum);
    }
}

static void support_along(const float *by_step, const uint8_t *steps,
                          const struct support_block *block,
                          const struct support_rows *rows)
{
    ptrdiff_t stride = rows->stride;
    look_up_block(by_step, steps, stride, block->feedback);
    rows_to_block(rows->weights, stride, block->weights);
    rows_to_block(rows->sums, stride, block->sums);
    mix_block(block->feedback, rows->width, block->weights, block->sums);
    block_to_rows(block->weights, stride, rows->weights);
    block_to_rows(block->sums, stride, rows->sums);
}

static inline void mix_row(const float *feedback, const float *before, int count,
                           float *restrict row)
{
    for (int x = 0; x < count; x++)
        row[x] += feedback[x] * (before[x] - row[x]);
}

static void support_across(const float *by_step, const uint8_t *steps,
                           const struct support_rows *before,
                           const struct support_rows *row)
{
    enum { AT_ONCE = 64 };
    for (ptrdiff_t first = 0; first < row->width; first += AT_ONCE) {
        float feedback[AT_ONCE];
        int count = minimum(AT_ONCE, row->width - (int)first);
        for (int i = 0; i < count; i++)
            feedback[i] = by_step[steps[first + i]];
        mix_row(feedback, before->weights + first, count, row->weights + first);
        mix_row(feedback, before->sums + first, count, row->sums + first);
    }
}

/* Sums become means, rounded both ways. */
static void support_finish(const struct support_rows *row, uint8_t *restrict weights,
                           int16_t *restrict below, int16_t *restrict above)
{
    const float *weight = row->weights, *sum = row->sums;
    int width = row->width;
    for (int x = 0; x < width; x++) {
        int any = -(weight[x] > SUPPORT_LEAST_WEIGHT), none = DISPARITY_INVALID & ~any;
        float mean = sum[x] / (weight[x] > SUPPORT_LEAST_WEIGHT ? weight[x]
                                                                : SUPPORT_LEAST_WEIGHT);
        int whole = (int)mean; /* towards zero */
        weights[x] = (uint8_t)(int)weight[x];
        below[x] = (int16_t)(((whole - ((float)whole > mean)) & any) | none);
        above[x] = (int16_t)(((whole + ((float)whole < mean)) & any) | none);
    }
}

#endif
