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
    uint16_t nearness[TAPS_MAX][2 * LANES]; /* 0 in the lanes beyond the taps */
};

struct window {
    int16_t values[WINDOW_MAX];
    uint16_t weights[WINDOW_MAX];
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

size_t weighted_median_bytes(int width_px, int channels, int radius_px)
{
    return scratch_sum(scratch_array_size(ring_rows(radius_px), sizeof(struct split_row)),
                       scratch_sum(ring_bytes(width_px, channels, radius_px),
                                   scratch_size((size_t)width_px)));
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
    memset(filter->nearness, 0, sizeof(filter->nearness));
    for (int j = 0; j < filter->taps; j++) {
        for (int i = 0; i < filter->taps; i++) {
            int dx = 2 * i - filter->radius_px;
            int dy = 2 * j - filter->radius_px;
            double weight = exp(-sqrt((double)(dx * dx + dy * dy)) / 5);
            filter->nearness[j][i] = (uint16_t)lround(weight * 255);
        }
    }
}

static void load_row(const struct filter *filter, const struct disparity_map *source,
                     const struct image_view *classes, const struct image_view *guide,
                     int y)
{
    struct split_row *to = &filter->ring[y % filter->rows];
    const int16_t *values = disparity_row(source, y);
    const uint8_t *class = image_row(classes, y);
    const uint8_t *pixel = image_row(guide, y);
    for (int x = 0; x < source->width_px; x++) {
        int parity = x & 1;
        int at = PAD_PX + (x >> 1);
        bool trusted = class[x] == PIXEL_MEASURED || (class[x] & PIXEL_ON_PLANE) != 0;
        to->values[parity][at] = values[x];
        to->trust[parity][at] = trusted ? TRUST_FULL : TRUST_FILLED;
        for (int c = 0; c < filter->channels; c++)
            to->channels[c][parity][at] = *pixel++;
    }
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

/* Values and weights of LANES taps from index `at` of one row. */
static inline void weigh_lanes(const struct split_row *row, int parity, int at,
                               const uint16_t *nearness, const uint16_t centre[3],
                               int channels, int16_t *restrict values,
                               uint16_t *restrict weights)
{
    const uint16_t *first = row->channels[0][parity] + at;
    const uint16_t *second = channels == 3 ? row->channels[1][parity] + at : first;
    const uint16_t *third = channels == 3 ? row->channels[2][parity] + at : first;
    const uint16_t *trust = row->trust[parity] + at;
    memcpy(values, row->values[parity] + at, LANES * sizeof(*values));
    for (int i = 0; i < LANES; i++) {
        uint16_t apart = distance(first[i], centre[0]);
        if (channels == 3) {
            apart = larger_of(apart, distance(second[i], centre[1]));
            apart = larger_of(apart, distance(third[i], centre[2]));
        }
        uint16_t weight = (uint16_t)((uint16_t)(likeness(apart) * nearness[i]) >> 8);
        weights[i] = (uint16_t)((uint16_t)(weight * trust[i]) >> 8);
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
    uint16_t centre[3] = {0};
    for (int c = 0; c < channels; c++)
        centre[c] = own->channels[c][x & 1][at];
    int left = x - filter->radius_px + 2 * PAD_PX;
    int count = 0;
    for (int j = 0; j < taps; j++) {
        int from = y + 2 * j - filter->radius_px;
        if (from < 0 || from >= height_px)
            continue;
        const struct split_row *row = &filter->ring[from % filter->rows];
        for (int lane = 0; lane < taps; lane += LANES, count += LANES)
            weigh_lanes(row, left & 1, (left >> 1) + lane, &filter->nearness[j][lane],
                        centre, channels, &window.values[count], &window.weights[count]);
    }
    return select_median(&window, count, own->values[x & 1][at]);
}

/* marks[x] = whether the pixel is to be filtered. */
static uint64_t mark_row(const struct disparity_map *map,
                         const struct image_view *classes, int y, uint8_t *restrict marks)
{
    const int16_t *above = disparity_row(map, y > 0 ? y - 1 : 0);
    const int16_t *row = disparity_row(map, y);
    const int16_t *below = disparity_row(map, y + 1 < map->height_px ? y + 1 : y);
    const uint8_t *class = image_row(classes, y);
    int last = map->width_px - 1;
    for (int x = 0; x <= last; x++) {
        int left = x > 0 ? x - 1 : 0;
        int right = x < last ? x + 1 : last;
        int16_t low = row[x], high = row[x];
        const int16_t *rows[3] = {above, row, below};
        for (int i = 0; i < 3; i++) {
            int16_t a = rows[i][left], b = rows[i][x], c = rows[i][right];
            low = a < low ? a : low;
            high = a > high ? a : high;
            low = b < low ? b : low;
            high = b > high ? b : high;
            low = c < low ? c : low;
            high = c > high ? c : high;
        }
        bool filled =
            class[x] == PIXEL_FILLED_OCCLUSION || class[x] == PIXEL_FILLED_MISMATCH;
        marks[x] = high - low > EDGE_STEP || filled;
    }
    uint64_t count = 0;
    for (int x = 0; x <= last; x++)
        count += marks[x];
    return count;
}

static void filter_row(const struct filter *filter, const uint8_t *marks, int y,
                       struct disparity_map *target)
{
    int16_t *to = disparity_row(target, y);
    int height_px = target->height_px;
    bool colour = filter->channels == 3;
    for (int x = 0; x < target->width_px; x++) {
        if (!marks[x])
            continue;
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
    uint8_t *marks = scratch_take(scratch, (size_t)source->width_px);
    if (!take_ring(scratch, source->width_px, &filter) || marks == NULL)
        return scratch_exhausted(scratch, "the weighted median", error);
    init_nearness(&filter);
    *visited = 0;
    int loaded = 0;
    for (int y = 0; y < source->height_px; y++) {
        for (; loaded < source->height_px && loaded <= y + radius_px; loaded++)
            load_row(&filter, source, classes, guide, loaded);
        uint64_t count = mark_row(source, classes, y, marks);
        if (count > 0)
            filter_row(&filter, marks, y, target);
        *visited += count;
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
