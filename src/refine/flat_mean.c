/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mean of 3x3 measured values that lie within 1.5 px of each other: it takes out what
 * steps of a sixteenth and noise leave beside each other, and keeps slanted surfaces,
 * since a window is all measured or stays as it is. Edges, holes and the image's border
 * stay.
 */
#include <stdbool.h>

#include "refine/steps.h"

enum { SIDE = 3, PAD = 16, FLAT_SPAN = 24, COUNT = SIDE * SIDE, LIFT = 1 << 15 };

/* Rows of measured values, others DISPARITY_INVALID, and of their columns. */
struct flat_rows {
    int16_t *ring[SIDE];
    int16_t *low, *high;
    int32_t *sums;
};

static size_t padded_bytes(int width_px, size_t element_bytes)
{
    return scratch_array_size((size_t)width_px + 2 * (size_t)PAD, element_bytes);
}

size_t flat_mean_bytes(int width_px)
{
    size_t bytes = padded_bytes(width_px, sizeof(int32_t));
    for (int i = 0; i < SIDE + 2; i++)
        bytes = scratch_sum(bytes, padded_bytes(width_px, sizeof(int16_t)));
    return bytes;
}

static int16_t *take_holes(struct scratch *scratch, int width_px)
{
    int16_t *row = scratch_take(scratch, padded_bytes(width_px, sizeof(int16_t)));
    for (int x = 0; row != NULL && x < width_px + 2 * PAD; x++)
        row[x] = DISPARITY_INVALID;
    return row != NULL ? row + PAD : NULL;
}

static bool take_rows(struct scratch *scratch, int width_px, struct flat_rows *rows)
{
    int32_t *sums = scratch_take_zeroed(scratch, padded_bytes(width_px, sizeof(int32_t)));
    for (int i = 0; i < SIDE; i++)
        rows->ring[i] = take_holes(scratch, width_px);
    rows->low = take_holes(scratch, width_px);
    rows->high = take_holes(scratch, width_px);
    rows->sums = sums + PAD;
    return sums != NULL && rows->high != NULL;
}

static void load_row(const struct disparity_map *map, const struct image_view *classes,
                     int y, int16_t *restrict to)
{
    bool inside = y < map->height_px;
    const int16_t *values = disparity_row(map, inside ? y : 0);
    const uint8_t *class = image_row(classes, inside ? y : 0);
    for (int x = 0; x < map->width_px; x++) {
        bool measured = inside & (class[x] == PIXEL_MEASURED);
        to[x] = measured ? values[x] : (int16_t)DISPARITY_INVALID;
    }
}

static int16_t lower(int16_t a, int16_t b)
{
    return a < b ? a : b;
}

static int16_t higher(int16_t a, int16_t b)
{
    return a > b ? a : b;
}

static void measure_columns(const struct flat_rows *rows, int width_px,
                            int16_t *restrict low, int16_t *restrict high,
                            int32_t *restrict sums)
{
    const int16_t *a = rows->ring[0], *b = rows->ring[1], *c = rows->ring[2];
    for (int x = 0; x < width_px; x++) {
        low[x] = lower(a[x], lower(b[x], c[x]));
        high[x] = higher(a[x], higher(b[x], c[x]));
        sums[x] = a[x] + b[x] + c[x];
    }
}

static void average_row(const int16_t *low, const int16_t *high, const int32_t *sums,
                        int width_px, int16_t *restrict values)
{
    for (int x = 0; x < width_px; x++) {
        int least = lower(low[x - 1], lower(low[x], low[x + 1]));
        int most = higher(high[x - 1], higher(high[x], high[x + 1]));
        int sum = sums[x - 1] + sums[x] + sums[x + 1];
        int mean = (int)((uint32_t)(sum + COUNT * LIFT + COUNT / 2) / COUNT) - LIFT;
        bool flat = (least > DISPARITY_INVALID) & (most - least <= FLAT_SPAN);
        values[x] = flat ? (int16_t)mean : values[x];
    }
}

enum po_status flat_mean(const struct image_view *classes, struct scratch *scratch,
                         struct disparity_map *map, struct po_error *error)
{
    struct flat_rows rows;
    size_t mark = scratch_mark(scratch);
    int width = map->width_px;
    if (!take_rows(scratch, width, &rows))
        return scratch_exhausted(scratch, "the mean of flat surfaces", error);
    load_row(map, classes, 0, rows.ring[2]);
    for (int y = 0; y < map->height_px; y++) {
        int16_t *oldest = rows.ring[0];
        rows.ring[0] = rows.ring[1];
        rows.ring[1] = rows.ring[2];
        rows.ring[2] = oldest;
        load_row(map, classes, y + 1, oldest);
        measure_columns(&rows, width, rows.low, rows.high, rows.sums);
        average_row(rows.low, rows.high, rows.sums, width, disparity_row(map, y));
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
