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

#include "base/number.h"
#include "refine/median_filter.h"
#include "refine/row_scan.h"
#include "refine/steps.h"

static size_t half_width(int width_px)
{
    return ((size_t)width_px + 1) / 2 + 2 * (size_t)PAD_PX;
}

/* The rows a window spans, and one that weighs nothing. */
static size_t ring_rows(int radius_px)
{
    return 2 * (size_t)radius_px + 2;
}

/* Both parities of one plane of all rows. */
static size_t plane_count(int width_px, int radius_px)
{
    return 2 * ring_rows(radius_px) * half_width(width_px);
}

static size_t values_bytes(int width_px, int radius_px)
{
    return scratch_array_size(plane_count(width_px, radius_px), sizeof(int16_t));
}

static size_t looks_bytes(int width_px, int radius_px)
{
    return scratch_array_size(plane_count(width_px, radius_px), sizeof(uint32_t));
}

static size_t marks_bytes(int width_px)
{
    return scratch_size((size_t)width_px + ROW_SCAN_PAD);
}

static size_t spans_bytes(int width_px)
{
    return scratch_array_size(2 * ((size_t)width_px + 2), sizeof(int16_t));
}

size_t weighted_median_bytes(int width_px, int radius_px)
{
    size_t ring =
        scratch_sum(values_bytes(width_px, radius_px), looks_bytes(width_px, radius_px));
    return scratch_sum(
        scratch_array_size(ring_rows(radius_px), sizeof(struct split_row)),
        scratch_sum(ring, scratch_sum(marks_bytes(width_px), spans_bytes(width_px))));
}

static bool take_ring(struct scratch *scratch, int width_px, struct median_filter *filter)
{
    size_t half = half_width(width_px);
    filter->ring = scratch_take_array(scratch, ring_rows(filter->radius_px),
                                      sizeof(struct split_row));
    int16_t *values =
        scratch_take_zeroed(scratch, values_bytes(width_px, filter->radius_px));
    uint32_t *looks =
        scratch_take_zeroed(scratch, looks_bytes(width_px, filter->radius_px));
    if (filter->ring == NULL || values == NULL || looks == NULL)
        return false;
    for (int i = 0; i <= filter->rows; i++) {
        for (int parity = 0; parity < 2; parity++, values += half, looks += half) {
            filter->ring[i].values[parity] = values;
            filter->ring[i].looks[parity] = looks;
        }
    }
    return true;
}

/* exp(-distance / 5) of each tap, in 255ths. */
static void init_spatial_weights(struct median_filter *filter)
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

static void load_row(const struct median_filter *filter, const struct median_views *views,
                     int y)
{
    views->kernels->median_load(
        &(struct median_source){disparity_row(views->source, y),
                                image_row(views->classes, y), image_row(views->guide, y)},
        views->source->width_px, views->guide->channels, &filter->ring[y % filter->rows]);
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
    filter->own = &filter->ring[y % filter->rows];
    for (int j = 0; j < TAPS_MAX; j++) {
        int from = y + 2 * j - filter->radius_px;
        bool inside = j < filter->taps && from >= 0 && from < height_px;
        const struct split_row *row =
            &filter->ring[inside ? from % filter->rows : filter->rows];
        for (int parity = 0; parity < 2; parity++) {
            filter->around.values[parity][j] = row->values[parity];
            filter->around.looks[parity][j] = row->looks[parity];
        }
    }
}

enum po_status weighted_median(const struct median_views *views, int radius_px,
                               struct scratch *scratch, struct disparity_map *target,
                               struct row_tally *visited, struct po_error *error)
{
    const struct disparity_map *source = views->source;
    size_t mark = scratch_mark(scratch);
    struct median_filter filter = {
        .radius_px = radius_px, .taps = radius_px + 1, .rows = 2 * radius_px + 1};
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
