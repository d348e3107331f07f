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
 * Measured pixels within EDGE_RIM_PX of a hole or of a drop are at a rim, about a quarter
 * of an image; the others get what stands for "no edge". Pixels are taken by groups of
 * EDGE_LANES side by side, and all that lies on the four ways from them, in vectors: what
 * a way holds at one distance is one comparison, so that nothing branches on a pixel.
 */
#ifndef REFINE_EDGE_LOOPS_H
#define REFINE_EDGE_LOOPS_H

#include "refine/edge_holes.h"
#include "refine/edge_lines.h"

enum {
    EDGE_DROP = 32, /* sixteenths: another surface */
    EDGE_JUMP_UNIT = 8,
    EDGE_JUMP_MOST = 255 * EDGE_JUMP_UNIT,
    EDGE_RANKS = 2 * EDGE_WAYS, /* at one distance */
    EDGE_RANK_NONE = EDGE_RANKS * (EDGE_REACH_PX + 1),
};

/* Disparities at each distance on each way, from the first pixel of the row. */
struct edge_around {
    const int16_t *row;
    const int16_t *at[EDGE_WAYS][EDGE_REACH_PX + 1];
};

/* What half a group has around it. */
struct edge_steps {
    edge_shorts rise; /* distance to the nearest higher value, or EDGE_NONE */
    edge_shorts rims; /* where a lower one lies within the rim */
    bool drops, gaps; /* anywhere within reach */
};

/* Pixels x .. x + EDGE_LANES - 1 of row y. */
struct edge_group {
    int x, y;
    edge_bytes rims;            /* a mask */
    edge_bytes hole[EDGE_WAYS]; /* distance, or EDGE_NONE */
    struct edge_steps steps[EDGE_HALVES];
    edge_bytes rise;
    edge_bytes rank; /* of the nearest edge behind which a farther surface lies */
    edge_bytes jump;
    edge_bytes beyond_up, beyond_down;
};

static void look_around(const struct feature_input *input, int y,
                        const struct feature_rows *rows, struct edge_around *around)
{
    const int16_t *line = rows->edges.line;
    around->row = line;
    EDGE_WRITE_OUT
    for (int r = 1; r <= EDGE_REACH_PX; r++) {
        bool above = y - r >= 0, below = y + r < input->map->height_px;
        around->at[EDGE_LEFT][r] = line - r;
        around->at[EDGE_RIGHT][r] = line + r;
        around->at[EDGE_UP][r] = above ? disparity_row(input->map, y - r) : rows->holes;
        around->at[EDGE_DOWN][r] = below ? disparity_row(input->map, y + r) : rows->holes;
    }
}

/* What has no value, and what lies beyond the image, is below all; with one taken away it
 * is above. `gaps`: there may be such places. */
static inline edge_shorts gaps_highest(edge_shorts values, bool gaps)
{
    return gaps ? (edge_shorts)((edge_wrapping)values - 1) : values;
}

/* Wrap where there is no value, of which nobody asks. */
static inline edge_shorts less_by(edge_shorts value, int step)
{
    return (edge_shorts)((edge_wrapping)value - (uint16_t)step);
}

static inline edge_shorts more_by(edge_shorts value, int step)
{
    return (edge_shorts)((edge_wrapping)value + (uint16_t)step);
}

static inline edge_shorts apart_from(edge_shorts value, edge_shorts other)
{
    return (edge_shorts)((edge_wrapping)value - (edge_wrapping)other);
}

/* The nearest holes: where pixels are whole their masks hide a distance. */
static inline void find_holes(const struct edge_rows *edges, struct edge_group *group)
{
    const uint8_t *row = whole_of(edges, group->y) + group->x;
    edge_bytes left = all_bytes(EDGE_NONE), right = left, down = left;
    EDGE_WRITE_OUT
    for (int r = EDGE_REACH_PX; r > 0; r--) {
        left = lower_bytes(left, load_bytes(row - r) | (uint8_t)r);
        right = lower_bytes(right, load_bytes(row + r) | (uint8_t)r);
        down = lower_bytes(down, load_bytes(whole_of(edges, group->y + r) + group->x) |
                                     (uint8_t)r);
    }
    edge_bytes up = load_bytes(edges->up + group->x);
    group->hole[EDGE_LEFT] = left;
    group->hole[EDGE_RIGHT] = right;
    group->hole[EDGE_UP] = up | (edge_bytes)(up > all_bytes(EDGE_REACH_PX));
    group->hole[EDGE_DOWN] = down;
}

