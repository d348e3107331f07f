/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weighted median: at filled pixels off planes and at depth edges, the median of every
 * second pixel around, each weighing by its range weight, its spatial weight and whether
 * it was measured (after Ma, He, Wei, Sun, Wu, Constant time weighted median filtering
 * for stereo matching and beyond, 2013).
 *
 * With an odd radius all samples of a pixel lie in columns of the other parity. So the
 * rows around are kept split into even and odd columns: a window's row is then one short
 * stretch of memory, and weighing it and halving the range of values are plain loops over
 * 16-bit lanes.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "refine/row_scan.h"
#include "refine/steps.h"

/* Inlined where the window's size is a constant, or its loops stay scalar. */
#define KERNEL static inline __attribute__((always_inline))

enum {
    RADIUS_MAX_PX = 9,
    TAPS_MAX = RADIUS_MAX_PX + 1,
    LANES = 8,
    WINDOW_MAX = TAPS_MAX * 2 * LANES,
    PAD_PX = 2 * LANES, /* of half columns beside each row, weighing nothing */
    BATCH = 4,          /* windows searched in step */
    EDGE_STEP = 32,     /* 2 px: more in 3x3 is a depth edge */
    TRUST_FULL = 255,
    TRUST_FILLED = 77, /* 0.3 */
    COLOUR_REACH = 63,
};

/* A source row split by column parity; each plane has half_width elements a parity. */
struct split_row {
    int16_t *values[2];
    uint16_t *trust[2];
    uint16_t *channels[3][2];
};

struct filter {
    int radius_px;
    int taps; /* a window's row; radius + 1 */
    int channels;
    int rows; /* in the ring; one more, weighing nothing, follows */
    struct split_row *ring;
    const struct split_row *own;              /* the row being filtered */
    const struct split_row *around[TAPS_MAX]; /* those its windows sample */
    uint16_t spatial_weights[WINDOW_MAX];     /* 0 in the lanes beyond the taps */
};

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

static size_t half_width(int width_px)
{
    return ((size_t)width_px + 1) / 2 + 2 * (size_t)PAD_PX;
}

/* The rows a window spans, and one that weighs nothing. */
static size_t ring_rows(int radius_px)
{
    return 2 * (size_t)radius_px + 2;
}

static size_t ring_bytes(int width_px, int channels, int radius_px)
{
    size_t planes = 2 * (2 + (size_t)channels);
    return scratch_array_size(ring_rows(radius_px) * planes * half_width(width_px),
                              sizeof(uint16_t));
}

static size_t marks_bytes(int width_px)
{
    return scratch_size((size_t)width_px + ROW_SCAN_PAD);
}

static size_t spans_bytes(int width_px)
{
    return scratch_array_size(2 * ((size_t)width_px + 2), sizeof(int16_t));
}

size_t weighted_median_bytes(int width_px, int channels, int radius_px)
{
    return scratch_sum(
        scratch_array_size(ring_rows(radius_px), sizeof(struct split_row)),
        scratch_sum(ring_bytes(width_px, channels, radius_px),
                    scratch_sum(marks_bytes(width_px), spans_bytes(width_px))));
}

static bool take_ring(struct scratch *scratch, int width_px, struct filter *filter)
{
    size_t bytes = ring_bytes(width_px, filter->channels, filter->radius_px);
    size_t half = half_width(width_px);
    filter->ring = scratch_take_array(scratch, ring_rows(filter->radius_px),
                                      sizeof(struct split_row));
    uint16_t *next = scratch_take_zeroed(scratch, bytes);
    if (filter->ring == NULL || next == NULL)
        return false;
    for (int i = 0; i <= filter->rows; i++) {
        for (int parity = 0; parity < 2; parity++) {
            filter->ring[i].values[parity] = (int16_t *)next;
            filter->ring[i].trust[parity] = next + half;
            next += 2 * half;
            for (int c = 0; c < filter->channels; c++, next += half)
                filter->ring[i].channels[c][parity] = next;
        }
    }
    return true;
}

/* exp(-distance / 5) of each tap, in 255ths. */
static void init_spatial_weights(struct filter *filter)
{
    int lanes = (filter->taps + LANES - 1) / LANES * LANES;
    memset(filter->spatial_weights, 0, sizeof(filter->spatial_weights));
    for (int j = 0; j < filter->taps; j++) {
        for (int i = 0; i < filter->taps; i++) {
            int dx = 2 * i - filter->radius_px;
            int dy = 2 * j - filter->radius_px;
            double weight = exp(-sqrt((double)(dx * dx + dy * dy)) / 5);
            filter->spatial_weights[j * lanes + i] = (uint16_t)lround(weight * 255);
        }
    }
}

