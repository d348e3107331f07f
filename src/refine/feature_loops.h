/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The features of a row of pixels, for the table of each instruction set: plain loops
 * that the compiler turns into vector code.
 */
#ifndef REFINE_FEATURE_LOOPS_H
#define REFINE_FEATURE_LOOPS_H

#include <stdbool.h>
#include <string.h>

#include "base/number.h"
#include "refine/confidence_features.h"
#include "refine/ring_loops.h"

enum {
    MEASURED_RADIUS_PX = 4,
    MOST = 255, /* of a byte; or the feature does not apply */
    RUN_STEP = 16,
};

/* A plane's row is a feature where it lies, when kernels may read on to its next 64. */
static void measure_bytes(const struct image_view *image, int y,
                          enum confidence_feature feature, struct feature_rows *rows)
{
    uint8_t *made = rows->made[feature];
    rows->features[feature] = made;
    if (image->pixels == NULL)
        memset(made, 0, (size_t)rows->width_px);
    else if (image->stride_bytes % FEATURE_ROW_BYTES == 0)
        rows->features[feature] = image_row(image, y);
    else
        memcpy(made, image_row(image, y), (size_t)rows->width_px);
}

static void measure_margin(const struct feature_input *input, int y,
                           struct feature_rows *rows)
{
    measure_bytes(&input->match->uniqueness_margin, y, FEATURE_UNIQUENESS_MARGIN, rows);
}

static void measure_cost(const struct feature_input *input, int y,
                         struct feature_rows *rows)
{
    measure_bytes(&input->match->cost, y, FEATURE_COST, rows);
}

static inline int16_t lower_of(int16_t a, int16_t b)
{
    return a < b ? a : b;
}

static inline int16_t higher_of(int16_t a, int16_t b)
{
    return a > b ? a : b;
}

static inline int16_t far_if_hole(int16_t value)
{
    return value == DISPARITY_INVALID ? INT16_MAX : value;
}

/* Extremes of three rows in one column; holes do not count. */
static void column_extremes(const int16_t *above, const int16_t *row,
                            const int16_t *below, int width_px, int16_t *restrict low,
                            int16_t *restrict high)
{
    for (int x = 0; x < width_px; x++) {
        low[x] = lower_of(lower_of(far_if_hole(above[x]), far_if_hole(row[x])),
                          far_if_hole(below[x]));
        high[x] = higher_of(higher_of(above[x], row[x]), below[x]);
    }
    low[-1] = low[0];
    high[-1] = high[0];
    low[width_px] = low[width_px - 1];
    high[width_px] = high[width_px - 1];
}

static void span_of_columns(const int16_t *low, const int16_t *high, int width_px,
                            uint8_t *restrict feature)
{
    for (int x = 0; x < width_px; x++) {
        int16_t l = lower_of(lower_of(low[x - 1], low[x]), low[x + 1]);
        int16_t h = higher_of(higher_of(high[x - 1], high[x]), high[x + 1]);
        uint16_t apart = (uint16_t)(h - l);
        feature[x] = (uint8_t)(apart < MOST ? apart : MOST);
    }
}

static void measure_span(const struct feature_input *input, int y,
                         struct feature_rows *rows)
{
    const struct disparity_map *map = input->map;
    column_extremes(disparity_row(map, maximum(y - 1, 0)), disparity_row(map, y),
                    disparity_row(map, minimum(y + 1, map->height_px - 1)), map->width_px,
                    rows->low, rows->high);
    span_of_columns(rows->low, rows->high, map->width_px, rows->features[FEATURE_SPAN]);
}

/* The measured pixels of a row enter the counts of their columns. */
static void count_in(const struct image_view *classes, int y, uint8_t *restrict counts)
{
    if (y < 0 || y >= classes->height_px)
        return;
    const uint8_t *row = image_row(classes, y);
    int width_px = classes->width_px;
    for (int x = 0; x < width_px; x++)
        counts[x] = (uint8_t)(counts[x] + (row[x] == PIXEL_MEASURED));
}

