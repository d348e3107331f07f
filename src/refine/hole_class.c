/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Occlusion or mismatch: a hole is a mismatch when some right-image pixel claims it as
 * its match, and an occlusion, seen by the left camera only, when none does
 * (Hirschmueller, Stereo processing by semiglobal matching and mutual information, 2008,
 * section 2.6).
 */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "refine/row_scan.h"
#include "refine/steps.h"

enum {
    CLAIM_TOLERANCE = 24, /* 1.5 px in sixteenths */
    CLAIM_SPREAD = 4,
};

/* Claims may land beside the row: by at most the range and the tolerance. */
static size_t overhang(struct disparity_range range)
{
    int reach = abs(range.min_px) > abs(range.min_px + range.count)
                    ? abs(range.min_px)
                    : abs(range.min_px + range.count);
    return (size_t)reach + CLAIM_SPREAD;
}

size_t classify_holes_bytes(int width_px, struct disparity_range range)
{
    return scratch_size((size_t)width_px + 2 * overhang(range));
}

/* Marks each left pixel x for which a k has |right[x - k] - k| <= 1.5 px: three whole
 * pixels, and a fourth when both ends of that interval are whole. */
static void mark_claimed(const int16_t *right, int width_px, uint8_t *claimed)
{
    for (int x = 0; x < width_px; x++) {
        int value = right[x];
        if (value == DISPARITY_INVALID)
            continue;
        uint8_t *first =
            claimed + x +
            ((value - CLAIM_TOLERANCE + DISPARITY_SCALE - 1) >> DISPARITY_FRACTION_BITS);
        first[0] = 1;
        first[1] = 1;
        first[2] = 1;
        first[3] |= (value & (DISPARITY_SCALE - 1)) == DISPARITY_SCALE / 2;
    }
}

/*
 * Without a right map: between background d_l on the left and foreground d_r on the right
 * beginning at `end`, the background pixels x with x - d_l >= end - d_r are hidden from
 * the right camera. So are pixels whose match would lie left of the right image.
 */
static void mark_claimed_by_geometry(const int16_t *row, int width_px, uint8_t *claimed)
{
    memset(claimed, 1, (size_t)width_px);
    int16_t left = DISPARITY_INVALID;
    for (int x = 0; x < width_px;) {
        if (row[x] != DISPARITY_INVALID) {
            left = row[x++];
            continue;
        }
        int end = x;
        while (end < width_px && row[end] == DISPARITY_INVALID)
            end++;
        int occluded_from = end;
        if (left == DISPARITY_INVALID && end < width_px)
            occluded_from = row[end] > x * DISPARITY_SCALE ? x : end;
        else if (end < width_px && row[end] > left + DISPARITY_SCALE)
            occluded_from = end - (row[end] - left) / DISPARITY_SCALE;
        for (; x < end; x++)
            claimed[x] = x < occluded_from;
    }
}

static void classify_row(const int16_t *row, int width_px, const uint8_t *claimed,
                         uint8_t *restrict classes, struct hole_counts *counts)
{
    enum { AT_ONCE = 128 };
    uint32_t measured = 0, occlusions = 0;
    for (int x = 0; x < width_px; x++) {
        uint8_t hole = claimed[x] ? PIXEL_FILLED_MISMATCH : PIXEL_FILLED_OCCLUSION;
        classes[x] = row[x] != DISPARITY_INVALID ? PIXEL_MEASURED : hole;
    }
    for (int first = 0; first < width_px; first += AT_ONCE) {
        int count = minimum(AT_ONCE, width_px - first);
        uint8_t of_measured[AT_ONCE], of_occlusions[AT_ONCE];
        for (int i = 0; i < count; i++) {
            of_measured[i] = classes[first + i] == PIXEL_MEASURED;
            of_occlusions[i] = classes[first + i] == PIXEL_FILLED_OCCLUSION;
        }
        measured += count_marked(of_measured, count);
        occlusions += count_marked(of_occlusions, count);
    }
    counts->measured += measured;
    counts->occlusions += occlusions;
    counts->mismatches += (uint32_t)width_px - measured - occlusions;
}

enum po_status classify_holes(const struct hole_maps *maps, struct scratch *scratch,
                              struct image_view *classes, struct hole_counts *counts,
                              struct po_error *error)
{
    const struct disparity_map *map = maps->map;
    const struct disparity_map *right = maps->right;
    size_t mark = scratch_mark(scratch);
    int width_px = map->width_px;
    size_t bytes = (size_t)width_px + 2 * overhang(maps->range);
    uint8_t *marks = scratch_take(scratch, bytes);
    if (marks == NULL)
        return scratch_exhausted(scratch, "hole classes", error);
    uint8_t *claimed = marks + overhang(maps->range);
    *counts = (struct hole_counts){0};
    for (int y = 0; y < map->height_px; y++) {
        const int16_t *row = disparity_row(map, y);
        memset(marks, 0, bytes);
        if (right->values != NULL)
            mark_claimed(disparity_row(right, y), width_px, claimed);
        else
            mark_claimed_by_geometry(row, width_px, claimed);
        classify_row(row, width_px, claimed, image_row(classes, y), counts);
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
