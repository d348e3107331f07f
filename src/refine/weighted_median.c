/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weighted median: at filled pixels off planes and at depth edges, the median of every
 * second pixel around, each weighing by its likeness in colour, its nearness and whether
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

enum {
    RADIUS_MAX_PX = 9,
    TAPS_MAX = RADIUS_MAX_PX + 1,
    LANES = 8,
    WINDOW_MAX = TAPS_MAX * 2 * LANES,
    PAD_PX = 2 * LANES, /* of half columns beside each row, weighing nothing */
    PLANES = 5,         /* value, trust, three channels */
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
    int rows; /* in the ring */
    struct split_row *ring;
    uint16_t nearness[WINDOW_MAX]; /* 0 in the lanes beyond the taps */
};

/* A pixel's samples, row after row of whole lanes; 64 bytes aligned for vector loads. */
struct window {
    _Alignas(64) int16_t values[WINDOW_MAX];
    _Alignas(64) uint16_t weights[WINDOW_MAX];
    _Alignas(64) uint16_t trust[WINDOW_MAX];
    _Alignas(64) uint16_t channels[3][WINDOW_MAX];
};

static size_t half_width(int width_px)
{
    return ((size_t)width_px + 1) / 2 + 2 * (size_t)PAD_PX;
}

static size_t ring_rows(int radius_px)
{
    return 2 * (size_t)radius_px + 1;
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
    filter->ring =
        scratch_take_array(scratch, (size_t)filter->rows, sizeof(struct split_row));
    uint16_t *next = scratch_take_zeroed(scratch, bytes);
    if (filter->ring == NULL || next == NULL)
        return false;
    for (int i = 0; i < filter->rows; i++) {
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
static void init_nearness(struct filter *filter)
{
    int lanes = (filter->taps + LANES - 1) / LANES * LANES;
    memset(filter->nearness, 0, sizeof(filter->nearness));
    for (int j = 0; j < filter->taps; j++) {
        for (int i = 0; i < filter->taps; i++) {
            int dx = 2 * i - filter->radius_px;
            int dy = 2 * j - filter->radius_px;
            double weight = exp(-sqrt((double)(dx * dx + dy * dy)) / 5);
            filter->nearness[j * lanes + i] = (uint16_t)lround(weight * 255);
        }
    }
}

static void load_parity(const struct filter *filter, const int16_t *values,
                        const uint8_t *class, const uint8_t *pixels, int width_px,
                        int parity, struct split_row *to)
{
    int count = (width_px - parity + 1) / 2;
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
        const uint8_t *from = pixels + parity * filter->channels + c;
        int step = 2 * filter->channels;
        for (int i = 0; i < count; i++)
            channel[i] = from[i * step];
    }
}

static void load_row(const struct filter *filter, const struct disparity_map *source,
                     const struct image_view *classes, const struct image_view *guide,
                     int y)
{
    for (int parity = 0; parity < 2; parity++)
        load_parity(filter, disparity_row(source, y), image_row(classes, y),
                    image_row(guide, y), source->width_px, parity,
                    &filter->ring[y % filter->rows]);
}

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
static inline uint16_t likeness(uint16_t colour_distance)
{
    int16_t left = (int16_t)(COLOUR_REACH - colour_distance);
    uint16_t near = (uint16_t)(left > 0 ? left : 0);
    uint16_t second = (uint16_t)((uint16_t)(near * near) >> 4);
    uint16_t fourth = (uint16_t)((uint16_t)(second * second) >> 8);
    return (uint16_t)((uint16_t)(fourth * fourth) >> 8);
}

/* Copies the rows of the window whose first sample is (left, top). */
static inline void gather(const struct filter *filter, int left, int top, int height_px,
                          int taps, int channels, struct window *window)
{
    int lanes = (taps + LANES - 1) / LANES * LANES;
    size_t bytes = (size_t)lanes * sizeof(uint16_t);
    int parity = left & 1;
    int at = (left + 2 * PAD_PX) >> 1;
    for (int j = 0; j < taps; j++) {
        int y = top + 2 * j;
        bool inside = y >= 0 && y < height_px;
        const struct split_row *row = &filter->ring[inside ? y % filter->rows : 0];
        memcpy(&window->values[j * lanes], row->values[parity] + at, bytes);
        for (int c = 0; c < channels; c++)
            memcpy(&window->channels[c][j * lanes], row->channels[c][parity] + at, bytes);
        if (inside)
            memcpy(&window->trust[j * lanes], row->trust[parity] + at, bytes);
        else
            memset(&window->trust[j * lanes], 0, bytes);
    }
}

static inline void weigh_window(const struct filter *filter, const uint16_t centre[3],
                                int channels, int count, struct window *window)
{
    const uint16_t *restrict nearness = filter->nearness;
    uint16_t red = centre[0], green = centre[1], blue = centre[2];
    for (int i = 0; i < count; i++) {
        uint16_t apart = distance(window->channels[0][i], red);
        if (channels == 3) {
            apart = larger_of(apart, distance(window->channels[1][i], green));
            apart = larger_of(apart, distance(window->channels[2][i], blue));
        }
        uint16_t weight = (uint16_t)((uint16_t)(likeness(apart) * nearness[i]) >> 8);
        window->weights[i] = (uint16_t)((uint16_t)(weight * window->trust[i]) >> 8);
    }
}

static inline uint16_t weight_up_to(const struct window *window, int count, int16_t limit)
{
    uint16_t sum = 0;
    for (int i = 0; i < count; i++)
        sum = (uint16_t)(sum + (window->values[i] <= limit ? window->weights[i] : 0));
    return sum;
}

/* The smallest value with at least half of all weight at or below it. */
static inline int16_t select_median(const struct window *window, int count,
                                    int16_t fallback)
{
    int16_t low = INT16_MAX, high = INT16_MIN;
    for (int i = 0; i < count; i++) {
        int16_t value = window->weights[i] ? window->values[i] : fallback;
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    unsigned total = weight_up_to(window, count, INT16_MAX);
    if (total == 0)
        return fallback;
    while (low < high) {
        int16_t middle = (int16_t)((low + high) >> 1);
        if (2U * weight_up_to(window, count, middle) >= total)
            high = middle;
        else
            low = (int16_t)(middle + 1);
    }
    return low;
}

/* `taps` and `channels` are constants where this is called. */
static inline int16_t filter_pixel(const struct filter *filter, int x, int y,
                                   int height_px, int taps, int channels)
{
    struct window window;
    const struct split_row *own = &filter->ring[y % filter->rows];
    int at = PAD_PX + (x >> 1);
    int count = taps * ((taps + LANES - 1) / LANES * LANES);
    uint16_t centre[3] = {0};
    for (int c = 0; c < channels; c++)
        centre[c] = own->channels[c][x & 1][at];
    gather(filter, x - taps + 1, y - taps + 1, height_px, taps, channels, &window);
    weigh_window(filter, centre, channels, count, &window);
    return select_median(&window, count, own->values[x & 1][at]);
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

static void filter_row(const struct filter *filter, const uint8_t *marks, int y,
                       struct disparity_map *target)
{
    int16_t *to = disparity_row(target, y);
    int height_px = target->height_px;
    bool colour = filter->channels == 3;
    int width_px = target->width_px;
    for (int x = next_marked(marks, 0, width_px); x < width_px;
         x = next_marked(marks, x + 1, width_px)) {
        if (filter->taps == 6)
            to[x] = colour ? filter_pixel(filter, x, y, height_px, 6, 3)
                           : filter_pixel(filter, x, y, height_px, 6, 1);
        else if (filter->taps == 8)
            to[x] = colour ? filter_pixel(filter, x, y, height_px, 8, 3)
                           : filter_pixel(filter, x, y, height_px, 8, 1);
        else
            to[x] = filter_pixel(filter, x, y, height_px, filter->taps, filter->channels);
    }
}

enum po_status weighted_median(const struct disparity_map *source,
                               const struct image_view *classes,
                               const struct image_view *guide, int radius_px,
                               struct scratch *scratch, struct disparity_map *target,
                               uint64_t *visited, struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    struct filter filter = {.radius_px = radius_px,
                            .taps = radius_px + 1,
                            .channels = guide->channels,
                            .rows = (int)ring_rows(radius_px)};
    uint8_t *marks = scratch_take(scratch, marks_bytes(source->width_px));
    int16_t *spans = scratch_take(scratch, spans_bytes(source->width_px));
    if (!take_ring(scratch, source->width_px, &filter) || marks == NULL || spans == NULL)
        return scratch_exhausted(scratch, "the weighted median", error);
    init_nearness(&filter);
    *visited = 0;
    int loaded = 0;
    for (int y = 0; y < source->height_px; y++) {
        for (; loaded < source->height_px && loaded <= y + radius_px; loaded++)
            load_row(&filter, source, classes, guide, loaded);
        uint64_t count = mark_row(source, classes, y, spans, marks);
        if (count > 0)
            filter_row(&filter, marks, y, target);
        *visited += count;
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
