/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/steps.h"

#include "base/number.h"
#include "refine/row_scan.h"
#include "stereo/byte_forest.h"

/* Those that are surely wrong are dropped before planes, fills and medians see them.
 * Those that are only more likely wrong than right still serve the dense map better than
 * what would fill them (dropping them too costs 0.5 points of bad2 on KITTI): they stop
 * being measured once it is finished. */
enum {
    DROPPED_BELOW = FOREST_SCORE_ZERO - FOREST_SCORE_UNIT,
    DOUBTED_BELOW = FOREST_SCORE_ZERO,
};

enum { AT_ONCE = 128 };

/* At most AT_ONCE measured pixels: those that score less become mismatches and are
 * marked; returns how many. Without branches: the compiler takes many at once. */
static uint32_t mistrust(const uint8_t *scores, int count, int below,
                         uint8_t *restrict classes, uint8_t *restrict marks)
{
    for (int x = 0; x < count; x++) {
        uint8_t class = classes[x];
        marks[x] = (class == PIXEL_MEASURED) & (scores[x] < below);
        classes[x] = marks[x] ? (uint8_t)PIXEL_FILLED_MISMATCH : class;
    }
    return count_marked(marks, count);
}

static uint32_t drop_row(const uint8_t *scores, int width_px, int16_t *restrict values,
                         uint8_t *restrict classes)
{
    uint32_t dropped = 0;
    for (int first = 0; first < width_px; first += AT_ONCE) {
        int count = minimum(AT_ONCE, width_px - first);
        uint8_t marks[AT_ONCE];
        dropped += mistrust(scores + first, count, DROPPED_BELOW, classes + first, marks);
        for (int x = 0; x < count; x++)
            values[first + x] = marks[x] ? (int16_t)DISPARITY_INVALID : values[first + x];
    }
    return dropped;
}

uint64_t drop_unlikely(const struct image_view *scores, struct disparity_map *map,
                       struct image_view *classes)
{
    uint64_t dropped = 0;
    for (int y = 0; y < map->height_px; y++)
        dropped += drop_row(image_row(scores, y), map->width_px, disparity_row(map, y),
                            image_row(classes, y));
    return dropped;
}

static uint32_t doubt_row(const uint8_t *scores, int width_px, uint8_t *restrict classes)
{
    uint32_t doubted = 0;
    for (int first = 0; first < width_px; first += AT_ONCE) {
        int count = minimum(AT_ONCE, width_px - first);
        uint8_t marks[AT_ONCE];
        doubted += mistrust(scores + first, count, DOUBTED_BELOW, classes + first, marks);
    }
    return doubted;
}

void doubt_unlikely(const struct image_view *scores, struct image_view *classes,
                    struct row_tally *doubted)
{
    for (int y = 0; y < classes->height_px; y++) {
        uint64_t in_row =
            doubt_row(image_row(scores, y), classes->width_px, image_row(classes, y));
        if (y >= doubted->first_row && y < doubted->end_row)
            doubted->pixels += in_row;
    }
}
