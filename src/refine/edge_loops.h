/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edge features: whether a pixel at the rim of measured surface belongs to it, or to the
 * farther surface behind its edge.
 *
 * Matching windows reach over depth edges, so the near surface grows by some pixels over
 * the far one; the left-right check leaves a hole there, and what has grown lies beside
 * it. What tells it apart is brightness: it looks like the hole and what is behind it,
 * and the image's own edge lies on its inner side.
 *
 * Distances to holes and to steps of disparity are taken of all pixels in vectors; what
 * is behind them, of the measured pixels alone that lie within EDGE_RIM_PX, about a
 * quarter of an image. The others get what stands for "no edge". Rows are visited from
 * the first to the last: what lies above holes is carried along.
 */
#ifndef REFINE_EDGE_LOOPS_H
#define REFINE_EDGE_LOOPS_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "refine/confidence_features.h"

enum {
    EDGE_DROP = 32,      /* sixteenths: another surface */
    EDGE_REACH_PX = 6,   /* how far off an edge still matters */
    EDGE_ACROSS_PX = 24, /* of a hole below, to what lies behind it */
    EDGE_SETTLED_PX = 2, /* from a hole to a value that is trusted more than its rim's */
    EDGE_INNER_PX = 5,
    EDGE_MEAN_PX = 3, /* of a brightness */
    EDGE_EVEN = 128,  /* like both sides, or no jump beyond a hole */
    EDGE_NONE = UINT8_MAX,
    EDGE_JUMP_UNIT = 8,
    EDGE_NO_DROP = 127, /* fits both widths */
};

struct edge_columns {
    int begin, end;
};

enum edge_way { EDGE_LEFT, EDGE_RIGHT, EDGE_UP, EDGE_DOWN };

/* Holes at neighbours `away` pixels off, which `classes` begins with. */
static void meet_holes(const uint8_t *classes, struct edge_columns columns, uint8_t away,
                       uint8_t *restrict hole)
{
    for (int x = columns.begin; x < columns.end; x++)
        hole[x] = classes[x] != PIXEL_MEASURED ? away : hole[x];
}

/* Lower and higher values there. */
static void meet_steps(const int16_t *row, const int16_t *values,
                       struct edge_columns columns, int16_t away, int16_t *restrict drop,
                       int16_t *restrict rise)
{
    for (int x = columns.begin; x < columns.end; x++) {
        int16_t low = (int16_t)(row[x] - EDGE_DROP);
        int16_t high = (int16_t)(row[x] + EDGE_DROP);
        bool drops = (values[x] < low) & (values[x] != DISPARITY_INVALID);
        drop[x] = drops ? away : drop[x];
        rise[x] = values[x] > high ? away : rise[x];
    }
}

/* The nearest last, so that they stay. */
static void meet_neighbours(const struct feature_input *input, int y,
                            struct feature_rows *rows)
{
    static const int dx[EDGE_WAYS] = {-1, 1, 0, 0}, dy[EDGE_WAYS] = {0, 0, -1, 1};
    const int16_t *row = disparity_row(input->map, y);
    int width_px = rows->width_px, height_px = input->map->height_px;
    memset(rows->rise, 0, (size_t)width_px * sizeof(int16_t));
    for (int k = 0; k < EDGE_WAYS; k++) {
        memset(rows->hole[k], EDGE_NONE, (size_t)width_px);
        for (int x = 0; x < width_px; x++)
            rows->drop[k][x] = EDGE_NO_DROP;
    }
    for (int r = EDGE_REACH_PX; r > 0; r--)
        for (int k = 0; k < EDGE_WAYS; k++) {
            int at_y = y + dy[k] * r;
            struct edge_columns columns = {dx[k] < 0 ? minimum(r, width_px) : 0,
                                           dx[k] > 0 ? maximum(width_px - r, 0)
                                                     : width_px};
            if (at_y < 0 || at_y >= height_px)
                continue;
            ptrdiff_t aside = (ptrdiff_t)dx[k] * r;
            meet_holes(image_row(input->classes, at_y) + aside, columns, (uint8_t)r,
                       rows->hole[k]);
            meet_steps(row, disparity_row(input->map, at_y) + aside, columns, (int16_t)r,
                       rows->drop[k], rows->rise);
        }
}

