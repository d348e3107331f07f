/* SPDX-License-Identifier: Apache-2.0 */
#include "check/range_histogram.h"

#include <math.h>

/* Measured on 30 scenes with ground truth, see tests/golden/test_auto_range.c. */
enum {
    HISTOGRAM_BINS = 1 << 16,
    MIN_TRUSTED = 200, /* pixels; fewer say nothing about the scene */
    ISLAND_GAP = 8 * DISPARITY_SCALE,
};
static const double MIN_TRUSTED_SHARE = 0.01;
static const double END_SHARE = 0.02;       /* of the trusted */
static const double NEGATIVE_SHARE = 0.005; /* fewer below zero are false matches */
static const double QUANTILE = 0.0005;
static const double ISLAND_SHARE = 0.001;  /* of the trusted */
static const double ISLAND_DISTANCE = 0.5; /* of the span below */
static const double WIDEN = 0.03;          /* of the span, at either end */

/* The value with `rank` values below it. */
static int value_at(const struct range_histogram *histogram, uint64_t rank)
{
    uint64_t below = 0;
    for (int bin = 0; bin < HISTOGRAM_BINS; bin++) {
        below += histogram->bins[bin];
        if (below > rank)
            return bin + INT16_MIN;
    }
    return INT16_MAX;
}

size_t range_histogram_bytes(void)
{
    return scratch_array_size(HISTOGRAM_BINS, sizeof(uint32_t));
}

enum po_status range_histogram_take(struct scratch *scratch,
                                    const struct disparity_map *map,
                                    struct disparity_range searched,
                                    struct range_histogram *histogram,
                                    struct po_error *error)
{
    int end = (searched.min_px + searched.count - 3) * DISPARITY_SCALE;
    *histogram = (struct range_histogram){
        .bins = scratch_take_zeroed(scratch, HISTOGRAM_BINS * sizeof(uint32_t)),
        .pixels = (uint64_t)map->width_px * (uint64_t)map->height_px};
    if (histogram->bins == NULL)
        return scratch_exhausted(scratch, "the range histogram", error);
    for (int y = 0; y < map->height_px; y++) {
        const int16_t *row = disparity_row(map, y);
        for (int x = 0; x < map->width_px; x++) {
            if (row[x] == DISPARITY_INVALID)
                continue;
            histogram->bins[row[x] - INT16_MIN]++;
            histogram->trusted++;
            histogram->negative += row[x] <= -DISPARITY_SCALE / 2;
            histogram->at_end += row[x] >= end;
        }
    }
    return PO_OK;
}

/* A few values below zero in a scene that lies above it are false matches. */
static bool drop_negative(struct range_histogram *histogram)
{
    if ((double)histogram->negative > NEGATIVE_SHARE * (double)histogram->trusted)
        return false;
    for (int bin = 0; bin + INT16_MIN <= -DISPARITY_SCALE / 2; bin++)
        histogram->bins[bin] = 0;
    histogram->trusted -= histogram->negative;
    return true;
}

/* A few values far above all others are a false match, larger than a speckle: it would
 * make the range several times as wide. */
static void drop_islands(struct range_histogram *histogram)
{
    uint64_t limit = (uint64_t)(ISLAND_SHARE * (double)histogram->trusted);
    uint64_t above = 0;
    uint64_t dropped = 0;
    int lowest = 0;
    int last = 0;
    int cut = HISTOGRAM_BINS;
    while (lowest < HISTOGRAM_BINS && histogram->bins[lowest] == 0)
        lowest++;
    for (int bin = HISTOGRAM_BINS - 1; bin >= lowest && above <= limit; bin--) {
        if (histogram->bins[bin] == 0)
            continue;
        double gap = fmax(ISLAND_GAP, ISLAND_DISTANCE * (bin - lowest));
        if (above > 0 && last - bin >= gap) {
            cut = bin + 1;
            dropped = above;
        }
        above += histogram->bins[bin];
        last = bin;
    }
    for (int bin = cut; bin < HISTOGRAM_BINS; bin++)
        histogram->bins[bin] = 0;
    histogram->trusted -= dropped;
}

bool range_histogram_goes_on(const struct range_histogram *histogram)
{
    return (double)histogram->at_end > END_SHARE * (double)histogram->trusted;
}

enum po_status range_histogram_bounds(struct range_histogram *histogram, double floor_px,
                                      int factor, struct range_estimate *estimate,
                                      struct po_error *error)
{
    if (drop_negative(histogram))
        floor_px = fmax(floor_px, 0.0);
    drop_islands(histogram);
    uint64_t trusted = histogram->trusted;
    double share = (double)trusted / (double)histogram->pixels;
    estimate->trusted = trusted;
    if (trusted < MIN_TRUSTED || share < MIN_TRUSTED_SHARE)
        return po_fail(
            error, PO_NO_RANGE,
            "the disparity range cannot be found: only %.1f %% of the pixels match "
            "unambiguously: are the two images of one scene and moment, and rectified? "
            "If "
            "so, give --num-disparities, or --min-depth and --max-depth",
            100.0 * share);
    uint64_t rank = (uint64_t)(QUANTILE * (double)trusted);
    rank = rank > 0 ? rank : 1;
    double low = (double)value_at(histogram, rank) / DISPARITY_SCALE;
    double high = (double)value_at(histogram, trusted - 1 - rank) / DISPARITY_SCALE;
    estimate->low_px = (low - 1.0) * factor - 2.0;
    estimate->high_px = (high + 1.0) * factor + 2.0;
    double widen = WIDEN * (estimate->high_px - estimate->low_px);
    estimate->low_px = fmax(estimate->low_px - widen, floor_px);
    estimate->high_px = fmax(estimate->high_px + widen, estimate->low_px);
    return PO_OK;
}
