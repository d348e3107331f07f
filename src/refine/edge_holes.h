/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The holes around a row of pixels, and what lies beyond them; included by edge_loops.h.
 *
 * Rows enter from above to below, EDGE_REACH_PX before they are measured: of a hole that
 * begins in a row, the value below is looked for once, for all pixels above it. What is
 * above a hole is carried down along it, and past it.
 */
#ifndef REFINE_EDGE_HOLES_H
#define REFINE_EDGE_HOLES_H

#include "base/number.h"
#include "refine/confidence_features.h"
#include "refine/edge_vectors.h"
#include "refine/row_scan.h"

enum {
    EDGE_ACROSS_PX = 24, /* of a hole below, to what lies behind it */
    EDGE_SETTLED_PX = 2, /* from a hole to a value that is trusted more than its rim's */
    EDGE_NONE = UINT8_MAX,
};

static inline uint8_t *whole_of(const struct edge_rows *edges, int y)
{
    return edges->whole[y & (EDGE_HOLE_ROWS - 1)];
}

static inline int16_t *below_of(const struct edge_rows *edges, int y)
{
    return edges->below[y & (EDGE_HOLE_ROWS - 1)];
}

/* Lanes where a hole begins in row y, below a pixel that is measured. */
static inline edge_bytes holes_begin(const struct edge_rows *edges, int x, int y)
{
    return load_bytes(whole_of(edges, y - 1) + x) & ~load_bytes(whole_of(edges, y) + x);
}

static void mark_measured(const uint8_t *classes, int width_px, uint8_t *restrict whole)
{
    for (int x = 0; x < width_px; x++)
        whole[x] = classes[x] == PIXEL_MEASURED ? UINT8_MAX : 0;
}

static inline edge_bytes measured_at(const struct image_view *classes, int x, int y)
{
    return (edge_bytes)(load_bytes(image_row(classes, y) + x) ==
                        all_bytes(PIXEL_MEASURED));
}

/* The values below the holes that begin in row `top`, in some lanes from x on. */
static void look_below(const struct feature_input *input, int x, int top,
                       edge_bytes begins, int16_t *below)
{
    int height_px = input->map->height_px;
    int last = minimum(top + EDGE_ACROSS_PX, height_px - 1);
    edge_shorts found[EDGE_HALVES] = {all_shorts(DISPARITY_INVALID),
                                      all_shorts(DISPARITY_INVALID)};
    for (int y = top + 1; y <= last && any_byte(begins); y++) {
        edge_bytes ends = begins & measured_at(input->classes, x, y);
        if (!any_byte(ends))
            continue;
        int deeper = y + EDGE_SETTLED_PX < height_px ? y + EDGE_SETTLED_PX : y;
        edge_bytes settled = measured_at(input->classes, x, deeper);
        for (int k = 0; k < EDGE_HALVES; k++) {
            ptrdiff_t at = x + (ptrdiff_t)k * EDGE_HALF;
            edge_shorts value =
                pick_shorts(widen_mask(settled, k),
                            load_shorts(disparity_row(input->map, deeper) + at),
                            load_shorts(disparity_row(input->map, y) + at));
            found[k] = pick_shorts(widen_mask(ends, k), value, found[k]);
        }
        begins &= ~ends;
    }
    for (int k = 0; k < EDGE_HALVES; k++)
        store_shorts(below + (ptrdiff_t)k * EDGE_HALF, found[k]);
}

/* Row y, or none, becomes one of the rows whose holes are known. */
static void enter_row(const struct feature_input *input, int y, int width_px,
                      struct edge_rows *edges)
{
    uint8_t *whole = whole_of(edges, y);
    if (y < 0 || y >= input->map->height_px) {
        memset(whole, UINT8_MAX, (size_t)width_px);
        return;
    }
    mark_measured(image_row(input->classes, y), width_px, whole);
    for (int x = 0; x < width_px; x += EDGE_LANES) {
        edge_bytes begins = holes_begin(edges, x, y);
        if (any_byte(begins))
            look_below(input, x, y, begins, below_of(edges, y) + x);
    }
}

