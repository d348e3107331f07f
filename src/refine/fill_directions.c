/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills from the nearest values around a hole. One pass down the map carries the nearest
 * value from the left and from the three directions above in row buffers, and keeps them
 * for each block of pixels that has a hole; one pass up does the same from the other side
 * and settles the holes of each block.
 */
#include "base/number.h"
#include "refine/directions.h"
#include "refine/row_scan.h"
#include "refine/steps.h"

enum { BLOCK_PX = DIRECTION_BLOCK_PX, FRONT_ROWS = 4, SIDE = DIRECTIONS_A_SIDE };

/* What both passes need of a row: whole blocks, without holes behind its end. */
struct row_holes {
    uint8_t *holes;
    int16_t *nearest; /* along the row, at its holes */
};

struct fill {
    const struct row_kernels *kernels;
    int width_px;
    struct direction_front front;
    struct row_holes row;
};

static size_t padded(int width_px)
{
    size_t blocks = ((size_t)width_px + BLOCK_PX - 1) / BLOCK_PX;
    return blocks * BLOCK_PX;
}

static size_t front_count(int width_px)
{
    return padded(width_px) + 2;
}

static size_t block_count(int width_px, int height_px)
{
    return padded(width_px) / BLOCK_PX * (size_t)height_px;
}

size_t fill_directions_bytes(int width_px, int height_px)
{
    size_t front = scratch_array_size(front_count(width_px), sizeof(int16_t));
    size_t kept = scratch_array_size(block_count(width_px, height_px),
                                     sizeof(struct direction_block));
    size_t holes = scratch_size(padded(width_px) + ROW_SCAN_PAD);
    size_t nearest = scratch_array_size(padded(width_px), sizeof(int16_t));
    return scratch_sum(scratch_sum(kept, scratch_sum(holes, nearest)),
                       scratch_array_size(FRONT_ROWS, front));
}

static bool take_front(struct scratch *scratch, int width_px,
                       struct direction_front *front)
{
    int16_t **rows[FRONT_ROWS] = {&front->straight, &front->from_left, &front->from_right,
                                  &front->spare};
    for (int i = 0; i < FRONT_ROWS; i++) {
        *rows[i] = scratch_take_array(scratch, front_count(width_px), sizeof(int16_t));
        if (*rows[i] == NULL)
            return false;
    }
    return true;
}

static bool take_row(struct scratch *scratch, int width_px, struct row_holes *row)
{
    size_t bytes = padded(width_px) + ROW_SCAN_PAD;
    row->holes = scratch_take(scratch, bytes);
    row->nearest = scratch_take_array(scratch, padded(width_px), sizeof(int16_t));
    if (row->holes == NULL || row->nearest == NULL)
        return false;
    memset(row->holes, 0, bytes);
    memset(row->nearest, 0, padded(width_px) * sizeof(int16_t));
    return true;
}

static void clear_front(struct direction_front *front, int width_px)
{
    int16_t *rows[FRONT_ROWS] = {front->straight, front->from_left, front->from_right,
                                 front->spare};
    for (int i = 0; i < FRONT_ROWS; i++)
        for (size_t x = 0; x < front_count(width_px); x++)
            rows[i][x] = DISPARITY_INVALID;
}

/* The first pixel of the first block from x on that has a hole. */
static int next_block(const uint8_t *holes, int x, int width_px)
{
    x = next_marked(holes, x, width_px);
    return x < width_px ? x / BLOCK_PX * BLOCK_PX : width_px;
}

/* The nearest value before each hole of the row, or behind it. */
static void find_nearest(struct row_holes *row, const int16_t *values, int width_px,
                         bool behind)
{
    for (int x = next_marked(row->holes, 0, width_px); x < width_px;
         x = next_marked(row->holes, x, width_px)) {
        int end = x + 1;
        while (end < width_px && row->holes[end])
            end++;
        int from = behind ? end : x - 1;
        int16_t value =
            from >= 0 && from < width_px ? values[from] : (int16_t)DISPARITY_INVALID;
        for (; x < end; x++)
            row->nearest[x] = value;
    }
}

