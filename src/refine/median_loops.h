/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of the weighted median, for the table of each instruction set. With an
 * odd radius all samples of a pixel lie in columns of the other parity, so a window's row
 * is one short stretch of memory; weighing it and halving the range of values are plain
 * loops over 16-bit lanes, which the compiler turns into vector code.
 */
#ifndef REFINE_MEDIAN_LOOPS_H
#define REFINE_MEDIAN_LOOPS_H

#include <stdbool.h>
#include <string.h>

#include "refine/median_filter.h"
#include "refine/row_scan.h"
#include "refine/steps.h"

/* Inlined where the window's size is a constant, or its loops stay scalar. */
#define KERNEL static inline __attribute__((always_inline))

/* A pixel's samples, row after row of whole lanes. */
struct window {
    _Alignas(64) int16_t values[WINDOW_MAX];
    _Alignas(64) uint16_t weights[WINDOW_MAX];
    int16_t own; /* the pixel's value now */
};

/* What the weights are made of. */
struct likenesses {
    _Alignas(64) uint16_t trust[WINDOW_MAX];
    _Alignas(64) uint16_t channels[3][WINDOW_MAX];
};

KERNEL uint16_t distance(uint16_t a, uint16_t b)
{
    int16_t difference = (int16_t)(a - b);
    return (uint16_t)(difference < 0 ? -difference : difference);
}

KERNEL uint16_t larger_of(uint16_t a, uint16_t b)
{
    return (int16_t)a > (int16_t)b ? a : b;
}

/* Close to exp(-distance / 8): (1 - distance / 63)^8. At most 225. */
KERNEL uint16_t range_weight(uint16_t colour_distance)
{
    int16_t left = (int16_t)(COLOUR_REACH - colour_distance);
    uint16_t near = (uint16_t)(left > 0 ? left : 0);
    uint16_t second = (uint16_t)((uint16_t)(near * near) >> 4);
    uint16_t fourth = (uint16_t)((uint16_t)(second * second) >> 8);
    return (uint16_t)((uint16_t)(fourth * fourth) >> 8);
}

/* Copies the samples of pixel x from the rows around. */
KERNEL void gather(const struct median_filter *filter, int x, int taps,
                   struct window *window, struct likenesses *likenesses)
{
    int lanes = (taps + LANES - 1) / LANES * LANES;
    int left = x - filter->radius_px + 2 * PAD_PX;
    int parity = left & 1;
    int at = left >> 1;
    for (ptrdiff_t j = 0, to = 0; j < taps; j++, to += lanes) {
        const uint32_t *looks = filter->around.looks[parity][j] + at;
        memcpy(&window->values[to], filter->around.values[parity][j] + at,
               (size_t)lanes * sizeof(int16_t));
        for (int i = 0; i < lanes; i++) {
            likenesses->channels[0][to + i] = looks[i] & 0xff;
            likenesses->channels[1][to + i] = looks[i] >> 8 & 0xff;
            likenesses->channels[2][to + i] = looks[i] >> 16 & 0xff;
            likenesses->trust[to + i] = (uint16_t)(looks[i] >> 24);
        }
    }
}

KERNEL void weigh(const struct median_filter *filter, uint32_t centre, int count,
                  const struct likenesses *likenesses, struct window *restrict window)
{
    const uint16_t *spatial_weights = filter->spatial_weights;
    uint16_t red = centre & 0xff, green = centre >> 8 & 0xff, blue = centre >> 16 & 0xff;
    for (int i = 0; i < count; i++) {
        uint16_t apart = distance(likenesses->channels[0][i], red);
        apart = larger_of(apart, distance(likenesses->channels[1][i], green));
        apart = larger_of(apart, distance(likenesses->channels[2][i], blue));
        uint16_t weight =
            (uint16_t)((uint16_t)(range_weight(apart) * spatial_weights[i]) >> 8);
        window->weights[i] = (uint16_t)((uint16_t)(weight * likenesses->trust[i]) >> 8);
    }
}

