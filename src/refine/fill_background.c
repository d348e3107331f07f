/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/steps.h"

#include <string.h>

static int16_t smaller_valid(int16_t a, int16_t b)
{
    if (a == DISPARITY_INVALID)
        return b;
    return b == DISPARITY_INVALID || a < b ? a : b;
}

/* Told without branches: most rows, and most parts of the others, have none. */
static bool has_hole(const int16_t *row, int width_px)
{
    uint16_t any = 0;
    for (int x = 0; x < width_px; x++)
        any |= (uint16_t)(row[x] == DISPARITY_INVALID);
    return any != 0;
}

/* The first hole from x on; width_px when there is none. */
static int next_hole(const int16_t *row, int x, int width_px)
{
    enum { AT_ONCE = 32 };
    while (width_px - x >= AT_ONCE && !has_hole(row + x, AT_ONCE))
        x += AT_ONCE;
    while (x < width_px && row[x] != DISPARITY_INVALID)
        x++;
    return x;
}

/* False when the whole row is a hole. */
static bool fill_row(int16_t *row, int width_px)
{
    for (int x = next_hole(row, 0, width_px); x < width_px;
         x = next_hole(row, x, width_px)) {
        int end = x;
        while (end < width_px && row[end] == DISPARITY_INVALID)
            end++;
        if (x == 0 && end == width_px)
            return false;
        int16_t left = x > 0 ? row[x - 1] : (int16_t)DISPARITY_INVALID;
        int16_t right = end < width_px ? row[end] : (int16_t)DISPARITY_INVALID;
        int16_t value = smaller_valid(left, right);
        for (; x < end; x++)
            row[x] = value;
    }
    return true;
}

static void copy_row(struct disparity_map *map, int from, int to)
{
    memcpy(disparity_row(map, to), disparity_row(map, from),
           (size_t)map->width_px * sizeof(int16_t));
}

/* Gives every row in `first`..`last` the nearer of the rows around them. */
static void fill_empty_rows(struct disparity_map *map, int first, int last)
{
    for (int y = first; y <= last; y++) {
        bool above = first > 0 && (last == map->height_px - 1 || y - first <= last - y);
        copy_row(map, above ? first - 1 : last + 1, y);
    }
}

bool fill_background(struct disparity_map *map)
{
    int filled = -1; /* the last row that has values */
    for (int y = 0; y < map->height_px; y++) {
        int16_t *row = disparity_row(map, y);
        if (!fill_row(row, map->width_px))
            continue;
        if (y - filled > 1)
            fill_empty_rows(map, filled + 1, y - 1);
        filled = y;
    }
    if (filled < 0)
        return false;
    if (filled < map->height_px - 1)
        fill_empty_rows(map, filled + 1, map->height_px - 1);
    return true;
}
