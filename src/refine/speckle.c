/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speckle filter: connected components by union-find over runs. A run is a stretch of a
 * row whose neighbours differ by at most the step, so a smooth surface costs a few runs a
 * row and not one node a pixel. Runs that stay for their own length are one tree from the
 * start: which of them touch each other does not matter.
 */
#include <stdlib.h>

#include "base/union_find.h"
#include "refine/row_scan.h"
#include "refine/steps.h"

/* Stands for all runs that stay for their own length; it is no run itself. */
enum { LONG_RUNS = 0, LONG_RUNS_PX = 1 << 30 };

/* parents[run] is the run above it in its tree, or minus the tree's pixels at a root. */
struct run_set {
    int max_size_px;
    int32_t *parents;
    uint16_t *starts;
    uint16_t *ends;
    int32_t *row_firsts; /* height + 1: the first run of each row */
    int32_t count;
};

static size_t pixel_count(int width_px, int height_px)
{
    return (size_t)width_px * (size_t)height_px;
}

size_t speckle_bytes(int width_px, int height_px)
{
    size_t runs = pixel_count(width_px, height_px) + 1; /* at worst one a pixel */
    size_t ends = scratch_array_size(runs, sizeof(uint16_t));
    size_t bytes = scratch_array_size(runs, sizeof(int32_t));
    bytes = scratch_sum(bytes, scratch_sum(ends, ends));
    bytes =
        scratch_sum(bytes, scratch_array_size((size_t)height_px + 1, sizeof(int32_t)));
    return scratch_sum(bytes, scratch_size((size_t)width_px + ROW_SCAN_PAD));
}

/* breaks[x] = 1 where pixel x does not continue the run of x - 1; a hole is a run too. */
static void mark_breaks(const int16_t *row, int width_px, int max_step,
                        uint8_t *restrict breaks)
{
    breaks[0] = 1;
    for (int x = 1; x < width_px; x++) {
        int step = row[x] - row[x - 1];
        breaks[x] = (step > max_step) | (step < -max_step) |
                    ((row[x] == DISPARITY_INVALID) != (row[x - 1] == DISPARITY_INVALID));
    }
}

static void find_runs(struct run_set *set, const int16_t *row, int width_px, int max_step,
                      uint8_t *breaks)
{
    mark_breaks(row, width_px, max_step, breaks);
    for (int x = 0; x < width_px;) {
        int start = x;
        x = next_marked(breaks, x + 1, width_px);
        if (row[start] == DISPARITY_INVALID)
            continue;
        int32_t run = set->count++;
        set->starts[run] = (uint16_t)start;
        set->ends[run] = (uint16_t)x;
        set->parents[run] = x - start > set->max_size_px ? LONG_RUNS : start - x;
    }
}

static bool touch(const int16_t *above, const int16_t *row, int start, int end,
                  int max_step)
{
    for (int x = start; x < end; x++)
        if (abs(above[x] - row[x]) <= max_step)
            return true;
    return false;
}

/* Joins the runs of row y with those of the row above that they touch. */
static void join_rows(struct run_set *set, const struct disparity_map *map, int y,
                      int max_step)
{
    const int16_t *above = disparity_row(map, y - 1);
    const int16_t *row = disparity_row(map, y);
    int32_t upper = set->row_firsts[y - 1];
    int32_t lower = set->row_firsts[y];
    while (upper < set->row_firsts[y] && lower < set->count) {
        int start = set->starts[upper] > set->starts[lower] ? set->starts[upper]
                                                            : set->starts[lower];
        int end =
            set->ends[upper] < set->ends[lower] ? set->ends[upper] : set->ends[lower];
        if (start < end) {
            int32_t a = union_find_root(set->parents, upper);
            int32_t b = union_find_root(set->parents, lower);
            if (a != b && touch(above, row, start, end, max_step))
                (void)union_find_join_roots(set->parents, a, b);
        }
        bool upper_ends = set->ends[upper] < set->ends[lower];
        upper += upper_ends; /* without a branch: as good as random */
        lower += !upper_ends;
    }
}

static uint64_t erase_small(struct run_set *set, struct disparity_map *map)
{
    uint64_t dropped = 0;
    for (int y = 0; y < map->height_px; y++) {
        int16_t *row = disparity_row(map, y);
        for (int32_t run = set->row_firsts[y]; run < set->row_firsts[y + 1]; run++) {
            if (-set->parents[union_find_root(set->parents, run)] > set->max_size_px)
                continue;
            for (int x = set->starts[run]; x < set->ends[run]; x++)
                row[x] = DISPARITY_INVALID;
            dropped += (uint64_t)(set->ends[run] - set->starts[run]);
        }
    }
    return dropped;
}

enum po_status speckle_filter(struct disparity_map *map, int max_size_px, int max_step,
                              struct scratch *scratch, uint64_t *dropped,
                              struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    size_t runs = pixel_count(map->width_px, map->height_px) + 1;
    struct run_set set = {
        .max_size_px = max_size_px,
        .parents = scratch_take_array(scratch, runs, sizeof(int32_t)),
        .starts = scratch_take_array(scratch, runs, sizeof(uint16_t)),
        .ends = scratch_take_array(scratch, runs, sizeof(uint16_t)),
        .row_firsts =
            scratch_take_array(scratch, (size_t)map->height_px + 1, sizeof(int32_t)),
    };
    uint8_t *breaks = scratch_take(scratch, (size_t)map->width_px + ROW_SCAN_PAD);
    if (set.row_firsts == NULL || breaks == NULL)
        return scratch_exhausted(scratch, "the speckle filter", error);
    set.parents[set.count++] = -LONG_RUNS_PX;
    for (int y = 0; y < map->height_px; y++) {
        set.row_firsts[y] = set.count;
        find_runs(&set, disparity_row(map, y), map->width_px, max_step, breaks);
        if (y > 0)
            join_rows(&set, map, y, max_step);
    }
    set.row_firsts[map->height_px] = set.count;
    *dropped = erase_small(&set, map);
    scratch_rewind(scratch, mark);
    return PO_OK;
}