/* `taps` is a constant where this and the next two are called. */
KERNEL void fill_window(const struct median_filter *filter, int x, int taps,
                        struct window *window)
{
    struct likenesses likenesses;
    int at = PAD_PX + (x >> 1);
    int count = taps * ((taps + LANES - 1) / LANES * LANES);
    window->own = filter->own->values[x & 1][at];
    gather(filter, x, taps, window, &likenesses);
    weigh(filter, filter->own->looks[x & 1][at], count, &likenesses, window);
}

KERNEL uint16_t weight_up_to(const struct window *window, int count, int16_t limit)
{
    uint16_t sum = 0;
    for (int i = 0; i < count; i++) {
        uint16_t weight = window->weights[i];
        sum = (uint16_t)(sum + (window->values[i] <= limit ? weight : 0));
    }
    return sum;
}

/* Where the median of a window can lie, and the weight it must reach. */
struct search {
    int first;
    int left;
    unsigned half_weight; /* rounded up; 0: nothing weighs anything */
};

/* Samples that together weigh less than half cannot hold the median outside the span of
 * the others: those below 1 / (2 count) of the total are left out of it. */
KERNEL void start_search(const struct window *window, int count, struct search *search)
{
    int16_t low = INT16_MAX, high = INT16_MIN;
    uint16_t total = weight_up_to(window, count, INT16_MAX);
    int16_t slight = (int16_t)(total / (2 * count) > 0 ? total / (2 * count) - 1 : 0);
    for (int i = 0; i < count; i++) {
        int16_t value = window->values[i];
        int16_t weight = (int16_t)window->weights[i];
        int16_t left_out = (int16_t)(weight > slight ? 0 : -1);
        int16_t for_low = (int16_t)((value & ~left_out) | (INT16_MAX & left_out));
        int16_t for_high = (int16_t)((value & ~left_out) | (INT16_MIN & left_out));
        low = for_low < low ? for_low : low;
        high = for_high > high ? for_high : high;
    }
    search->first = low;
    search->left = total > 0 ? high - low + 1 : 1;
    search->half_weight = (total + 1U) / 2;
}

/* The smallest value with at least half of all weight at or below it, for each window.
 * They are halved in step and without branches: which way to go is as good as random, and
 * one window's sum fills the wait for another's. */
KERNEL void select_medians(const struct window *windows, int count,
                           int16_t medians[BATCH])
{
    struct search searches[BATCH];
    int longest = 0;
    for (int k = 0; k < BATCH; k++) {
        start_search(&windows[k], count, &searches[k]);
        longest = searches[k].left > longest ? searches[k].left : longest;
    }
    for (; longest > 1; longest -= longest / 2) {
        for (int k = 0; k < BATCH; k++) {
            struct search *search = &searches[k];
            int half = search->left / 2;
            int16_t limit = (int16_t)(search->first + half - 1);
            bool below = weight_up_to(&windows[k], count, limit) < search->half_weight;
            search->first += half * below;
            search->left -= half;
        }
    }
    for (int k = 0; k < BATCH; k++)
        medians[k] =
            searches[k].half_weight > 0 ? (int16_t)searches[k].first : windows[k].own;
}

/* Of at most BATCH pixels of the row that find_rows set. */
KERNEL void medians_at(const struct median_filter *filter, const int *columns, int filled,
                       int taps, int16_t medians[BATCH])
{
    struct window windows[BATCH];
    for (int k = 0; k < filled; k++)
        fill_window(filter, columns[k], taps, &windows[k]);
    for (int k = filled; k < BATCH; k++)
        windows[k] = windows[0];
    select_medians(windows, taps * ((taps + LANES - 1) / LANES * LANES), medians);
}

/* One function a kind of window, called once for BATCH pixels. */
static void medians_of(const struct median_filter *filter, const int *columns, int filled,
                       int16_t medians[BATCH])
{
    if (filter->taps <= 6)
        medians_at(filter, columns, filled, 6, medians);
    else if (filter->taps <= 8)
        medians_at(filter, columns, filled, 8, medians);
    else
        medians_at(filter, columns, filled, 10, medians);
}

