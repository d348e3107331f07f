/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brightness along the line that runs from a pixel to its edge, and back from it;
 * included by edge_loops.h. The ways of a group's pixels differ: each place on a line is
 * loaded for all four, and picked.
 */
#ifndef REFINE_EDGE_LINES_H
#define REFINE_EDGE_LINES_H

#include "base/number.h"
#include "refine/confidence_features.h"
#include "refine/edge_vectors.h"

enum {
    EDGE_EVEN = 128, /* like both sides, or no jump beyond a hole */
    EDGE_INNER_PX = 5,
    EDGE_MEAN_PX = 3, /* of a brightness */
    EDGE_LINE_PX = EDGE_REACH_PX + 1 + EDGE_MEAN_PX,
};

enum edge_way { EDGE_LEFT, EDGE_RIGHT, EDGE_UP, EDGE_DOWN };

/* What is seen along lines. */
struct edge_look {
    edge_bytes likeness, outer, inner;
};

/* Green at each distance towards the edge and away from it. */
struct edge_line {
    edge_bytes outer[EDGE_LINE_PX], inner[EDGE_LINE_PX];
};

static inline uint8_t *green_of(const struct edge_rows *edges, int y)
{
    return edges->green[y & (EDGE_GREEN_ROWS - 1)];
}

/* Row y, which may be beyond the image: its border repeats. */
static void copy_green(const struct image_view *green, int y, struct edge_rows *edges)
{
    int width_px = green->width_px;
    uint8_t *copy = green_of(edges, y);
    const uint8_t *row = image_row(green, clamp(y, 0, green->height_px - 1));
    memcpy(copy, row, (size_t)width_px);
    memset(copy - EDGE_LINE_PX, row[0], EDGE_LINE_PX);
    memset(copy + width_px, row[width_px - 1], EDGE_LINE_PX);
}

/* The rows that lines of row y lie in. Whoever goes on from the row before needs one. */
static void enter_green(const struct image_view *green, int y, bool follows,
                        struct edge_rows *edges)
{
    int last = y + EDGE_LINE_PX;
    for (int at = follows ? last : y - EDGE_LINE_PX; at <= last; at++)
        copy_green(green, at, edges);
}

static inline void load_lines(const struct edge_rows *edges, int x, int y, edge_bytes way,
                              struct edge_line *line)
{
    const uint8_t *row = green_of(edges, y) + x;
    edge_bytes upright = (edge_bytes)(way > all_bytes(EDGE_RIGHT));
    edge_bytes forth = (edge_bytes)((way & 1) != 0); /* right or down */
    line->outer[0] = line->inner[0] = load_bytes(row);
    EDGE_WRITE_OUT
    for (int i = 1; i < EDGE_LINE_PX; i++) {
        edge_bytes after = pick_bytes(upright, load_bytes(green_of(edges, y + i) + x),
                                      load_bytes(row + i));
        edge_bytes before = pick_bytes(upright, load_bytes(green_of(edges, y - i) + x),
                                       load_bytes(row - i));
        line->outer[i] = pick_bytes(forth, after, before);
        line->inner[i] = pick_bytes(forth, before, after);
    }
}

/* How far the line's begin is from the mean of three pixels that begin at `first`, where
 * that is one of from .. to. */
static inline void apart_from_means(const edge_bytes line[EDGE_LINE_PX], edge_bytes first,
                                    int from, int to, edge_shorts apart[EDGE_HALVES])
{
    enum { THIRD = 21846 }; /* of 2^16, rounded up: exact for sums of three bytes */
    edge_bytes three[EDGE_MEAN_PX] = {line[from], line[from + 1], line[from + 2]};
    EDGE_WRITE_OUT
    for (int i = from + 1; i <= to; i++)
        EDGE_WRITE_OUT
    for (int k = 0; k < EDGE_MEAN_PX; k++)
        three[k] = pick_bytes((edge_bytes)(first == all_bytes(i)), line[i + k], three[k]);
    EDGE_WRITE_OUT
    for (int k = 0; k < EDGE_HALVES; k++) {
        edge_shorts sum =
            widen_half(three[0], k) + widen_half(three[1], k) + widen_half(three[2], k);
        edge_shorts difference = widen_half(line[0], k) - times_of_65536(sum, THIRD);
        apart[k] = higher_shorts(difference, -difference);
    }
}

/* The largest step of the first `distance` ones, where that is one of from .. to. */
static inline edge_bytes largest_step(const edge_bytes line[EDGE_LINE_PX],
                                      edge_bytes distance, int from, int to)
{
    edge_bytes most = bytes_apart(line[0], line[1]), picked = most;
    EDGE_WRITE_OUT
    for (int i = 2; i <= to; i++) {
        most = higher_bytes(most, bytes_apart(line[i], line[i - 1]));
        picked = i <= from
                     ? most
                     : pick_bytes((edge_bytes)(distance == all_bytes(i)), most, picked);
    }
    return picked;
}

/* Along the lines of pixels whose edges are `distance` away, 1 .. EDGE_REACH_PX, on
 * `way`; others get what means nothing. */
static inline void look_along(const struct edge_rows *edges, int x, int y, edge_bytes way,
                              edge_bytes distance, struct edge_look *look)
{
    enum { INSIDE = EDGE_INNER_PX + 2, INSIDE_LEAST = 2 };
    struct edge_line line;
    edge_shorts far[EDGE_HALVES], near[EDGE_HALVES];
    edge_bytes inside = all_bytes(INSIDE) - distance; /* below the least: the least */
    load_lines(edges, x, y, way, &line);
    apart_from_means(line.outer, distance + 1, 2, EDGE_REACH_PX + 1, far);
    apart_from_means(line.inner, inside, INSIDE_LEAST, INSIDE - 1, near);
    EDGE_WRITE_OUT
    for (int k = 0; k < EDGE_HALVES; k++) {
        edge_shorts more = far[k] - near[k];
        far[k] = ((more - (more >> 15)) >> 1) + EDGE_EVEN; /* rounds towards zero */
    }
    look->likeness = narrow_halves(far[0], far[1]);
    look->outer = largest_step(line.outer, distance + 1, 2, EDGE_REACH_PX + 1);
    look->inner = largest_step(line.inner, distance, EDGE_INNER_PX, EDGE_INNER_PX);
}

#endif