/* And leave them. */
static void count_out(const struct image_view *classes, int y, uint8_t *restrict counts)
{
    if (y < 0)
        return;
    const uint8_t *row = image_row(classes, y);
    int width_px = classes->width_px;
    for (int x = 0; x < width_px; x++)
        counts[x] = (uint8_t)(counts[x] - (row[x] == PIXEL_MEASURED));
}

/* Columns are counted on from the row before, where that was the last. */
static void count_columns(const struct image_view *classes, int y,
                          struct feature_rows *rows)
{
    bool follows = y > 0 && rows->counts_y == y - 1;
    if (!follows)
        memset(rows->counts, 0, (size_t)rows->width_px);
    for (int dy = follows ? MEASURED_RADIUS_PX : -MEASURED_RADIUS_PX;
         dy <= MEASURED_RADIUS_PX; dy++)
        count_in(classes, y + dy, rows->counts);
    if (follows)
        count_out(classes, y - MEASURED_RADIUS_PX - 1, rows->counts);
    rows->counts_y = y;
}

/* Counts beyond the image are 0. */
static void measure_measured(const struct feature_input *input, int y,
                             struct feature_rows *rows)
{
    uint8_t *restrict feature = rows->features[FEATURE_MEASURED];
    const uint8_t *counts = rows->counts;
    count_columns(input->classes, y, rows);
    int width_px = rows->width_px;
    for (int x = 0; x < width_px; x++) {
        uint8_t sum = 0;
        for (int dx = -MEASURED_RADIUS_PX; dx <= MEASURED_RADIUS_PX; dx++)
            sum = (uint8_t)(sum + counts[x + dx]);
        feature[x] = sum;
    }
}

/* The image of texture: green, of the pixels of a colour image, or grey. */
static void green_row(const uint8_t *pixels, int width_px, uint8_t *restrict green)
{
    enum { CHANNELS = 3 };
    const uint8_t *from = pixels + 1;
    ptrdiff_t x = 0;
#ifdef __SSSE3__
    typedef uint8_t bytes __attribute__((vector_size(16), may_alias));
    for (; x + (int)sizeof(bytes) < width_px; x += (int)sizeof(bytes)) {
        bytes a, b, c; /* the last begins early: it ends with the last green byte */
        memcpy(&a, from + x * CHANNELS, sizeof(a));
        memcpy(&b, from + x * CHANNELS + 16, sizeof(b));
        memcpy(&c, from + x * CHANNELS + 30, sizeof(c));
        a = __builtin_shufflevector(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, -1, -1,
                                    -1, -1, -1);
        a = __builtin_shufflevector(a, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 19, 22, 25,
                                    28, 31);
        memcpy(green + x, &a, sizeof(a));
    }
#endif
    for (; x < width_px; x++)
        green[x] = from[x * CHANNELS];
}

static inline void step_row(const uint8_t *row, int width_px, uint8_t *restrict steps)
{
    for (ptrdiff_t x = 1; x < width_px - 1; x++)
        steps[x] = row[x - 1] > row[x + 1] ? (uint8_t)(row[x - 1] - row[x + 1])
                                           : (uint8_t)(row[x + 1] - row[x - 1]);
}

/* The largest within two pixels. */
static void widen_row(const uint8_t *steps, int width_px, uint8_t *restrict feature)
{
    for (int x = 0; x < width_px; x++) {
        uint8_t a = steps[x - 2] > steps[x - 1] ? steps[x - 2] : steps[x - 1];
        uint8_t b = steps[x + 2] > steps[x + 1] ? steps[x + 2] : steps[x + 1];
        a = a > b ? a : b;
        feature[x] = a > steps[x] ? a : steps[x];
    }
}

/* Two features are made of them. */
static void measure_steps(const struct feature_input *input, int y,
                          struct feature_rows *rows)
{
    if (rows->steps_y == y)
        return;
    rows->steps_y = y;
    rows->steps[0] = rows->steps[rows->width_px - 1] = 0;
    step_row(image_row(input->green, y), rows->width_px, rows->steps);
}