/* Distances upward to a hole, counted on past row y. */
static void count_from_above(const uint8_t *whole, int width_px, uint8_t *up)
{
    for (int x = 0; x < width_px; x += EDGE_LANES)
        store_bytes(up + x,
                    lower_bytes(add_one(load_bytes(up + x)), load_bytes(whole + x) | 1));
}

/* Where a hole begins in this row, what is above it; else as in the row before. */
static void carry_down(const struct feature_input *input, int y, int width_px,
                       const struct edge_rows *edges)
{
    int settled = maximum(y - 1 - EDGE_SETTLED_PX, 0);
    const int16_t *last = disparity_row(input->map, y - 1);
    const int16_t *deeper = disparity_row(input->map, settled);
    for (int x = 0; x < width_px; x += EDGE_LANES) {
        edge_bytes begins = holes_begin(edges, x, y);
        if (!any_byte(begins))
            continue;
        edge_bytes trusted = measured_at(input->classes, x, settled);
        for (int k = 0; k < EDGE_HALVES; k++) {
            ptrdiff_t at = x + (ptrdiff_t)k * EDGE_HALF;
            edge_shorts value = pick_shorts(
                widen_mask(trusted, k), load_shorts(deeper + at), load_shorts(last + at));
            store_shorts(edges->above + at, pick_shorts(widen_mask(begins, k), value,
                                                        load_shorts(edges->above + at)));
        }
    }
}

/* Where runs of holes and of measured pixels begin. */
static void mark_changes(const uint8_t *whole, int width_px, uint8_t *restrict marks)
{
    for (int x = 0; x < width_px; x++)
        marks[x] = whole[x] != whole[x - 1];
}

/* The value on one side of a hole of the row, for the pixels that reach the hole from the
 * other one. */
static inline void spread_value(int16_t value, int count, int16_t *to)
{
    for (int i = 0; i < count; i++)
        to[i] = value;
}

/* Values to the left and to the right of each hole of the row. */
static void look_across(const int16_t *row, const uint8_t *classes, int width_px,
                        uint8_t *marks, struct edge_rows *edges, int y)
{
    mark_changes(whole_of(edges, y), width_px, marks);
    int first = next_marked(marks, 0, width_px);
    for (int end = 0, before; first < width_px;
         first = next_marked(marks, end + 1, width_px)) {
        before = end;
        end = next_marked(marks, first + 1, width_px);
        int left = first - 1, right = end;
        if (left >= EDGE_SETTLED_PX && classes[left - EDGE_SETTLED_PX] == PIXEL_MEASURED)
            left -= EDGE_SETTLED_PX;
        if (right + EDGE_SETTLED_PX < width_px &&
            classes[right + EDGE_SETTLED_PX] == PIXEL_MEASURED)
            right += EDGE_SETTLED_PX;
        int room = minimum(first - before, EDGE_REACH_PX);
        spread_value(left >= 0 ? row[left] : (int16_t)DISPARITY_INVALID, EDGE_REACH_PX,
                     edges->left + end);
        spread_value(right < width_px ? row[right] : (int16_t)DISPARITY_INVALID, room,
                     edges->right + first - room);
    }
}

/* What was measured before was not the row above: all that is carried along begins here.
 */
static void begin_edges(const struct feature_input *input, int y, int width_px,
                        struct edge_rows *edges)
{
    for (int x = 0; y == 0 && x < width_px; x++)
        edges->above[x] = DISPARITY_INVALID;
    memset(edges->up, EDGE_NONE, (size_t)width_px);
    for (int at = y - EDGE_REACH_PX - 1; at < y + EDGE_REACH_PX; at++) {
        enter_row(input, at, width_px, edges);
        if (at < y - 1)
            count_from_above(whole_of(edges, at), width_px, edges->up);
    }
}

#endif
