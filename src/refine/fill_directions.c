/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills from the nearest values around a hole. One pass down the map carries the nearest
 * value from the left and from the three directions above in row buffers, and keeps them
 * for each hole; one pass up does the same from the other side and settles each hole.
 */
#include "refine/row_scan.h"
#include "refine/steps.h"

enum { SIDE = 4 }; /* directions a pass: along the row, straight, two diagonals */

/* Nearest values that reach the current row; a pad pixel at both ends stays invalid. */
struct front {
    int16_t *straight;
    int16_t *from_left;
    int16_t *from_right;
    int16_t *spare;
};

static size_t padded(int width_px)
{
    return (size_t)width_px + 2;
}

size_t fill_directions_bytes(int width_px, int height_px)
{
    size_t row = scratch_array_size(padded(width_px), sizeof(int16_t));
    size_t kept =
        scratch_array_size((size_t)width_px * (size_t)height_px, SIDE * sizeof(int16_t));
    size_t holes = scratch_size((size_t)width_px + ROW_SCAN_PAD);
    return scratch_sum(scratch_sum(kept, holes), scratch_array_size(4, row));
}

static bool take_front(struct scratch *scratch, int width_px, struct front *front)
{
    int16_t **rows[] = {&front->straight, &front->from_left, &front->from_right,
                        &front->spare};
    for (int i = 0; i < 4; i++) {
        *rows[i] = scratch_take_array(scratch, padded(width_px), sizeof(int16_t));
        if (*rows[i] == NULL)
            return false;
    }
    return true;
}

static void clear_front(struct front *front, int width_px)
{
    int16_t *rows[] = {front->straight, front->from_left, front->from_right,
                       front->spare};
    for (int i = 0; i < 4; i++)
        for (size_t x = 0; x < padded(width_px); x++)
            rows[i][x] = DISPARITY_INVALID;
}

/* next[x] = the row's own value, else what came along from `previous`. */
static void advance(const int16_t *row, int width_px, const int16_t *previous,
                    int16_t *next)
{
    for (int x = 0; x < width_px; x++) {
        int16_t own = row[x];
        int16_t carried = previous[x];
        next[x] = own != DISPARITY_INVALID ? own : carried;
    }
}

static void advance_front(struct front *front, const int16_t *row, int width_px)
{
    advance(row, width_px, front->straight + 1, front->straight + 1);
    advance(row, width_px, front->from_left, front->spare + 1);
    int16_t *old = front->from_left;
    front->from_left = front->spare;
    advance(row, width_px, front->from_right + 2, old + 1);
    front->spare = front->from_right;
    front->from_right = old;
}

/* For each hole of the row, the four nearest values this pass knows. */
static int16_t *keep_row(const struct front *front, const int16_t *row,
                         const uint8_t *holes, int width_px, int16_t *kept)
{
    for (int x = next_marked(holes, 0, width_px); x < width_px;
         x = next_marked(holes, x, width_px)) {
        int16_t nearest = x > 0 ? row[x - 1] : (int16_t)DISPARITY_INVALID;
        for (; x < width_px && holes[x]; x++, kept += SIDE) {
            kept[0] = nearest;
            kept[1] = front->straight[x + 1];
            kept[2] = front->from_left[x + 1];
            kept[3] = front->from_right[x + 1];
        }
    }
    return kept;
}

static int16_t smaller_valid(int16_t a, int16_t b)
{
    if (a == DISPARITY_INVALID)
        return b;
    return b == DISPARITY_INVALID || a < b ? a : b;
}

/* Lower median of the valid among two times four values; invalid when none is. */
static int16_t lower_median(const int16_t *a, const int16_t *b)
{
    int16_t sorted[2 * SIDE];
    int count = 0;
    for (int i = 0; i < 2 * SIDE; i++) {
        int16_t value = i < SIDE ? a[i] : b[i - SIDE];
        if (value == DISPARITY_INVALID)
            continue;
        int at = count++;
        for (; at > 0 && sorted[at - 1] > value; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = value;
    }
    return count > 0 ? sorted[(count - 1) / 2] : (int16_t)DISPARITY_INVALID;
}

/* Settles the holes of a row; `kept` holds what the first pass knew of them, in order.
 */
static void decide_row(const struct front *front, const uint8_t *classes,
                       const uint8_t *holes, int16_t *row, int width_px,
                       const int16_t *kept)
{
    for (int x = next_marked(holes, 0, width_px); x < width_px;
         x = next_marked(holes, x, width_px)) {
        int end = x;
        while (end < width_px && holes[end])
            end++;
        int16_t nearest = end < width_px ? row[end] : (int16_t)DISPARITY_INVALID;
        for (; x < end; x++, kept += SIDE) {
            const int16_t below[SIDE] = {nearest, front->straight[x + 1],
                                         front->from_left[x + 1],
                                         front->from_right[x + 1]};
            if ((classes[x] & PIXEL_CLASS_MASK) == PIXEL_FILLED_OCCLUSION)
                row[x] = smaller_valid(kept[0], nearest);
            else
                row[x] = lower_median(kept, below);
        }
    }
}

/* Marks the holes of the row and says how many there are. */
static size_t count_holes(const int16_t *row, int width_px, uint8_t *holes)
{
    uint32_t count = 0;
    mark_holes(row, width_px, holes);
    for (int x = 0; x < width_px; x++)
        count += holes[x];
    return count;
}

enum po_status fill_directions(struct disparity_map *map,
                               const struct image_view *classes, struct scratch *scratch,
                               struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    int width_px = map->width_px;
    struct front front;
    int16_t *kept = scratch_take_array(scratch, (size_t)width_px * (size_t)map->height_px,
                                       SIDE * sizeof(int16_t));
    uint8_t *holes = scratch_take(scratch, (size_t)width_px + ROW_SCAN_PAD);
    if (kept == NULL || holes == NULL || !take_front(scratch, width_px, &front))
        return scratch_exhausted(scratch, "the fill from eight directions", error);
    clear_front(&front, width_px);
    for (int y = 0; y < map->height_px; y++) {
        const int16_t *row = disparity_row(map, y);
        advance_front(&front, row, width_px);
        if (count_holes(row, width_px, holes) > 0)
            kept = keep_row(&front, row, holes, width_px, kept);
    }
    clear_front(&front, width_px);
    for (int y = map->height_px - 1; y >= 0; y--) {
        int16_t *row = disparity_row(map, y);
        advance_front(&front, row, width_px);
        size_t count = count_holes(row, width_px, holes);
        kept -= count * SIDE;
        if (count > 0)
            decide_row(&front, image_row(classes, y), holes, row, width_px, kept);
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