static void load_parity(const struct filter *filter, const struct median_views *views,
                        int y, int parity, struct split_row *to)
{
    const int16_t *values = disparity_row(views->source, y);
    const uint8_t *class = image_row(views->classes, y);
    const uint8_t *pixels = image_row(views->guide, y);
    int count = (views->source->width_px - parity + 1) / 2;
    int16_t *restrict to_values = to->values[parity] + PAD_PX;
    uint16_t *restrict to_trust = to->trust[parity] + PAD_PX;
    for (int i = 0; i < count; i++)
        to_values[i] = values[2 * i + parity];
    for (int i = 0; i < count; i++) {
        uint8_t own = class[2 * i + parity];
        bool trusted = own == PIXEL_MEASURED || own >= PIXEL_ON_PLANE;
        to_trust[i] = trusted ? TRUST_FULL : TRUST_FILLED;
    }
    for (int c = 0; c < filter->channels; c++) {
        uint16_t *restrict channel = to->channels[c][parity] + PAD_PX;
        const uint8_t *from = pixels + (ptrdiff_t)parity * filter->channels + c;
        if (filter->channels == 3)
            for (ptrdiff_t i = 0; i < count; i++)
                channel[i] = from[6 * i];
        else
            for (ptrdiff_t i = 0; i < count; i++)
                channel[i] = from[2 * i];
    }
}

static void load_row(const struct filter *filter, const struct median_views *views, int y)
{
    for (int parity = 0; parity < 2; parity++)
        load_parity(filter, views, y, parity, &filter->ring[y % filter->rows]);
}

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
KERNEL void gather(const struct filter *filter, int x, int taps, int channels,
                   struct window *window, struct likenesses *likenesses)
{
    int lanes = (taps + LANES - 1) / LANES * LANES;
    size_t bytes = (size_t)lanes * sizeof(uint16_t);
    int left = x - filter->radius_px + 2 * PAD_PX;
    int parity = left & 1;
    int at = left >> 1;
    ptrdiff_t to = 0;
    for (int j = 0; j < taps; j++, to += lanes) {
        const struct split_row *row = filter->around[j];
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): take_ring set them all */
        memcpy(&window->values[to], row->values[parity] + at, bytes);
        memcpy(&likenesses->trust[to], row->trust[parity] + at, bytes);
        for (int c = 0; c < channels; c++)
            memcpy(&likenesses->channels[c][to], row->channels[c][parity] + at, bytes);
    }
}

KERNEL void weigh(const struct filter *filter, const uint16_t centre[3], int channels,
                  int count, const struct likenesses *likenesses,
                  struct window *restrict window)
{
    const uint16_t *spatial_weights = filter->spatial_weights;
    uint16_t red = centre[0], green = centre[1], blue = centre[2];
    for (int i = 0; i < count; i++) {
        uint16_t apart = distance(likenesses->channels[0][i], red);
        if (channels == 3) {
            apart = larger_of(apart, distance(likenesses->channels[1][i], green));
            apart = larger_of(apart, distance(likenesses->channels[2][i], blue));
        }
        uint16_t weight =
            (uint16_t)((uint16_t)(range_weight(apart) * spatial_weights[i]) >> 8);
        window->weights[i] = (uint16_t)((uint16_t)(weight * likenesses->trust[i]) >> 8);
    }
}