static void measure_texture(const struct feature_input *input, int y,
                            struct feature_rows *rows)
{
    measure_steps(input, y, rows);
    widen_row(rows->steps, rows->width_px, rows->features[FEATURE_TEXTURE]);
}

static inline void column_step_row(const uint8_t *above, const uint8_t *below,
                                   int width_px, uint8_t *restrict steps)
{
    for (int x = 0; x < width_px; x++)
        steps[x] = above[x] > below[x] ? (uint8_t)(above[x] - below[x])
                                       : (uint8_t)(below[x] - above[x]);
}

/* Horizontal lines have no other texture: nothing tells where along them a match is. */
static void measure_column_texture(const struct feature_input *input, int y,
                                   struct feature_rows *rows)
{
    const struct image_view *green = input->green;
    column_step_row(image_row(green, maximum(y - 2, 0)),
                    image_row(green, minimum(y + 2, green->height_px - 1)),
                    rows->width_px, rows->bytes);
    widen_row(rows->bytes, rows->width_px, rows->features[FEATURE_COLUMN_TEXTURE]);
}

static inline void sum_fours(const uint8_t *row, int width_px, int16_t *restrict fours)
{
    for (int x = 0; x < width_px; x++)
        fours[x] = (int16_t)(row[x] + row[x + 1] + row[x + 2] + row[x + 3]);
}

static inline void sum_of_fours(const int16_t *fours, int width_px, int shift,
                                uint8_t *restrict feature)
{
    for (int x = 0; x < width_px; x++) {
        int16_t sum = (int16_t)(fours[x - 8] + fours[x - 4] + fours[x] + fours[x + 4]);
        uint16_t shifted = (uint16_t)((uint16_t)sum >> shift);
        feature[x] = (uint8_t)(shifted < MOST ? shifted : MOST);
    }
}

/* feature[x] = sum of row[x - 8 .. x + 7] / 2^shift; beyond the row there are zeros. */
static void sum_row(const uint8_t *row, int width_px, int shift, int16_t *fours,
                    uint8_t *feature)
{
    enum { BEFORE = 8, AFTER = 4 };
    sum_fours(row - BEFORE, width_px + BEFORE + AFTER, fours - BEFORE);
    sum_of_fours(fours, width_px, shift, feature);
}

static void measure_texture_wide(const struct feature_input *input, int y,
                                 struct feature_rows *rows)
{
    measure_steps(input, y, rows);
    sum_row(rows->steps, rows->width_px, 2, rows->low,
            rows->features[FEATURE_TEXTURE_WIDE]);
}

static void measure_cost_wide(const struct feature_input *input, int y,
                              struct feature_rows *rows)
{
    const struct image_view *cost = &input->match->cost;
    if (cost->pixels == NULL)
        memset(rows->bytes, 0, (size_t)rows->width_px);
    else
        memcpy(rows->bytes, image_row(cost, y), (size_t)rows->width_px);
    sum_row(rows->bytes, rows->width_px, 3, rows->low, rows->features[FEATURE_COST_WIDE]);
}

static void measure_ring_4(const struct feature_input *input, int y,
                           struct feature_rows *rows)
{
    ring_row(input->map, y, 4, rows->holes, rows->features[FEATURE_RING_4]);
}

static void measure_ring_10(const struct feature_input *input, int y,
                            struct feature_rows *rows)
{
    ring_row(input->map, y, 10, rows->holes, rows->features[FEATURE_RING_10]);
}

static void measure_ring_24(const struct feature_input *input, int y,
                            struct feature_rows *rows)
{
    ring_row(input->map, y, RING_MOST_PX, rows->holes, rows->features[FEATURE_RING_24]);
}

static void measure_first_pass(const struct feature_input *input, int y,
                               struct feature_rows *rows)
{
    measure_bytes(&input->match->first_pass, y, FEATURE_FIRST_PASS, rows);
}

