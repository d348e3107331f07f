/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/steps.h"

enum {
    REACH_PX = 4, /* of the census window */
    PAD_PX = REACH_PX + 1,
};

/* Rows padded by zeros on both sides. */
struct texture_rows {
    uint8_t *steps;  /* whether pixel x differs from x + 1 in its row */
    uint8_t *counts; /* of each column, over the rows of the window */
};

size_t texture_bytes(int width_px)
{
    return 2 * scratch_array_size((size_t)width_px + 2 * PAD_PX, 1);
}

static uint8_t *take_padded(struct scratch *scratch, int width_px)
{
    uint8_t *row = scratch_take_zeroed(scratch, (size_t)width_px + 2 * PAD_PX);
    return row != NULL ? row + PAD_PX : NULL;
}

static inline void find_steps(const uint8_t *row, int channels, int width_px,
                              uint8_t *restrict steps)
{
    for (ptrdiff_t x = 0; x < width_px - 1; x++) {
        int change = 0;
        for (ptrdiff_t c = 0; c < channels; c++)
            change |= row[(x + 1) * channels + c] ^ row[x * channels + c];
        steps[x] = change != 0;
    }
}

/* Adds a row of the guide to the counts, or takes it away; rows outside have no steps. */
static void count_row(const struct image_view *guide, int y, int sign,
                      struct texture_rows *rows)
{
    int width_px = guide->width_px;
    if (y < 0 || y >= guide->height_px)
        return;
    if (guide->channels == 3)
        find_steps(image_row(guide, y), 3, width_px, rows->steps);
    else
        find_steps(image_row(guide, y), 1, width_px, rows->steps);
    uint8_t *restrict counts = rows->counts;
    for (int x = 0; x < width_px; x++)
        counts[x] = (uint8_t)(counts[x] + sign * rows->steps[x]);
}

static uint64_t check_row(int16_t *row, const uint8_t *counts, int width_px)
{
    uint64_t dropped = 0;
    for (int x = 0; x < width_px; x++) {
        int sum = 0;
        for (int dx = -REACH_PX; dx < REACH_PX; dx++)
            sum += counts[x + dx];
        bool drops = sum == 0 && row[x] != DISPARITY_INVALID;
        dropped += drops;
        row[x] = drops ? (int16_t)DISPARITY_INVALID : row[x];
    }
    return dropped;
}

enum po_status texture_check(struct disparity_map *map, const struct image_view *guide,
                             struct scratch *scratch, uint64_t *dropped,
                             struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    struct texture_rows rows = {.steps = take_padded(scratch, map->width_px),
                                .counts = take_padded(scratch, map->width_px)};
    *dropped = 0;
    if (rows.steps == NULL || rows.counts == NULL)
        return scratch_exhausted(scratch, "the check of texture", error);
    for (int y = 0; y < REACH_PX; y++)
        count_row(guide, y, 1, &rows);
    for (int y = 0; y < map->height_px; y++) {
        count_row(guide, y + REACH_PX, 1, &rows);
        count_row(guide, y - REACH_PX - 1, -1, &rows);
        *dropped += check_row(disparity_row(map, y), rows.counts, map->width_px);
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