/* `taps` and `channels` are constants where this and the next two are called. */
KERNEL void fill_window(const struct filter *filter, int x, int taps, int channels,
                        struct window *window)
{
    struct likenesses likenesses;
    int at = PAD_PX + (x >> 1);
    int count = taps * ((taps + LANES - 1) / LANES * LANES);
    uint16_t centre[3] = {0};
    for (int c = 0; c < channels; c++)
        centre[c] = filter->own->channels[c][x & 1][at];
    window->own = filter->own->values[x & 1][at];
    gather(filter, x, taps, channels, window, &likenesses);
    weigh(filter, centre, channels, count, &likenesses, window);
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

/* Filters the marked pixels of the row, BATCH at a time. */
KERNEL void filter_marked(const struct filter *filter, const uint8_t *marks, int width_px,
                          int taps, int channels, int16_t *target)
{
    struct window windows[BATCH];
    int16_t medians[BATCH];
    int columns[BATCH];
    int count = taps * ((taps + LANES - 1) / LANES * LANES);
    int x = next_marked(marks, 0, width_px);
    while (x < width_px) {
        int filled = 0;
        for (; filled < BATCH && x < width_px; x = next_marked(marks, x + 1, width_px)) {
            columns[filled] = x;
            fill_window(filter, x, taps, channels, &windows[filled++]);
        }
        for (int k = filled; k < BATCH; k++)
            windows[k] = windows[0];
        select_medians(windows, count, medians);
        for (int k = 0; k < filled; k++)
            target[columns[k]] = medians[k];
    }
}

/* low[x], high[x] = smallest and largest of the three values above each other. */
static void span_columns(const struct disparity_map *map, int y, int16_t *restrict low,
                         int16_t *restrict high)
{
    const int16_t *above = disparity_row(map, y > 0 ? y - 1 : 0);
    const int16_t *row = disparity_row(map, y);
    const int16_t *below = disparity_row(map, y + 1 < map->height_px ? y + 1 : y);
    for (int x = 0; x < map->width_px; x++) {
        int16_t a = above[x], b = row[x], c = below[x];
        int16_t smaller = a < b ? a : b;
        int16_t larger = a < b ? b : a;
        low[x] = smaller < c ? smaller : c;
        high[x] = larger > c ? larger : c;
    }
}

/* marks[x] = whether the pixel is to be filtered. `spans` has room for two rows with a
 * pixel of padding at both ends. */
static uint64_t mark_row(const struct disparity_map *map,
                         const struct image_view *classes, int y, int16_t *spans,
                         uint8_t *restrict marks)
{
    int width_px = map->width_px;
    int16_t *low = spans + 1;
    int16_t *high = low + width_px + 2;
    const uint8_t *class = image_row(classes, y);
    span_columns(map, y, low, high);
    low[-1] = low[0];
    high[-1] = high[0];
    low[width_px] = low[width_px - 1];
    high[width_px] = high[width_px - 1];
    uint32_t count = 0;
    for (int x = 0; x < width_px; x++) {
        int16_t smallest = low[x - 1] < low[x] ? low[x - 1] : low[x];
        int16_t largest = high[x - 1] > high[x] ? high[x - 1] : high[x];
        smallest = smallest < low[x + 1] ? smallest : low[x + 1];
        largest = largest > high[x + 1] ? largest : high[x + 1];
        bool filled =
            class[x] == PIXEL_FILLED_OCCLUSION || class[x] == PIXEL_FILLED_MISMATCH;
        marks[x] = filled | (largest - smallest > EDGE_STEP);
    }
    for (int x = 0; x < width_px; x++)
        count += marks[x];
    return count;
}

static void find_rows(struct filter *filter, int y, int height_px)
{
    filter->own = &filter->ring[y % filter->rows];
    for (int j = 0; j < filter->taps; j++) {
        int from = y + 2 * j - filter->radius_px;
        bool inside = from >= 0 && from < height_px;
        filter->around[j] = &filter->ring[inside ? from % filter->rows : filter->rows];
    }
}

static void filter_row(const struct filter *filter, const uint8_t *marks, int width_px,
                       int16_t *target)
{
    bool colour = filter->channels == 3;
    if (filter->taps <= 6 && colour)
        filter_marked(filter, marks, width_px, 6, 3, target);
    else if (filter->taps <= 6)
        filter_marked(filter, marks, width_px, 6, 1, target);
    else if (filter->taps <= 8 && colour)
        filter_marked(filter, marks, width_px, 8, 3, target);
    else if (filter->taps <= 8)
        filter_marked(filter, marks, width_px, 8, 1, target);
    else if (colour)
        filter_marked(filter, marks, width_px, 10, 3, target);
    else
        filter_marked(filter, marks, width_px, 10, 1, target);
}

enum po_status weighted_median(const struct median_views *views, int radius_px,
                               struct scratch *scratch, struct disparity_map *target,
                               struct row_tally *visited, struct po_error *error)
{
    const struct disparity_map *source = views->source;
    size_t mark = scratch_mark(scratch);
    struct filter filter = {.radius_px = radius_px,
                            .taps = radius_px + 1,
                            .channels = views->guide->channels,
                            .rows = 2 * radius_px + 1};
    uint8_t *marks = scratch_take(scratch, marks_bytes(source->width_px));
    int16_t *spans = scratch_take(scratch, spans_bytes(source->width_px));
    if (!take_ring(scratch, source->width_px, &filter) || marks == NULL || spans == NULL)
        return scratch_exhausted(scratch, "the weighted median", error);
    init_spatial_weights(&filter);
    visited->pixels = 0;
    int loaded = 0;
    for (int y = 0; y < source->height_px; y++) {
        for (; loaded < source->height_px && loaded <= y + radius_px; loaded++)
            load_row(&filter, views, loaded);
        uint64_t count = mark_row(source, views->classes, y, spans, marks);
        find_rows(&filter, y, source->height_px);
        if (count > 0)
            filter_row(&filter, marks, source->width_px, disparity_row(target, y));
        if (y >= visited->first_row && y < visited->end_row)
            visited->pixels += count;
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