/* Values to the left and to the right of each hole of the row, at its two ends. */
static void look_across(const int16_t *row, const uint8_t *classes,
                        struct feature_rows *rows)
{
    int width_px = rows->width_px;
    for (int first = 0, end; first < width_px; first = end) {
        end = first + 1;
        if (classes[first] == PIXEL_MEASURED)
            continue;
        while (end < width_px && classes[end] != PIXEL_MEASURED)
            end++;
        int left = first - 1, right = end;
        if (left >= EDGE_SETTLED_PX && classes[left - EDGE_SETTLED_PX] == PIXEL_MEASURED)
            left -= EDGE_SETTLED_PX;
        if (right + EDGE_SETTLED_PX < width_px &&
            classes[right + EDGE_SETTLED_PX] == PIXEL_MEASURED)
            right += EDGE_SETTLED_PX;
        rows->beyond[EDGE_LEFT][end - 1] =
            left >= 0 ? row[left] : (int16_t)DISPARITY_INVALID;
        rows->beyond[EDGE_RIGHT][first] =
            right < width_px ? row[right] : (int16_t)DISPARITY_INVALID;
    }
}

/* Where a hole begins in this row, what is above it; else as in the row before. */
static void carry_down(const struct feature_input *input, int y,
                       struct feature_rows *rows)
{
    int16_t *restrict above = rows->beyond[EDGE_UP];
    const uint8_t *classes = image_row(input->classes, y);
    if (y == 0) {
        for (int x = 0; x < rows->width_px; x++)
            above[x] = DISPARITY_INVALID;
        return;
    }
    int settled = maximum(y - 1 - EDGE_SETTLED_PX, 0);
    const uint8_t *last_classes = image_row(input->classes, y - 1);
    const uint8_t *settled_classes = image_row(input->classes, settled);
    const int16_t *last = disparity_row(input->map, y - 1);
    const int16_t *trusted = disparity_row(input->map, settled);
    int width_px = rows->width_px;
    for (int x = 0; x < width_px; x++) { /* masks: with branches it stays scalar */
        int16_t begins = (int16_t) - ((classes[x] != PIXEL_MEASURED) &
                                      (last_classes[x] == PIXEL_MEASURED));
        int16_t trust = (int16_t) - (settled_classes[x] == PIXEL_MEASURED);
        int16_t value = (int16_t)((trusted[x] & trust) | (last[x] & ~trust));
        above[x] = (int16_t)((value & begins) | (above[x] & ~begins));
    }
}

/* The value below a hole that begins at row `top`. */
static int16_t value_below(const struct feature_input *input, int x, int top)
{
    int last = minimum(top + EDGE_ACROSS_PX, input->map->height_px - 1);
    int at = top;
    while (at <= last && image_row(input->classes, at)[x] != PIXEL_MEASURED)
        at++;
    if (at > last)
        return DISPARITY_INVALID;
    int settled = at + EDGE_SETTLED_PX;
    if (settled < input->map->height_px &&
        image_row(input->classes, settled)[x] == PIXEL_MEASURED)
        at = settled;
    return disparity_row(input->map, at)[x];
}

/* The pixels above a hole look at the same one: what lies below it is found once. */
static int16_t value_below_once(const struct feature_input *input, int x, int top,
                                struct feature_rows *rows)
{
    if (rows->below_top[x] != top) {
        rows->below_top[x] = top;
        rows->below[x] = value_below(input, x, top);
    }
    return rows->below[x];
}

/* The values beyond the nearest hole on each way; DISPARITY_INVALID: no hole, or unknown.
 * Three ways without branches, which nothing could foretell. */
static void values_beyond(const struct feature_input *input, int x, int y,
                          struct feature_rows *rows, int16_t beyond[EDGE_WAYS])
{
    int left = rows->hole[EDGE_LEFT][x], right = rows->hole[EDGE_RIGHT][x];
    int up = rows->hole[EDGE_UP][x], down = rows->hole[EDGE_DOWN][x];
    int16_t at_left = rows->beyond[EDGE_LEFT][x - (left <= EDGE_REACH_PX ? left : 0)];
    int16_t at_right = rows->beyond[EDGE_RIGHT][x + (right <= EDGE_REACH_PX ? right : 0)];
    int16_t at_up = rows->beyond[EDGE_UP][x];
    beyond[EDGE_LEFT] = left <= EDGE_REACH_PX ? at_left : (int16_t)DISPARITY_INVALID;
    beyond[EDGE_RIGHT] = right <= EDGE_REACH_PX ? at_right : (int16_t)DISPARITY_INVALID;
    beyond[EDGE_UP] = up <= EDGE_REACH_PX ? at_up : (int16_t)DISPARITY_INVALID;
    beyond[EDGE_DOWN] = DISPARITY_INVALID;
    if (down <= EDGE_REACH_PX)
        beyond[EDGE_DOWN] = value_below_once(input, x, y + down, rows);
}