static inline bool is_near(int16_t value, int16_t centre, int step)
{
    uint16_t apart = (uint16_t)(value - centre + step);
    return apart <= 2 * step;
}

/* steps[x]: pixel x continues the surface of the pixel on its left. */
static void continue_row(const int16_t *row, int width_px, uint8_t *restrict steps)
{
    for (int x = 1; x < width_px; x++)
        steps[x] = is_near(row[x], row[x - 1], RUN_STEP);
}

/* One run: pixels first .. end - 1 of a row. */
static inline int run_end(const uint8_t *continues, int first, int width_px)
{
    const uint8_t *stop =
        memchr(continues + first + 1, 0, (size_t)(width_px - first - 1));
    return stop != NULL ? (int)(stop - continues) : width_px;
}

/* Runs are looked for and counted whole: a sum from pixel to pixel would wait for
 * itself. */
static void measure_run_left(const struct feature_input *input, int y,
                             struct feature_rows *rows)
{
    uint8_t *run = rows->features[FEATURE_RUN_LEFT];
    continue_row(disparity_row(input->map, y), rows->width_px, rows->bytes);
    for (int first = 0, end; first < rows->width_px; first = end) {
        end = run_end(rows->bytes, first, rows->width_px);
        for (int i = 0; i < minimum(end - first, MOST); i++)
            run[first + i] = (uint8_t)i;
        if (end - first > MOST)
            memset(run + first + MOST, MOST, (size_t)(end - first - MOST));
    }
}

static void measure_run_right(const struct feature_input *input, int y,
                              struct feature_rows *rows)
{
    uint8_t *run = rows->features[FEATURE_RUN_RIGHT];
    continue_row(disparity_row(input->map, y), rows->width_px, rows->bytes);
    for (int first = 0, end; first < rows->width_px; first = end) {
        end = run_end(rows->bytes, first, rows->width_px);
        int counted = maximum(end - MOST, first);
        memset(run + first, MOST, (size_t)(counted - first));
        for (int x = counted; x < end; x++)
            run[x] = (uint8_t)(end - 1 - x);
    }
}

/* In 16 bits: no disparity reaches the pixels that are left over. */
static void measure_inside(const struct feature_input *input, int y,
                           struct feature_rows *rows)
{
    enum { REACHED_PX = (INT16_MAX >> DISPARITY_FRACTION_BITS) + MOST };
    const int16_t *row = disparity_row(input->map, y);
    uint8_t *restrict feature = rows->features[FEATURE_INSIDE];
    int width_px = rows->width_px, end = minimum(width_px, REACHED_PX);
    for (int x = 0; x < end; x++) {
        int16_t inside = (int16_t)((int16_t)x - (row[x] >> DISPARITY_FRACTION_BITS));
        inside = higher_of(inside, 0);
        feature[x] = (uint8_t)lower_of(inside, MOST);
    }
    memset(feature + end, MOST, (size_t)(width_px - end));
}

static void measure_local(const struct feature_input *input, int y,
                          struct feature_rows *rows)
{
    measure_bytes(input->scores, y, FEATURE_LOCAL, rows);
}

static void measure_raw(const struct feature_input *input, int y,
                        struct feature_rows *rows)
{
    measure_bytes(input->scores, y, FEATURE_RAW, rows);
}

/* Both pixels of each half get its value; rows are padded. */
static inline void spread_bytes(const uint8_t *halves, int count, uint8_t *restrict row)
{
    for (ptrdiff_t i = 0; i < count; i++)
        row[2 * i] = row[2 * i + 1] = halves[i];
}

static inline void spread_row(const int16_t *halves, int count, int16_t *restrict row)
{
    for (ptrdiff_t i = 0; i < count; i++)
        row[2 * i] = row[2 * i + 1] = halves[i];
}

static void measure_weight(const struct feature_input *input, int y,
                           struct feature_rows *rows)
{
    const struct surface_support *support = input->support;
    spread_bytes(support->weights + (ptrdiff_t)(y / 2) * support->width_px,
                 support->width_px, rows->features[FEATURE_WEIGHT]);
}