static inline edge_shorts lowest_of(const edge_shorts values[EDGE_WAYS], bool gaps)
{
    edge_shorts across =
        lower_shorts(gaps_highest(values[0], gaps), gaps_highest(values[1], gaps));
    return lower_shorts(across, lower_shorts(gaps_highest(values[2], gaps),
                                             gaps_highest(values[3], gaps)));
}

static inline struct edge_steps meet_steps(const struct edge_around *around, int x,
                                           bool gaps)
{
    edge_shorts value = load_shorts(around->row + x);
    edge_shorts high = more_by(value, EDGE_DROP), rise = all_shorts(EDGE_NONE);
    edge_shorts lowest = all_shorts(INT16_MAX), in_rim = lowest;
    EDGE_WRITE_OUT
    for (int r = EDGE_REACH_PX; r > 0; r--) {
        const edge_shorts at[EDGE_WAYS] = {load_shorts(around->at[EDGE_LEFT][r] + x),
                                           load_shorts(around->at[EDGE_RIGHT][r] + x),
                                           load_shorts(around->at[EDGE_UP][r] + x),
                                           load_shorts(around->at[EDGE_DOWN][r] + x)};
        edge_shorts highest =
            higher_shorts(higher_shorts(at[0], at[1]), higher_shorts(at[2], at[3]));
        rise = pick_shorts(highest > high, all_shorts(r), rise);
        if (r > EDGE_RIM_PX)
            lowest = lower_shorts(lowest, lowest_of(at, gaps));
        else
            in_rim = lower_shorts(in_rim, lowest_of(at, gaps));
    }
    edge_shorts bound = gaps_highest(less_by(value, EDGE_DROP), gaps);
    lowest = lower_shorts(lowest, in_rim);
    return (struct edge_steps){rise, in_rim < bound, any_short(lowest < bound),
                               gaps ||
                                   any_short(lowest == all_shorts(DISPARITY_INVALID))};
}

/* Seldom with gaps: most maps are filled. */
static inline struct edge_steps find_steps_around(const struct edge_around *around, int x)
{
    struct edge_steps steps = meet_steps(around, x, false);
    return steps.gaps ? meet_steps(around, x, true) : steps;
}

/* Lanes that lie in the row. */
static inline edge_bytes lanes_below(int count)
{
    edge_bytes lane;
    for (int i = 0; i < EDGE_LANES; i++)
        lane[i] = (uint8_t)i;
    return (edge_bytes)(lane < all_bytes(minimum(count, EDGE_LANES)));
}

/* Distances to what lies around, and which pixels are at a rim. */
static inline void find_rims(const struct feature_rows *rows,
                             const struct edge_around *around, edge_bytes measured,
                             struct edge_group *group)
{
    EDGE_WRITE_OUT
    for (int k = 0; k < EDGE_HALVES; k++)
        group->steps[k] = find_steps_around(around, group->x + k * EDGE_HALF);
    find_holes(&rows->edges, group);
    edge_bytes near =
        lower_bytes(lower_bytes(group->hole[EDGE_LEFT], group->hole[EDGE_RIGHT]),
                    lower_bytes(group->hole[EDGE_UP], group->hole[EDGE_DOWN]));
    group->rims = measured & (narrow_masks(group->steps[0].rims, group->steps[1].rims) |
                              (edge_bytes)(near < all_bytes(EDGE_RIM_PX + 1)));
    group->rise = narrow_halves(group->steps[0].rise, group->steps[1].rise) | ~measured;
}

/* The value below the nearest hole below. */
static inline edge_shorts value_below(const struct edge_rows *edges,
                                      const struct edge_group *group, int k)
{
    edge_shorts distance = widen_half(group->hole[EDGE_DOWN], k);
    edge_shorts below = all_shorts(DISPARITY_INVALID);
    ptrdiff_t at = group->x + (ptrdiff_t)k * EDGE_HALF;
    EDGE_WRITE_OUT
    for (int r = 1; r <= EDGE_REACH_PX; r++)
        below = pick_shorts(distance == all_shorts(r),
                            load_shorts(below_of(edges, group->y + r) + at), below);
    return below;
}

