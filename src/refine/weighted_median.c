/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weighted median: at filled pixels off planes and at depth edges, the median of a
 * quincunx of pixels around, each weighing by its range weight, its spatial weight and
 * whether it was measured (after Ma, He, Wei, Sun, Wu, Constant time weighted median
 * filtering for stereo matching and beyond, 2013).
 *
 * A lattice has every fourth pixel of every second row, two pixels on in the rows
 * between: 32 samples, an eighth of a window's pixels. With both of its lattices a window
 * has every second pixel of these rows: twice the work, for 0.02 points of bad1 and bad2
 * in one pass, but 0.05 where a second pass builds on the first.
 *
 * The rows around are kept split by columns modulo 4: a window's row is then one short
 * stretch of memory, and weighing it and halving the range of values are vector code:
 * plain loops over 16-bit lanes (median_loops.h), or of bytes (median_avx2.c).
 */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "refine/median_filter.h"
#include "refine/row_scan.h"
#include "refine/steps.h"

static size_t part_width(int width_px)
{
    return ((size_t)width_px + PARTS - 1) / PARTS + (size_t)PAD + (size_t)PAD;
}

static size_t ring_count(int width_px)
{
    return (MEDIAN_RING_ROWS + (size_t)1) * PARTS * part_width(width_px);
}

static size_t marks_bytes(int width_px)
{
    return scratch_size((size_t)width_px + ROW_SCAN_PAD);
}

static size_t spans_bytes(int width_px)
{
    return scratch_array_size(2 * ((size_t)width_px + 2), sizeof(int16_t));
}

size_t weighted_median_bytes(int width_px)
{
    size_t count = ring_count(width_px);
    size_t ring = scratch_sum(scratch_array_size(count, sizeof(int16_t)),
                              scratch_array_size(count, sizeof(uint32_t)));
    return scratch_sum(ring, scratch_sum(marks_bytes(width_px), spans_bytes(width_px)));
}

static bool take_ring(struct scratch *scratch, int width_px, struct median_filter *filter)
{
    size_t count = ring_count(width_px);
    ptrdiff_t row = PARTS * (ptrdiff_t)part_width(width_px);
    int16_t *values =
        scratch_take_zeroed(scratch, scratch_array_size(count, sizeof(int16_t)));
    uint32_t *looks =
        scratch_take_zeroed(scratch, scratch_array_size(count, sizeof(uint32_t)));
    if (values == NULL || looks == NULL)
        return false;
    filter->part = (ptrdiff_t)part_width(width_px);
    for (int i = 0; i <= MEDIAN_RING_ROWS; i++)
        filter->ring[i] = (struct split_row){values + i * row, looks + i * row};
    return true;
}

/* exp(-distance / reach) of each sample, in 255ths. Fewer samples need to reach farther.
 */
static void init_spatial_weights(struct median_filter *filter)
{
    double reach_px = filter->lattices == 1 ? 9 : 5;
    for (int i = 0; i < filter->lattices * LATTICE_PX; i++) {
        int row = i % LATTICE_PX / WINDOW_COLUMNS;
        int dx = window_column(i / LATTICE_PX, row) + PARTS * (i % WINDOW_COLUMNS);
        int dy = 2 * row - WINDOW_RADIUS_PX;
        double weight = exp(-sqrt((double)(dx * dx + dy * dy)) / reach_px);
        filter->spatial_weights[i] = (uint16_t)lround(weight * 255);
    }
}

static void load_row(const struct median_filter *filter, const struct median_views *views,
                     int y)
{
    views->kernels->median_load(
        &(struct median_source){disparity_row(views->source, y),
                                image_row(views->classes, y), image_row(views->guide, y)},
        views->source->width_px, views->guide->channels, filter, y % MEDIAN_RING_ROWS);
}

/* marks[x] = whether the pixel is to be filtered. */
static uint32_t mark_row(const struct median_views *views, int y, int16_t *spans,
                         uint8_t *marks)
{
    const struct disparity_map *map = views->source;
    const int16_t *rows[3];
    for (int i = 0; i < 3; i++)
        rows[i] = disparity_row(map, clamp(y + i - 1, 0, map->height_px - 1));
    return views->kernels->median_marks(rows, image_row(views->classes, y), map->width_px,
                                        spans, marks);
}

static void find_rows(struct median_filter *filter, int y, int height_px)
{
    filter->own = &filter->ring[y % MEDIAN_RING_ROWS];
    for (int j = 0; j < WINDOW_ROWS; j++) {
        int from = y + 2 * j - WINDOW_RADIUS_PX;
        bool inside = from >= 0 && from < height_px;
        filter->around[j] =
            &filter->ring[inside ? from % MEDIAN_RING_ROWS : MEDIAN_RING_ROWS];
    }
}

enum po_status weighted_median(const struct median_views *views, int lattices,
                               struct scratch *scratch, struct disparity_map *target,
                               struct row_tally *visited, struct po_error *error)
{
    const struct disparity_map *source = views->source;
    size_t mark = scratch_mark(scratch);
    struct median_filter filter = {.lattices = lattices};
    uint8_t *marks = scratch_take(scratch, marks_bytes(source->width_px));
    int16_t *spans = scratch_take(scratch, spans_bytes(source->width_px));
    if (!take_ring(scratch, source->width_px, &filter) || marks == NULL || spans == NULL)
        return scratch_exhausted(scratch, "the weighted median", error);
    init_spatial_weights(&filter);
    visited->pixels = 0;
    int loaded = 0;
    for (int y = 0; y < source->height_px; y++) {
        for (; loaded < source->height_px && loaded <= y + WINDOW_RADIUS_PX; loaded++)
            load_row(&filter, views, loaded);
        uint32_t count = mark_row(views, y, spans, marks);
        find_rows(&filter, y, source->height_px);
        if (count > 0)
            views->kernels->median_row(&filter, marks, source->width_px,
                                       disparity_row(target, y));
        if (y >= visited->first_row && y < visited->end_row)
            visited->pixels += count;
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
