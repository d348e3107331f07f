/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mean of 3x3 measured values that lie within 1.5 px of each other: it takes out what
 * steps of a sixteenth and noise leave beside each other, and keeps slanted surfaces,
 * since a window is all measured or stays as it is. Edges, holes and the image's border
 * stay.
 */
#include <stdbool.h>

#include "refine/flat_columns.h"
#include "refine/steps.h"

enum { PAD = 16, SHORT_ROWS = FLAT_SIDE + 3 };

/* Rows of measured values, others DISPARITY_INVALID, and of their columns. */
struct flat_rows {
    int16_t *ring[FLAT_SIDE];
    struct flat_columns columns;
};

static size_t padded_bytes(int width_px)
{
    return scratch_array_size((size_t)width_px + 2 * (size_t)PAD, sizeof(int16_t));
}

size_t flat_mean_bytes(int width_px)
{
    size_t bytes = 0;
    for (int i = 0; i < SHORT_ROWS; i++)
        bytes = scratch_sum(bytes, padded_bytes(width_px));
    return bytes;
}

static void empty_row(int16_t *row, int width_px)
{
    for (int x = -PAD; x < width_px + PAD; x++)
        row[x] = DISPARITY_INVALID;
}

static int16_t *take_empty(struct scratch *scratch, int width_px)
{
    int16_t *row = scratch_take(scratch, padded_bytes(width_px));
    if (row == NULL)
        return NULL;
    empty_row(row + PAD, width_px);
    return row + PAD;
}

static bool take_rows(struct scratch *scratch, int width_px, struct flat_rows *rows)
{
    for (int i = 0; i < FLAT_SIDE; i++)
        rows->ring[i] = take_empty(scratch, width_px);
    rows->columns.low = take_empty(scratch, width_px);
    rows->columns.high = take_empty(scratch, width_px);
    rows->columns.sums = take_empty(scratch, width_px);
    return rows->columns.sums != NULL;
}

static void load_row(const struct flat_views *views, const struct disparity_map *map,
                     int y, int16_t *measured)
{
    if (y < map->height_px)
        views->kernels->flat_load(disparity_row(map, y), image_row(views->classes, y),
                                  map->width_px, measured);
    else
        empty_row(measured, map->width_px);
}

enum po_status flat_mean(const struct flat_views *views, struct scratch *scratch,
                         struct disparity_map *map, struct po_error *error)
{
    struct flat_rows rows;
    size_t mark = scratch_mark(scratch);
    if (!take_rows(scratch, map->width_px, &rows))
        return scratch_exhausted(scratch, "the mean of flat surfaces", error);
    load_row(views, map, 0, rows.ring[2]);
    for (int y = 0; y < map->height_px; y++) {
        int16_t *oldest = rows.ring[0];
        rows.ring[0] = rows.ring[1];
        rows.ring[1] = rows.ring[2];
        rows.ring[2] = oldest;
        load_row(views, map, y + 1, oldest);
        views->kernels->flat_row((const int16_t *const *)rows.ring, &rows.columns,
                                 map->width_px, disparity_row(map, y));
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