/* 128 + half pixels from a value to what lies beyond a hole, 1 .. 254; none: 255. */
static inline edge_shorts jump_beyond(edge_shorts beyond, edge_shorts value)
{
    enum { MOST_JUMP = (EDGE_EVEN - 1) * EDGE_JUMP_UNIT };
    edge_shorts held = higher_shorts(beyond, less_by(value, MOST_JUMP));
    edge_shorts jump =
        apart_from(lower_shorts(held, more_by(value, MOST_JUMP - EDGE_JUMP_UNIT)), value);
    jump += (jump >> 15) & (EDGE_JUMP_UNIT - 1); /* rounds towards zero */
    return pick_shorts(beyond == all_shorts(DISPARITY_INVALID), all_shorts(EDGE_NONE),
                       (jump >> 3) + EDGE_EVEN);
}

/* The rank of an edge: by distance; holes before drops; then in the order of the ways. */
struct edge_nearest {
    edge_shorts rank, other; /* the value behind it */
};

/* From far to near, so that the nearest stays. */
static inline struct edge_nearest nearest_drop(const struct edge_around *around, int x,
                                               bool gaps)
{
    struct edge_nearest nearest = {all_shorts(EDGE_RANK_NONE), all_shorts(0)};
    edge_shorts bound =
        gaps_highest(less_by(load_shorts(around->row + x), EDGE_DROP), gaps);
    EDGE_WRITE_OUT
    for (int r = EDGE_REACH_PX; r > 0; r--)
        EDGE_WRITE_OUT
    for (int way = EDGE_WAYS - 1; way >= 0; way--) {
        edge_shorts other = load_shorts(around->at[way][r] + x);
        edge_shorts drops = gaps_highest(other, gaps) < bound;
        nearest.rank = pick_shorts(drops, all_shorts(r * EDGE_RANKS + EDGE_WAYS + way),
                                   nearest.rank);
        nearest.other = pick_shorts(drops, other, nearest.other);
    }
    return nearest;
}

static inline struct edge_nearest find_drop(const struct edge_around *around, int x,
                                            const struct edge_steps *steps)
{
    if (!steps->drops)
        return (struct edge_nearest){all_shorts(EDGE_RANK_NONE), all_shorts(0)};
    return steps->gaps ? nearest_drop(around, x, true) : nearest_drop(around, x, false);
}

/* Half k of a group. */
static inline void find_edge(const struct edge_rows *edges,
                             const struct edge_around *around,
                             const struct edge_group *group, int k, edge_shorts found[4])
{
    ptrdiff_t at = group->x + (ptrdiff_t)k * EDGE_HALF;
    edge_shorts value = load_shorts(around->row + at);
    edge_shorts bound = gaps_highest(less_by(value, EDGE_DROP), true);
    const edge_shorts beyond[EDGE_WAYS] = {
        load_shorts(edges->left + at), load_shorts(edges->right + at),
        load_shorts(edges->above + at), value_below(edges, group, k)};
    struct edge_nearest nearest = find_drop(around, (int)at, &group->steps[k]);
    EDGE_WRITE_OUT
    for (int way = 0; way < EDGE_WAYS; way++) {
        edge_shorts distance = widen_half(group->hole[way], k);
        edge_shorts rank = distance * EDGE_RANKS + all_shorts(way);
        edge_shorts closer =
            (gaps_highest(beyond[way], true) < bound) & (rank < nearest.rank);
        nearest.rank = pick_shorts(closer, rank, nearest.rank);
        nearest.other = pick_shorts(closer, beyond[way], nearest.other);
    }
    edge_shorts up = widen_half(group->hole[EDGE_UP], k);
    edge_shorts above = pick_shorts(up == all_shorts(EDGE_NONE),
                                    all_shorts(DISPARITY_INVALID), beyond[EDGE_UP]);
    found[0] = nearest.rank;
    found[1] =
        apart_from(value, higher_shorts(nearest.other, less_by(value, EDGE_JUMP_MOST))) >>
        3;
    found[2] = jump_beyond(above, value);
    found[3] = jump_beyond(beyond[EDGE_DOWN], value);
}

