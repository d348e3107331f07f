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

enum { CLAIM_SPREAD = 4, LAST_OF_FOUR = CLAIM_SPREAD - 1 };

/* Claims may land beside the row: by at most the range and the tolerance. */
static size_t overhang(struct disparity_range range)
{
    int reach = abs(range.min_px) > abs(range.min_px + range.count)
                    ? abs(range.min_px)
                    : abs(range.min_px + range.count);
    return (size_t)reach + CLAIM_SPREAD;
}

static size_t claim_count(int width_px, struct disparity_range range)
{
    return (size_t)width_px + 2 * overhang(range);
}

size_t classify_holes_bytes(int width_px, struct disparity_range range)
{
    return scratch_array_size(2, claim_count(width_px, range));
}

/*
 * Without a right map: between background d_l on the left and foreground d_r on the right
 * beginning at `end`, the background pixels x with x - d_l >= end - d_r are hidden from
 * the right camera. So are pixels whose match would lie left of the right image.
 */
static void claim_by_geometry(const int16_t *row, int width_px, uint8_t *claimed)
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

enum po_status classify_holes(const struct hole_maps *maps, struct scratch *scratch,
                              struct image_view *classes, struct hole_counts *counts,
                              struct po_error *error)
{
    const struct disparity_map *map = maps->map;
    const struct disparity_map *right = maps->right;
    size_t mark = scratch_mark(scratch);
    int width_px = map->width_px;
    size_t count = claim_count(width_px, maps->range);
    uint8_t *marks = scratch_take_array(scratch, 2, count);
    if (marks == NULL)
        return scratch_exhausted(scratch, "hole classes", error);
    const struct claim_rows claims = {marks + overhang(maps->range),
                                      marks + count + overhang(maps->range),
                                      -(int)overhang(maps->range)};
    *counts = (struct hole_counts){0};
    for (int y = 0; y < map->height_px; y++) {
        const int16_t *row = disparity_row(map, y);
        memset(marks, 0, 2 * count);
        if (right->values != NULL)
            maps->kernels->claim_row(disparity_row(right, y), width_px, &claims);
        else
            claim_by_geometry(row, width_px, claims.fours - LAST_OF_FOUR);
        maps->kernels->class_row(row, width_px, &claims, image_row(classes, y), counts);
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
