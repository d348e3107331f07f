/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/steps.h"

#include <string.h>

static int16_t smaller_valid(int16_t a, int16_t b)
{
    if (a == DISPARITY_INVALID)
        return b;
    return b == DISPARITY_INVALID || a < b ? a : b;
}

/* Most rows have none: told without branches. */
static bool has_hole(const int16_t *row, int width_px)
{
    uint16_t any = 0;
    for (int x = 0; x < width_px; x++)
        any |= (uint16_t)(row[x] == DISPARITY_INVALID);
    return any != 0;
}

/* False when the whole row is a hole. */
static bool fill_row(int16_t *row, int width_px)
{
    int16_t left = DISPARITY_INVALID;
    for (int x = 0; x < width_px;) {
        if (row[x] != DISPARITY_INVALID) {
            left = row[x++];
            continue;
        }
        int end = x;
        while (end < width_px && row[end] == DISPARITY_INVALID)
            end++;
        int16_t right = end < width_px ? row[end] : (int16_t)DISPARITY_INVALID;
        int16_t value = smaller_valid(left, right);
        for (; x < end; x++)
            row[x] = value;
    }
    return row[0] != DISPARITY_INVALID;
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
        if (has_hole(row, map->width_px) && !fill_row(row, map->width_px))
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
