/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loop of free_space_check.c, for the table of each instruction set: which
 * pixels are filled, by vectors, then a list of them without a branch, and of these the
 * few that the right camera's row speaks against.
 */
#ifndef REFINE_FREE_SPACE_LOOPS_H
#define REFINE_FREE_SPACE_LOOPS_H

#include <stdbool.h>
#include <stdlib.h>

#include "base/number.h"
#include "refine/row_scan.h"
#include "refine/steps.h"

/* Of the first, 0.5 to 3 px give the same bad2 within 0.02 points; the second is what the
 * left-right check allows, rounded down. */
enum {
    NEARER_BY = 2 * DISPARITY_SCALE,    /* than what is seen: planes are that far off */
    AGREE_WITHIN = 1 * DISPARITY_SCALE, /* of both maps */
    SEEN_AT_ONCE = 128
};

static inline int whole_pixels(int disparity)
{
    return (disparity + DISPARITY_SCALE / 2) >> DISPARITY_FRACTION_BITS;
}

/* Marks filled pixels with a value; false when there are none. */
static inline bool mark_filled(const uint8_t *classes, const int16_t *values, int count,
                               uint8_t *restrict marks)
{
    uint8_t any = 0;
    for (int i = 0; i < count; i++) {
        marks[i] = ((classes[i] & PIXEL_CLASS_MASK) != PIXEL_MEASURED) &
                   (values[i] != DISPARITY_INVALID);
        any |= marks[i];
    }
    return any != 0;
}

/* Whether the right pixel's value is also measured by the left pixel it points at, which
 * lies left of the one in front of it. */
static inline bool is_confirmed(const struct seen_row *row, int right_x)
{
    int seen = row->right[right_x];
    int left_x = right_x + whole_pixels(seen);
    return left_x >= 0 && (row->classes[left_x] & PIXEL_CLASS_MASK) == PIXEL_MEASURED &&
           abs(row->values[left_x] - seen) <= AGREE_WITHIN;
}

/* Of the `count` filled pixels in `list`, those in front of what the right camera sees
 * along their ray; the list then holds the columns of what is seen, too. */
static inline int list_contradicted(const struct seen_row *row, int count, int *list,
                                    int *seen_at)
{
    int kept = 0;
    for (int i = 0; i < count; i++) {
        int x = list[i], value = row->values[x];
        int right_x = x - whole_pixels(value);
        bool inside = (right_x >= 0) & (right_x < row->width_px);
        right_x = inside ? right_x : 0;
        int seen = row->right[right_x];
        list[kept] = x;
        seen_at[kept] = right_x;
        kept += inside & (seen != DISPARITY_INVALID) & (value > seen + NEARER_BY);
    }
    return kept;
}

/* Values that go are of filled pixels, and only measured ones confirm: the order does not
 * matter. */
static uint32_t free_space_row(const struct seen_row *row)
{
    uint8_t marks[SEEN_AT_ONCE];
    int list[SEEN_AT_ONCE], seen_at[SEEN_AT_ONCE];
    uint32_t dropped = 0;
    for (int first = 0; first < row->width_px; first += SEEN_AT_ONCE) {
        int length = minimum(SEEN_AT_ONCE, row->width_px - first);
        if (!mark_filled(row->classes + first, row->values + first, length, marks))
            continue;
        int count = list_contradicted(row, list_marked(marks, length, first, list), list,
                                      seen_at);
        for (int i = 0; i < count; i++) {
            if (!is_confirmed(row, seen_at[i]))
                continue;
            row->values[list[i]] = DISPARITY_INVALID;
            dropped++;
        }
    }
    return dropped;
}

#endif