static void keep_block(const struct fill *fill, int x, struct direction_block *block)
{
    const int16_t *rows[SIDE] = {fill->row.nearest + x, fill->front.straight + x + 1,
                                 fill->front.from_left + x + 1,
                                 fill->front.from_right + x + 1};
    for (int i = 0; i < SIDE; i++)
        memcpy(block->values[i], rows[i], sizeof(block->values[i]));
}

/* Settles the holes of a block. */
static void settle_block(const struct fill *fill, const struct direction_block *above,
                         const uint8_t *classes, int x, int16_t *row)
{
    struct direction_block below;
    int16_t fills[BLOCK_PX];
    uint8_t own[BLOCK_PX] = {0};
    const uint8_t *holes = fill->row.holes + x;
    int count = minimum(fill->width_px - x, BLOCK_PX);
    keep_block(fill, x, &below);
    memcpy(own, classes + x, (size_t)count);
    fill->kernels->direction_fills(above, &below, own, fills);
    for (int i = 0; i < count; i++)
        row[x + i] = holes[i] ? fills[i] : row[x + i];
}

/* The row's own values arrive, and its holes are found. */
static void enter_row(struct fill *fill, const int16_t *row, bool behind)
{
    fill->kernels->direction_advance(row, fill->width_px, &fill->front);
    mark_holes(row, fill->width_px, fill->row.holes);
    find_nearest(&fill->row, row, fill->width_px, behind);
}

static struct direction_block *keep_row(struct fill *fill, const int16_t *row,
                                        struct direction_block *kept)
{
    enter_row(fill, row, false);
    for (int x = next_block(fill->row.holes, 0, fill->width_px); x < fill->width_px;
         x = next_block(fill->row.holes, x + BLOCK_PX, fill->width_px))
        keep_block(fill, x, kept++);
    return kept;
}

/* `kept` ends with the blocks of this row. */
static const struct direction_block *settle_row(struct fill *fill, const uint8_t *classes,
                                                int16_t *row,
                                                const struct direction_block *kept)
{
    int blocks = 0;
    enter_row(fill, row, true);
    for (int x = next_block(fill->row.holes, 0, fill->width_px); x < fill->width_px;
         x = next_block(fill->row.holes, x + BLOCK_PX, fill->width_px))
        blocks++;
    kept -= blocks;
    blocks = 0;
    for (int x = next_block(fill->row.holes, 0, fill->width_px); x < fill->width_px;
         x = next_block(fill->row.holes, x + BLOCK_PX, fill->width_px))
        settle_block(fill, &kept[blocks++], classes, x, row);
    return kept;
}

enum po_status fill_directions(struct disparity_map *map,
                               const struct image_view *classes,
                               const struct row_kernels *kernels, struct scratch *scratch,
                               struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    int width_px = map->width_px;
    struct fill fill = {.kernels = kernels, .width_px = width_px};
    struct direction_block *kept =
        scratch_take_array(scratch, block_count(width_px, map->height_px), sizeof(*kept));
    if (kept == NULL || !take_row(scratch, width_px, &fill.row) ||
        !take_front(scratch, width_px, &fill.front))
        return scratch_exhausted(scratch, "the fill from eight directions", error);
    clear_front(&fill.front, width_px);
    for (int y = 0; y < map->height_px; y++)
        kept = keep_row(&fill, disparity_row(map, y), kept);
    clear_front(&fill.front, width_px);
    const struct direction_block *left = kept;
    for (int y = map->height_px - 1; y >= 0; y--)
        left = settle_row(&fill, image_row(classes, y), disparity_row(map, y), left);
    scratch_rewind(scratch, mark);
    return PO_OK;
}
