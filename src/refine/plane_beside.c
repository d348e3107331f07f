/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a doubtful plane holds. A segment of which only half lies on its plane runs over
 * several surfaces: among holes without a neighbour on the plane it is wrong more often
 * than what fills them otherwise, beside such neighbours it is not.
 *
 * One pass down the map carries for each column the nearest value above and its row, and
 * one pass up does the same from below: vector code. What lies to the left and right is
 * looked at in the first, once for holes side by side. Only holes of doubtful planes are
 * looked at, and maps without such planes not at all.
 */
#include <math.h>
#include <string.h>

#include "refine/plane_segment.h"
#include "refine/row_scan.h"

enum { NO_ROW = -1, NO_SEGMENT = -1 };

static const float NEAR_PLANE = 24.0F; /* 1.5 px */

size_t plane_beside_bytes(int width_px, size_t segments)
{
    size_t carried = scratch_array_size((size_t)width_px, sizeof(int16_t));
    size_t marks = scratch_size((size_t)width_px + ROW_SCAN_PAD);
    return scratch_sum(scratch_sum(carried, carried),
                       scratch_sum(scratch_sum(marks, marks), scratch_size(segments)));
}

static bool is_doubtful(const struct segment *segment)
{
    return segment->accepted && segment->doubtful;
}

/* By segment; false when no plane is doubtful. */
static bool find_doubtful(const struct plane_holes *holes, uint8_t *doubtful)
{
    bool any = false;
    for (int i = 0; i < holes->segmentation->count; i++) {
        doubtful[i] = is_doubtful(&holes->segments[i]);
        any |= doubtful[i];
    }
    return any;
}

/* The holes of a row, and what came along from the rows before. */
struct beside_row {
    int y;
    const int16_t *values;
    const int32_t *labels;
    int16_t *carried;      /* by column: the nearest value */
    int16_t *carried_from; /* and its row; NO_ROW: none */
    uint8_t *marks;        /* holes of doubtful planes */
    uint8_t *doubtful;     /* by segment: 1 where its plane is doubtful */
    uint8_t *columns;      /* the same by column */
    bool sideways;         /* values beside the holes are looked at */
};

/* carried = the row's own values, else what there was. */
static void carry_row(const int16_t *values, int y, int width_px,
                      int16_t *restrict carried, int16_t *restrict carried_from)
{
    for (int x = 0; x < width_px; x++) {
        int16_t hole = (int16_t) - (values[x] == DISPARITY_INVALID);
        carried[x] = (int16_t)((carried[x] & hole) | (values[x] & ~hole));
        carried_from[x] = (int16_t)((carried_from[x] & hole) | (y & ~hole));
    }
}

static void mark_doubtful_holes(const int16_t *values, const uint8_t *columns,
                                int width_px, uint8_t *restrict marks)
{
    for (int x = 0; x < width_px; x++)
        marks[x] = (values[x] == DISPARITY_INVALID) & columns[x];
}

/* Whether the value at (x, y) is of the labelled segment and near its plane. */
static bool is_near_plane(const struct plane_holes *holes, int32_t label, int x, int y,
                          int16_t value)
{
    const struct segment *segment = &holes->segments[label];
    if (label_row(holes->segmentation, y)[x >> holes->segmentation->shift] != label)
        return false;
    float plane = plane_at(&segment->plane, (float)(x - segment->origin_x),
                           (float)(y - segment->origin_y));
    return fabsf(plane - (float)value) < NEAR_PLANE;
}

/* The nearest column with a value in this direction; its end when there is none. */
static int nearest_value(const int16_t *values, int x, int step, int width_px)
{
    while (x >= 0 && x < width_px && values[x] == DISPARITY_INVALID)
        x += step;
    return x;
}

/* The segment of the value at column x when its plane is near, as of a hole beside;
 * NO_SEGMENT outside of the map. */
static int32_t near_plane_beside(const struct plane_holes *holes,
                                 const struct beside_row *row, int x)
{
    if (x < 0 || x >= holes->map->width_px)
        return NO_SEGMENT;
    int32_t label = row->labels[x >> holes->segmentation->shift];
    return is_near_plane(holes, label, x, row->y, row->values[x]) ? label : NO_SEGMENT;
}

/* Holes first .. end - 1 of doubtful planes, side by side. */
static void mark_stretch(const struct plane_holes *holes, const struct beside_row *row,
                         int first, int end)
{
    int width_px = holes->map->width_px, shift = holes->segmentation->shift;
    uint8_t *classes = image_row(holes->classes, row->y);
    int32_t left = NO_SEGMENT, right = NO_SEGMENT;
    if (row->sideways) {
        left = near_plane_beside(holes, row,
                                 nearest_value(row->values, first - 1, -1, width_px));
        right =
            near_plane_beside(holes, row, nearest_value(row->values, end, 1, width_px));
    }
    for (int x = first; x < end; x++) {
        int32_t label = row->labels[x >> shift];
        int from = row->carried_from[x];
        bool beside = ((label == left) | (label == right)) ||
                      (from != NO_ROW && !(classes[x] & PIXEL_BESIDE_PLANE) &&
                       is_near_plane(holes, label, x, from, row->carried[x]));
        classes[x] |= beside ? PIXEL_BESIDE_PLANE : 0;
    }
}

static void mark_row(const struct plane_holes *holes, const struct beside_row *row)
{
    int width_px = holes->map->width_px;
    const uint8_t *marks = row->marks;
    mark_doubtful_holes(row->values, row->columns, width_px, row->marks);
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
    int width_px = holes->map->width_px;
    for (int x = 0; x < width_px; x++)
        row->carried_from[x] = NO_ROW;
    for (int i = 0; i < holes->map->height_px; i++) {
        row->y = first + i * step;
        row->values = disparity_row(holes->map, row->y);
        const int32_t *labels = label_row(holes->segmentation, row->y);
        bool same = i > 0 && labels == row->labels;
        row->labels = labels;
        if (!same)
            spread_over_columns(labels, row->doubtful, holes->segmentation->shift,
                                width_px, row->columns);
        mark_row(holes, row);
        carry_row(row->values, row->y, width_px, row->carried, row->carried_from);
    }
}

enum po_status plane_beside_mark(const struct plane_holes *holes, struct scratch *scratch,
                                 struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    size_t width = (size_t)holes->map->width_px;
    struct beside_row row = {
        .carried = scratch_take_array(scratch, width, sizeof(int16_t)),
        .carried_from = scratch_take_array(scratch, width, sizeof(int16_t)),
        .marks = scratch_take(scratch, width + ROW_SCAN_PAD),
        .columns = scratch_take(scratch, width + ROW_SCAN_PAD),
        .doubtful = scratch_take(scratch, holes->segment_limit),
    };
    if (row.doubtful == NULL)
        return scratch_exhausted(scratch, "the neighbours of planes", error);
    if (find_doubtful(holes, row.doubtful)) {
        row.sideways = true;
        mark_rows(holes, 0, 1, &row);
        row.sideways = false;
        mark_rows(holes, holes->map->height_px - 1, -1, &row);
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