/* The nearest edge behind which a farther surface lies. */
struct edge {
    enum edge_way way;
    int distance; /* EDGE_NONE: no edge */
    int jump;     /* sixteenths */
};

/* Of several at one distance: holes before drops, then in the order of the ways. A rank
 * holds all of that, so that the lowest is found without branches. */
static struct edge nearest_edge(const struct feature_input *input,
                                const struct feature_rows *rows, int x, int y,
                                const int16_t beyond[EDGE_WAYS])
{
    enum { RANKS = 2 * EDGE_WAYS };
    int value = disparity_row(input->map, y)[x];
    int best = EDGE_NONE * RANKS;
    for (int k = 0; k < EDGE_WAYS; k++) {
        bool farther = (beyond[k] != DISPARITY_INVALID) & (value - beyond[k] > EDGE_DROP);
        int rank = farther ? rows->hole[k][x] * RANKS + k : best;
        best = minimum(best, rank);
        best = minimum(best, rows->drop[k][x] * RANKS + EDGE_WAYS + k);
    }
    int distance = best / RANKS, way = best % EDGE_WAYS;
    if (distance > EDGE_REACH_PX)
        return (struct edge){EDGE_LEFT, EDGE_NONE, 0};
    if (best % RANKS < EDGE_WAYS)
        return (struct edge){(enum edge_way)way, distance, value - beyond[way]};
    int at_x = x + (way == EDGE_LEFT ? -distance : way == EDGE_RIGHT ? distance : 0);
    int at_y = y + (way == EDGE_UP ? -distance : way == EDGE_DOWN ? distance : 0);
    return (struct edge){(enum edge_way)way, distance,
                         value - disparity_row(input->map, at_y)[at_x]};
}

enum { LINE_PX = EDGE_REACH_PX + 1 + EDGE_MEAN_PX };

/* Brightness from a pixel on along one way; beyond the image its border repeats. */
static void load_line(const struct image_view *green, enum edge_way way, int x, int y,
                      uint8_t line[LINE_PX])
{
    const int rooms[EDGE_WAYS] = {x, green->width_px - 1 - x, y,
                                  green->height_px - 1 - y};
    const ptrdiff_t steps[EDGE_WAYS] = {-1, 1, -(ptrdiff_t)green->stride_bytes,
                                        (ptrdiff_t)green->stride_bytes};
    const uint8_t *at = image_row(green, y) + x;
    int room = rooms[way];
    ptrdiff_t step = steps[way];
    if (room >= LINE_PX)
        for (int i = 0; i < LINE_PX; i++)
            line[i] = at[step * i];
    else
        for (int i = 0; i < LINE_PX; i++)
            line[i] = at[step * minimum(i, room)];
}

static inline int apart_from_mean(const uint8_t *line, int distance)
{
    int sum = line[distance] + line[distance + 1] + line[distance + 2];
    return abs(line[0] - sum / EDGE_MEAN_PX);
}

/* most[r]: the largest step up to r pixels on. */
static inline void largest_steps(const uint8_t *line, int count, uint8_t *most)
{
    int so_far = 0;
    for (int r = 1; r <= count; r++) {
        so_far = maximum(so_far, abs(line[r] - line[r - 1]));
        most[r] = (uint8_t)so_far;
    }
}

static void describe_edge(const struct feature_input *input, const struct edge *edge,
                          int x, int y, struct feature_rows *rows)
{
    static const enum edge_way back[EDGE_WAYS] = {EDGE_RIGHT, EDGE_LEFT, EDGE_DOWN,
                                                  EDGE_UP};
    uint8_t outer[LINE_PX], inner[LINE_PX];
    uint8_t outer_steps[LINE_PX], inner_steps[LINE_PX];
    load_line(input->green, edge->way, x, y, outer);
    load_line(input->green, back[edge->way], x, y, inner);
    largest_steps(outer, EDGE_REACH_PX + 1, outer_steps);
    largest_steps(inner, EDGE_INNER_PX, inner_steps);
    int inside = maximum(EDGE_INNER_PX + 2 - edge->distance, 2);
    int far = apart_from_mean(outer, edge->distance + 1);
    int near = apart_from_mean(inner, inside);
    rows->made[FEATURE_EDGE_JUMP][x] = byte_of(edge->jump / EDGE_JUMP_UNIT);
    rows->made[FEATURE_EDGE_DISTANCE][x] = (uint8_t)edge->distance;
    rows->made[FEATURE_EDGE_LIKENESS][x] =
        (uint8_t)clamp(EDGE_EVEN + (far - near) / 2, 0, MOST);
    rows->made[FEATURE_EDGE_OUTER][x] = outer_steps[edge->distance + 1];
    rows->made[FEATURE_EDGE_INNER][x] = inner_steps[EDGE_INNER_PX];
}

