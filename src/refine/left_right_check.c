/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/steps.h"

#include "base/number.h"
#include "refine/row_scan.h"

enum { AT_ONCE = 128 };

/* Pixels of a row that are checked together. */
struct stretch {
    int first;
    int count;
    int width_px; /* of the row */
};

/* What the right map says where each pixel matches; a hole where that is outside. Only
 * the reading itself goes pixel by pixel. */
static void read_matches(const int16_t *row, const int16_t *right,
                         const struct stretch *stretch, int16_t *others)
{
    int matches[AT_ONCE];
    uint8_t outside[AT_ONCE];
    for (int i = 0; i < stretch->count; i++) {
        int x = stretch->first + i;
        /* The nearest whole pixel of the match, half rounded up. */
        int match = (x * DISPARITY_SCALE - row[x] + DISPARITY_SCALE / 2) >>
                    DISPARITY_FRACTION_BITS;
        outside[i] = (match < 0) | (match >= stretch->width_px);
        matches[i] = outside[i] ? 0 : match;
    }
    for (int i = 0; i < stretch->count; i++)
        others[i] = right[matches[i]];
    for (int i = 0; i < stretch->count; i++)
        others[i] = outside[i] ? (int16_t)DISPARITY_INVALID : others[i];
}

/* Without branches: which pixels fail is as good as random near edges. */
static uint32_t check_row(int16_t *row, const int16_t *right, int width_px,
                          int max_difference)
{
    uint32_t dropped = 0;
    for (int first = 0; first < width_px; first += AT_ONCE) {
        struct stretch stretch = {first, minimum(AT_ONCE, width_px - first), width_px};
        int16_t others[AT_ONCE];
        uint8_t marks[AT_ONCE];
        int16_t *restrict values = row + first;
        read_matches(row, right, &stretch, others);
        for (int i = 0; i < stretch.count; i++) {
            int16_t value = values[i];
            int difference = others[i] - value;
            bool fits = (others[i] != DISPARITY_INVALID) &
                        (difference <= max_difference) & (difference >= -max_difference);
            marks[i] = !fits & (value != DISPARITY_INVALID);
            values[i] = fits ? value : (int16_t)DISPARITY_INVALID;
        }
        dropped += count_marked(marks, stretch.count);
    }
    return dropped;
}

uint64_t left_right_check(struct disparity_map *map, const struct disparity_map *right,
                          int max_difference)
{
    uint64_t dropped = 0;
    for (int y = 0; y < map->height_px; y++)
        dropped += check_row(disparity_row(map, y), disparity_row(right, y),
                             map->width_px, max_difference);
    return dropped;
}