/* The edges of a group with rims. */
static inline void find_edges(const struct edge_rows *edges,
                              const struct edge_around *around, struct edge_group *group)
{
    enum { FOUND = 4 };
    edge_shorts found[EDGE_HALVES][FOUND] = {0};
    edge_bytes bytes[FOUND];
    EDGE_WRITE_OUT
    for (int k = 0; k < EDGE_HALVES; k++)
        if (any_short(widen_mask(group->rims, k)))
            find_edge(edges, around, group, k, found[k]);
    EDGE_WRITE_OUT
    for (int i = 0; i < FOUND; i++)
        bytes[i] = narrow_halves(found[0][i], found[1][i]);
    group->rank = bytes[0];
    group->jump = bytes[1];
    group->beyond_up = bytes[2];
    group->beyond_down = bytes[3];
}

static inline void store_feature(struct feature_rows *rows,
                                 enum confidence_feature feature, int x, edge_bytes mask,
                                 edge_bytes value, int none)
{
    store_bytes(rows->made[feature] + x, pick_bytes(mask, value, all_bytes(none)));
}

/* Pixels of a mask get their features, the others what stands for no edge. */
static inline void store_edges(const struct edge_group *group,
                               const struct edge_look *look, struct feature_rows *rows)
{
    int x = group->x;
    edge_bytes edges =
        group->rims & (edge_bytes)(group->rank < all_bytes(EDGE_RANK_NONE));
    store_feature(rows, FEATURE_EDGE_JUMP, x, edges, group->jump, 0);
    store_feature(rows, FEATURE_EDGE_DISTANCE, x, edges, group->rank >> 3, EDGE_NONE);
    store_feature(rows, FEATURE_EDGE_LIKENESS, x, edges, look->likeness, EDGE_EVEN);
    store_feature(rows, FEATURE_EDGE_OUTER, x, edges, look->outer, 0);
    store_feature(rows, FEATURE_EDGE_INNER, x, edges, look->inner, 0);
    store_feature(rows, FEATURE_BEYOND_UP, x, group->rims, group->beyond_up, EDGE_NONE);
    store_feature(rows, FEATURE_BEYOND_DOWN, x, group->rims, group->beyond_down,
                  EDGE_NONE);
}

static void measure_group(const struct feature_input *input,
                          const struct edge_around *around, int x, int y,
                          struct feature_rows *rows)
{
    struct edge_group group = {.x = x, .y = y};
    struct edge_look look = {0};
    edge_bytes measured = measured_at(input->classes, x, y);
    measured &= lanes_below(rows->width_px - x);
    group.rise = all_bytes(EDGE_NONE);
    if (any_byte(measured))
        find_rims(rows, around, measured, &group);
    store_bytes(rows->made[FEATURE_EDGE_RISE] + x, group.rise);
    if (any_byte(group.rims)) {
        find_edges(&rows->edges, around, &group);
        look_along(&rows->edges, x, y, group.rank & (EDGE_WAYS - 1), group.rank >> 3,
                   &look);
    }
    store_edges(&group, &look, rows);
}

/* FEATURE_EDGE_JUMP up to FEATURE_BEYOND_DOWN of row y, all at once. */
static void measure_edges(const struct feature_input *input, int y,
                          struct feature_rows *rows)
{
    struct edge_around around;
    struct edge_rows *edges = &rows->edges;
    const int16_t *row = disparity_row(input->map, y);
    int width_px = rows->width_px;
    if (edges->y == y)
        return;
    bool follows = y > 0 && edges->y == y - 1;
    if (!follows)
        begin_edges(input, y, width_px, edges);
    edges->y = y;
    enter_row(input, y + EDGE_REACH_PX, width_px, edges);
    enter_green(input->green, y, follows, edges);
    count_from_above(whole_of(edges, y - 1), width_px, edges->up);
    if (y > 0)
        carry_down(input, y, width_px, edges);
    look_across(row, image_row(input->classes, y), width_px, rows->bytes, edges, y);
    memcpy(edges->line, row, (size_t)width_px * sizeof(int16_t));
    look_around(input, y, rows, &around);
    for (int x = 0; x < width_px; x += EDGE_LANES)
        measure_group(input, &around, x, y, rows);
}

#endif
