/* SPDX-License-Identifier: Apache-2.0 */
#include "rectify/corner_rows.h"

#include <math.h>
#include <string.h>

enum { WINDOW = 2 * CORNER_RADIUS_PX + 1 };

static size_t row_bytes(int width_px)
{
    return scratch_array_size((size_t)width_px, sizeof(int32_t));
}

size_t corner_rows_bytes(int width_px)
{
    size_t moments = scratch_array_size((size_t)width_px * WINDOW, sizeof(int32_t));
    size_t each = scratch_sum(moments, row_bytes(width_px));
    return scratch_sum(scratch_sum(each, scratch_sum(each, each)), row_bytes(width_px));
}

enum po_status corner_rows_take(struct scratch *scratch, const struct image_view *image,
                                struct corner_rows *rows, struct po_error *error)
{
    size_t width = (size_t)image->width_px;
    *rows = (struct corner_rows){.image = *image, .next_row = 1};
    for (int i = 0; i < CORNER_MOMENTS; i++) {
        rows->moments[i] = scratch_take_array(scratch, width * WINDOW, sizeof(int32_t));
        rows->column_sums[i] = scratch_take_array(scratch, width, sizeof(int32_t));
        if (rows->column_sums[i] == NULL)
            return scratch_exhausted(scratch, "corners", error);
        memset(rows->moments[i], 0, width * WINDOW * sizeof(int32_t));
        memset(rows->column_sums[i], 0, width * sizeof(int32_t));
    }
    rows->strengths = scratch_take_array(scratch, width, sizeof(float));
    return rows->strengths != NULL ? PO_OK : scratch_exhausted(scratch, "corners", error);
}

/* Replaces the oldest row of the window by row y; gradients by central differences. */
static void add_row(struct corner_rows *rows, int y)
{
    int width_px = rows->image.width_px;
    const uint8_t *above = image_row(&rows->image, y - 1);
    const uint8_t *row = image_row(&rows->image, y);
    const uint8_t *below = image_row(&rows->image, y + 1);
    ptrdiff_t slot = (ptrdiff_t)(y % WINDOW) * width_px;
    int32_t *restrict xx = rows->moments[0] + slot;
    int32_t *restrict xy = rows->moments[1] + slot;
    int32_t *restrict yy = rows->moments[2] + slot;
    int32_t *restrict sum_xx = rows->column_sums[0];
    int32_t *restrict sum_xy = rows->column_sums[1];
    int32_t *restrict sum_yy = rows->column_sums[2];
    for (int x = 1; x < width_px - 1; x++) {
        int32_t dx = row[x + 1] - row[x - 1];
        int32_t dy = below[x] - above[x];
        sum_xx[x] += dx * dx - xx[x];
        sum_xy[x] += dx * dy - xy[x];
        sum_yy[x] += dy * dy - yy[x];
        xx[x] = dx * dx;
        xy[x] = dx * dy;
        yy[x] = dy * dy;
    }
}

static float sum_of_five(const int32_t *sums)
{
    return (float)(sums[-2] + sums[-1] + sums[0] + sums[1] + sums[2]);
}

const float *corner_rows_at(struct corner_rows *rows, int y)
{
    for (; rows->next_row <= y + CORNER_RADIUS_PX; rows->next_row++)
        add_row(rows, rows->next_row);
    for (int x = CORNER_MARGIN_PX; x < rows->image.width_px - CORNER_MARGIN_PX; x++) {
        float xx = sum_of_five(rows->column_sums[0] + x);
        float xy = sum_of_five(rows->column_sums[1] + x);
        float yy = sum_of_five(rows->column_sums[2] + x);
        float half_difference = 0.5F * (xx - yy);
        rows->strengths[x] =
            0.5F * (xx + yy) - sqrtf(half_difference * half_difference + xy * xy);
    }
    return rows->strengths;
}
