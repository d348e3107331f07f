/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a doubtful plane holds. A segment of which only half lies on its plane runs over
 * several surfaces: among holes without a neighbour on the plane it is wrong more often
 * than what fills them otherwise, beside such neighbours it is not.
 *
 * One pass down the map carries, for each column of holes, the segment on whose plane the
 * nearest value above lies, and one pass up does the same from below. Only holes and the
 * values at their ends are looked at.
 */
#include <math.h>

#include "refine/plane_segment.h"
#include "refine/row_scan.h"

enum { ON_NO_PLANE = -1 };

static const float NEAR_PLANE = 24.0F; /* 1.5 px */

size_t plane_beside_bytes(int width_px)
{
    return scratch_sum(scratch_array_size((size_t)width_px, sizeof(int32_t)),
                       scratch_size((size_t)width_px + ROW_SCAN_PAD));
}

/* The label of the segment on whose doubtful plane the value at (x, y) lies. */
static int32_t doubtful_plane_at(const struct plane_holes *holes, int x, int y)
{
    const struct segmentation *segmentation = holes->segmentation;
    int32_t label = label_row(segmentation, y)[x >> segmentation->shift];
    const struct segment *segment = &holes->segments[label];
    if (!segment->accepted || !segment->doubtful)
        return ON_NO_PLANE;
    float value = plane_at(&segment->plane, (float)(x - segment->origin_x),
                           (float)(y - segment->origin_y));
    float apart = fabsf(value - (float)disparity_row(holes->map, y)[x]);
    return apart < NEAR_PLANE ? label : ON_NO_PLANE;
}

/* A row of holes, and for each column the label that came along from the rows before. */
struct beside_row {
    int y;
    const int16_t *before; /* the row before it; NULL: none */
    int before_y;
    int32_t *carried;
    uint8_t *marks;
};

static void mark_stretch(const struct plane_holes *holes, const struct beside_row *row,
                         int first, int end)
{
    const struct segmentation *segmentation = holes->segmentation;
    const int32_t *labels = label_row(segmentation, row->y);
    uint8_t *classes = image_row(holes->classes, row->y);
    int32_t left = first > 0 ? doubtful_plane_at(holes, first - 1, row->y) : ON_NO_PLANE;
    int32_t right =
        end < holes->map->width_px ? doubtful_plane_at(holes, end, row->y) : ON_NO_PLANE;
    for (int x = first; x < end; x++) {
        int32_t label = labels[x >> segmentation->shift];
        if (row->before != NULL && row->before[x] != DISPARITY_INVALID)
            row->carried[x] = doubtful_plane_at(holes, x, row->before_y);
        bool beside = label == left || label == right || label == row->carried[x];
        classes[x] |= beside ? PIXEL_BESIDE_PLANE : 0;
    }
}

static void mark_row(const struct plane_holes *holes, const struct beside_row *row)
{
    int width_px = holes->map->width_px;
    const uint8_t *marks = row->marks;
    mark_holes(disparity_row(holes->map, row->y), width_px, row->marks);
    for (int x = next_marked(marks, 0, width_px); x < width_px;) {
        int end = x;
        while (end < width_px && marks[end])
            end++;
        mark_stretch(holes, row, x, end);
        x = next_marked(marks, end, width_px);
    }
}

/* From row `first` on, each `step` rows further, over the whole map. */
static void mark_rows(const struct plane_holes *holes, int first, int step,
                      struct beside_row *row)
{
    for (int x = 0; x < holes->map->width_px; x++)
        row->carried[x] = ON_NO_PLANE;
    row->before = NULL;
    for (int i = 0; i < holes->map->height_px; i++) {
        row->y = first + i * step;
        mark_row(holes, row);
        row->before = disparity_row(holes->map, row->y);
        row->before_y = row->y;
    }
}

enum po_status plane_beside_mark(const struct plane_holes *holes, struct scratch *scratch,
                                 struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    size_t width = (size_t)holes->map->width_px;
    struct beside_row row = {
        .carried = scratch_take_array(scratch, width, sizeof(int32_t)),
        .marks = scratch_take(scratch, width + ROW_SCAN_PAD),
    };
    if (row.carried == NULL || row.marks == NULL)
        return scratch_exhausted(scratch, "the neighbours of planes", error);
    mark_rows(holes, 0, 1, &row);
    mark_rows(holes, holes->map->height_px - 1, -1, &row);
    scratch_rewind(scratch, mark);
    return PO_OK;
}