static uint8_t jump_beyond(int16_t beyond, int16_t value)
{
    int jump = (beyond - value) / EDGE_JUMP_UNIT;
    return beyond == DISPARITY_INVALID ? (uint8_t)EDGE_NONE
                                       : (uint8_t)clamp(EDGE_EVEN + jump, 1, MOST - 1);
}

static void measure_rim_pixel(const struct feature_input *input, int x, int y,
                              struct feature_rows *rows)
{
    int16_t beyond[EDGE_WAYS];
    int16_t value = disparity_row(input->map, y)[x];
    values_beyond(input, x, y, rows, beyond);
    rows->made[FEATURE_BEYOND_UP][x] = jump_beyond(beyond[EDGE_UP], value);
    rows->made[FEATURE_BEYOND_DOWN][x] = jump_beyond(beyond[EDGE_DOWN], value);
    struct edge edge = nearest_edge(input, rows, x, y, beyond);
    if (edge.distance != EDGE_NONE)
        describe_edge(input, &edge, x, y, rows);
}

static void clear_edges(struct feature_rows *rows)
{
    static const struct {
        enum confidence_feature feature;
        uint8_t value;
    } none[] = {
        {FEATURE_EDGE_JUMP, 0},
        {FEATURE_EDGE_DISTANCE, EDGE_NONE},
        {FEATURE_EDGE_LIKENESS, EDGE_EVEN},
        {FEATURE_EDGE_OUTER, 0},
        {FEATURE_EDGE_INNER, 0},
        {FEATURE_BEYOND_UP, EDGE_NONE},
        {FEATURE_BEYOND_DOWN, EDGE_NONE},
    };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        memset(rows->made[none[i].feature], none[i].value, (size_t)rows->width_px);
}

static inline uint8_t lower_byte(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* The nearest drop on any way; in loops of one width each, or they stay scalar. */
static void nearest_drops(int16_t *const drop[EDGE_WAYS], int width_px,
                          uint8_t *restrict nearest)
{
    const int16_t *left = drop[EDGE_LEFT], *right = drop[EDGE_RIGHT];
    const int16_t *up = drop[EDGE_UP], *down = drop[EDGE_DOWN];
    for (int x = 0; x < width_px; x++)
        nearest[x] =
            (uint8_t)lower_of(lower_of(left[x], right[x]), lower_of(up[x], down[x]));
}

/* flags[x]: a measured pixel with a hole or a drop within the rim; comes with drops. */
static void flag_rims(uint8_t *const hole[EDGE_WAYS], const uint8_t *classes,
                      int width_px, uint8_t *restrict flags)
{
    const uint8_t *left = hole[EDGE_LEFT], *right = hole[EDGE_RIGHT];
    const uint8_t *up = hole[EDGE_UP], *down = hole[EDGE_DOWN];
    for (int x = 0; x < width_px; x++) {
        uint8_t near =
            lower_byte(lower_byte(left[x], right[x]), lower_byte(up[x], down[x]));
        near = lower_byte(near, flags[x]);
        flags[x] = (classes[x] == PIXEL_MEASURED) & (near <= EDGE_RIM_PX);
    }
}

static void copy_rises(const int16_t *rise, int width_px, uint8_t *restrict feature)
{
    for (int x = 0; x < width_px; x++)
        feature[x] = rise[x] > 0 ? (uint8_t)rise[x] : (uint8_t)EDGE_NONE;
}

/* FEATURE_EDGE_JUMP up to FEATURE_BEYOND_DOWN of row y, all at once. */
static void measure_edges(const struct feature_input *input, int y,
                          struct feature_rows *rows)
{
    const int16_t *row = disparity_row(input->map, y);
    const uint8_t *classes = image_row(input->classes, y);
    uint8_t *flags = rows->bytes;
    if (rows->edges_y == y)
        return;
    rows->edges_y = y;
    clear_edges(rows);
    meet_neighbours(input, y, rows);
    look_across(row, classes, rows);
    carry_down(input, y, rows);
    copy_rises(rows->rise, rows->width_px, rows->made[FEATURE_EDGE_RISE]);
    nearest_drops(rows->drop, rows->width_px, flags);
    flag_rims(rows->hole, classes, rows->width_px, flags);
    for (int x = 0; x < rows->width_px; x++) {
        const uint8_t *flag = memchr(flags + x, 1, (size_t)(rows->width_px - x));
        if (flag == NULL)
            break;
        x = (int)(flag - flags);
        measure_rim_pixel(input, x, y, rows);
    }
}

#endif