static inline void residual_row(const int16_t *row, const int16_t *below,
                                const int16_t *above, int width_px,
                                uint8_t *restrict feature)
{
    for (int x = 0; x < width_px; x++) {
        uint16_t apart =
            (uint16_t)(higher_of(row[x], below[x]) - lower_of(row[x], above[x]));
        feature[x] = (uint8_t)(apart < MOST ? apart : MOST);
    }
}

static void measure_residual(const struct feature_input *input, int y,
                             struct feature_rows *rows)
{
    const struct surface_support *support = input->support;
    ptrdiff_t first = (ptrdiff_t)(y / 2) * support->width_px;
    spread_row(support->below + first, support->width_px, rows->low);
    spread_row(support->above + first, support->width_px, rows->high);
    residual_row(disparity_row(input->map, y), rows->low, rows->high, rows->width_px,
                 rows->features[FEATURE_RESIDUAL]);
}

/* Apart by at most what 16 bits without a sign hold. */
static void measure_smoothed(const struct feature_input *input, int y,
                             struct feature_rows *rows)
{
    const int16_t *after = disparity_row(input->map, y);
    const int16_t *before = disparity_row(input->work, y);
    uint8_t *restrict feature = rows->features[FEATURE_SMOOTHED];
    int width_px = rows->width_px;
    for (int x = 0; x < width_px; x++) {
        int16_t larger = after[x] > before[x] ? after[x] : before[x];
        int16_t smaller = after[x] > before[x] ? before[x] : after[x];
        uint16_t change = (uint16_t)(larger - smaller);
        feature[x] = (uint8_t)(change < MOST ? change : MOST);
    }
}

#include "refine/edge_loops.h"

static void (*const measures[FEATURE_COUNT])(const struct feature_input *input, int y,
                                             struct feature_rows *rows) = {
    [FEATURE_UNIQUENESS_MARGIN] = measure_margin,
    [FEATURE_COST] = measure_cost,
    [FEATURE_SPAN] = measure_span,
    [FEATURE_MEASURED] = measure_measured,
    [FEATURE_TEXTURE] = measure_texture,
    [FEATURE_RING_4] = measure_ring_4,
    [FEATURE_RING_10] = measure_ring_10,
    [FEATURE_RUN_LEFT] = measure_run_left,
    [FEATURE_RUN_RIGHT] = measure_run_right,
    [FEATURE_INSIDE] = measure_inside,
    [FEATURE_RING_24] = measure_ring_24,
    [FEATURE_COLUMN_TEXTURE] = measure_column_texture,
    [FEATURE_TEXTURE_WIDE] = measure_texture_wide,
    [FEATURE_COST_WIDE] = measure_cost_wide,
    [FEATURE_FIRST_PASS] = measure_first_pass,
    [FEATURE_LOCAL] = measure_local,
    [FEATURE_WEIGHT] = measure_weight,
    [FEATURE_RESIDUAL] = measure_residual,
    [FEATURE_RAW] = measure_raw,
    [FEATURE_SMOOTHED] = measure_smoothed,
    [FEATURE_EDGE_JUMP] = measure_edges,
    [FEATURE_EDGE_DISTANCE] = measure_edges,
    [FEATURE_EDGE_LIKENESS] = measure_edges,
    [FEATURE_EDGE_OUTER] = measure_edges,
    [FEATURE_EDGE_INNER] = measure_edges,
    [FEATURE_EDGE_RISE] = measure_edges,
    [FEATURE_BEYOND_UP] = measure_edges,
    [FEATURE_BEYOND_DOWN] = measure_edges,
};

static void measure_features(const struct feature_input *input, uint32_t which, int y,
                             struct feature_rows *rows)
{
    for (int i = 0; i < FEATURE_COUNT; i++)
        if ((which >> i & 1U) != 0)
            measures[i](input, y, rows);
}

#endif