/* The next marked pixels of a row, at most BATCH, from *x on; returns how many. */
static inline int next_batch(const uint8_t *marks, int width_px, int *x,
                             int columns[BATCH])
{
    int filled = 0;
    *x = next_marked(marks, *x, width_px);
    while (filled < BATCH && *x < width_px) {
        columns[filled++] = *x;
        *x = next_marked(marks, *x + 1, width_px);
    }
    return filled;
}

/* A pixel of a row, of one channel or three. */
KERNEL uint32_t look_at(const struct median_source *from, ptrdiff_t x, int channels)
{
    uint8_t class = from->classes[x];
    bool trusted = (class == PIXEL_MEASURED) | (class >= PIXEL_ON_PLANE);
    uint32_t trust = trusted ? TRUST_FULL : TRUST_FILLED;
    const uint8_t *pixel = from->pixels + x * channels;
    uint32_t look = pixel[0] * 0x10101U;
    if (channels == 3)
        look = pixel[0] | (uint32_t)pixel[1] << 8 | (uint32_t)pixel[2] << 16;
    return look | trust << 24;
}

/* The row from column x on, which is even. */
KERNEL void load_pixels(const struct median_source *from, int x, int width_px,
                        int channels, const struct split_row *to)
{
    for (; x < width_px; x++) {
        to->values[x & 1][PAD_PX + (x >> 1)] = from->values[x];
        to->looks[x & 1][PAD_PX + (x >> 1)] = look_at(from, x, channels);
    }
}

static inline void median_load(const struct median_source *from, int width_px,
                               int channels, const struct split_row *to)
{
    if (channels == 3)
        load_pixels(from, 0, width_px, 3, to);
    else
        load_pixels(from, 0, width_px, 1, to);
}

/* low[x], high[x] = smallest and largest of the three values above each other. */
static inline void span_columns(const int16_t *const rows[3], int width_px,
                                int16_t *restrict low, int16_t *restrict high)
{
    const int16_t *above = rows[0], *row = rows[1], *below = rows[2];
    for (int x = 0; x < width_px; x++) {
        int16_t a = above[x], b = row[x], c = below[x];
        int16_t smaller = a < b ? a : b;
        int16_t larger = a < b ? b : a;
        low[x] = smaller < c ? smaller : c;
        high[x] = larger > c ? larger : c;
    }
}

/* The pixels that are filled or of which the values around span a depth edge. */
static inline uint32_t median_marks(const int16_t *const rows[3], const uint8_t *classes,
                                    int width_px, int16_t *spans, uint8_t *restrict marks)
{
    int16_t *low = spans + 1;
    int16_t *high = low + width_px + 2;
    span_columns(rows, width_px, low, high);
    low[-1] = low[0];
    high[-1] = high[0];
    low[width_px] = low[width_px - 1];
    high[width_px] = high[width_px - 1];
    for (int x = 0; x < width_px; x++) {
        int16_t smallest = low[x - 1] < low[x] ? low[x - 1] : low[x];
        int16_t largest = high[x - 1] > high[x] ? high[x - 1] : high[x];
        smallest = smallest < low[x + 1] ? smallest : low[x + 1];
        largest = largest > high[x + 1] ? largest : high[x + 1];
        /* Modulo 2^16: the span of any two values fits. */
        uint16_t span = (uint16_t)((uint16_t)largest - (uint16_t)smallest);
        bool filled = (classes[x] == PIXEL_FILLED_OCCLUSION) |
                      (classes[x] == PIXEL_FILLED_MISMATCH);
        marks[x] = filled | (span > EDGE_STEP);
    }
    return count_marked(marks, width_px);
}

/* Filters the marked pixels of the row that find_rows set. */
static inline void median_row(const struct median_filter *filter, const uint8_t *marks,
                              int width_px, int16_t *target)
{
    int16_t medians[BATCH];
    int columns[BATCH], x = 0, filled;
    while ((filled = next_batch(marks, width_px, &x, columns)) > 0) {
        medians_of(filter, columns, filled, medians);
        for (int k = 0; k < filled; k++)
            target[columns[k]] = medians[k];
    }
}

#endif
