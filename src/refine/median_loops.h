/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of the weighted median, for the table of each instruction set: weighing
 * a window and halving the range of its values are plain loops over 16-bit lanes, which
 * the compiler turns into vector code.
 */
#ifndef REFINE_MEDIAN_LOOPS_H
#define REFINE_MEDIAN_LOOPS_H

#include <stdbool.h>
#include <string.h>

#include "refine/median_filter.h"
#include "refine/row_scan.h"
#include "refine/steps.h"

/* A pixel's samples, row after row. */
struct window {
    _Alignas(64) int16_t values[WINDOW_PX_MAX];
    _Alignas(64) uint16_t weights[WINDOW_PX_MAX];
    int16_t own; /* the pixel's value now */
    int count;   /* of samples */
};

/* What the weights are made of. */
struct likenesses {
    _Alignas(64) uint16_t trust[WINDOW_PX_MAX];
    _Alignas(64) uint16_t channels[3][WINDOW_PX_MAX];
};

static inline uint16_t distance(uint16_t a, uint16_t b)
{
    int16_t difference = (int16_t)(a - b);
    return (uint16_t)(difference < 0 ? -difference : difference);
}

static inline uint16_t larger_of(uint16_t a, uint16_t b)
{
    return (int16_t)a > (int16_t)b ? a : b;
}

/* Close to exp(-distance / 8): (1 - distance / 63)^8. At most 225. */
static inline uint16_t range_weight(uint16_t colour_distance)
{
    int16_t left = (int16_t)(COLOUR_REACH - colour_distance);
    uint16_t near = (uint16_t)(left > 0 ? left : 0);
    uint16_t second = (uint16_t)((uint16_t)(near * near) >> 4);
    uint16_t fourth = (uint16_t)((uint16_t)(second * second) >> 8);
    return (uint16_t)((uint16_t)(fourth * fourth) >> 8);
}

/* Copies the samples of pixel x from the rows around. */
static inline void gather(const struct median_filter *filter, int x,
                          struct window *window, struct likenesses *likenesses)
{
    for (int to = 0; to < filter->lattices * LATTICE_PX; to += WINDOW_COLUMNS) {
        int row = to % LATTICE_PX / WINDOW_COLUMNS;
        ptrdiff_t at = split_column(filter, x + window_column(to / LATTICE_PX, row));
        const int16_t *values = filter->around[row]->values + at;
        const uint32_t *looks = filter->around[row]->looks + at;
        for (int i = 0; i < WINDOW_COLUMNS; i++) {
            window->values[to + i] = values[i];
            likenesses->channels[0][to + i] = looks[i] & 0xff;
            likenesses->channels[1][to + i] = looks[i] >> 8 & 0xff;
            likenesses->channels[2][to + i] = looks[i] >> 16 & 0xff;
            likenesses->trust[to + i] = (uint16_t)(looks[i] >> 24);
        }
    }
}

static inline void weigh(const struct median_filter *filter, uint32_t centre,
                         const struct likenesses *likenesses,
                         struct window *restrict window)
{
    const uint16_t *spatial_weights = filter->spatial_weights;
    uint16_t red = centre & 0xff, green = centre >> 8 & 0xff, blue = centre >> 16 & 0xff;
    for (int i = 0; i < window->count; i++) {
        uint16_t apart = distance(likenesses->channels[0][i], red);
        apart = larger_of(apart, distance(likenesses->channels[1][i], green));
        apart = larger_of(apart, distance(likenesses->channels[2][i], blue));
        uint16_t weight =
            (uint16_t)((uint16_t)(range_weight(apart) * spatial_weights[i]) >> 8);
        window->weights[i] = (uint16_t)((uint16_t)(weight * likenesses->trust[i]) >> 8);
    }
}

static inline void fill_window(const struct median_filter *filter, int x,
                               struct window *window)
{
    struct likenesses likenesses;
    ptrdiff_t at = split_column(filter, x);
    window->own = filter->own->values[at];
    window->count = filter->lattices * LATTICE_PX;
    gather(filter, x, window, &likenesses);
    weigh(filter, filter->own->looks[at], &likenesses, window);
}

static inline uint16_t weight_up_to(const struct window *window, int16_t limit)
{
    uint16_t sum = 0;
    for (int i = 0; i < window->count; i++) {
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
static inline void start_search(const struct window *window, struct search *search)
{
    int16_t low = INT16_MAX, high = INT16_MIN;
    uint16_t total = weight_up_to(window, INT16_MAX);
    int16_t slight =
        (int16_t)(total / (2 * window->count) > 0 ? total / (2 * window->count) - 1 : 0);
    for (int i = 0; i < window->count; i++) {
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
static inline void select_medians(const struct window *windows, int16_t medians[BATCH])
{
    struct search searches[BATCH];
    int longest = 0;
    for (int k = 0; k < BATCH; k++) {
        start_search(&windows[k], &searches[k]);
        longest = searches[k].left > longest ? searches[k].left : longest;
    }
    for (; longest > 1; longest -= longest / 2) {
        for (int k = 0; k < BATCH; k++) {
            struct search *search = &searches[k];
            int half = search->left / 2;
            int16_t limit = (int16_t)(search->first + half - 1);
            bool below = weight_up_to(&windows[k], limit) < search->half_weight;
            search->first += half * below;
            search->left -= half;
        }
    }
    for (int k = 0; k < BATCH; k++)
        medians[k] =
            searches[k].half_weight > 0 ? (int16_t)searches[k].first : windows[k].own;
}

/* Of at most BATCH pixels of the row that find_rows set. */
static inline void medians_of(const struct median_filter *filter, const int *columns,
                              int filled, int16_t medians[BATCH])
{
    struct window windows[BATCH];
    for (int k = 0; k < filled; k++)
        fill_window(filter, columns[k], &windows[k]);
    for (int k = filled; k < BATCH; k++)
        windows[k] = windows[0];
    select_medians(windows, medians);
}

/* The next marked pixels of a row, at most `most`, from *x on; returns how many. */
static inline int next_batch(const uint8_t *marks, int width_px, int most, int *x,
                             int *columns)
{
    int filled = 0;
    *x = next_marked(marks, *x, width_px);
    while (filled < most && *x < width_px) {
        columns[filled++] = *x;
        *x = next_marked(marks, *x + 1, width_px);
    }
    return filled;
}

/* A pixel of a row, of one channel or three. */
static inline uint32_t look_at(const struct median_source *from, ptrdiff_t x,
                               int channels)
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

/* The row from column x on. */
static inline void load_pixels(const struct median_source *from, int x, int width_px,
                               int channels, const struct median_filter *filter, int row)
{
    const struct split_row *to = &filter->ring[row];
    for (; x < width_px; x++) {
        ptrdiff_t at = split_column(filter, x);
        to->values[at] = from->values[x];
        to->looks[at] = look_at(from, x, channels);
    }
}

static inline void median_load(const struct median_source *from, int width_px,
                               int channels, const struct median_filter *filter, int row)
{
    load_pixels(from, 0, width_px, channels, filter, row);
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
    while ((filled = next_batch(marks, width_px, BATCH, &x, columns)) > 0) {
        medians_of(filter, columns, filled, medians);
        for (int k = 0; k < filled; k++)
            target[columns[k]] = medians[k];
    }
}

#endif
