/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "refine/steps.h"

enum {
    REACH_PX = 4, /* of the census window */
    WINDOW_ROWS = 2 * REACH_PX + 1,
    LONG_AGO = 255,
};

/* By column: rows since pixel x last differed from x + 1, padded on both sides, and the
 * smallest of them within reach. */
struct texture_age {
    uint8_t *ages;
    uint8_t *youngest;
    int width_px;
};

/* Of the padded row. */
static size_t age_count(int width_px)
{
    return (size_t)width_px + (size_t)REACH_PX + (size_t)REACH_PX;
}

size_t texture_bytes(int width_px)
{
    return scratch_sum(scratch_array_size(age_count(width_px), 1),
                       scratch_array_size((size_t)width_px, 1));
}

static bool age_take(struct scratch *scratch, int width_px, struct texture_age *age)
{
    size_t bytes = age_count(width_px);
    uint8_t *row = scratch_take(scratch, bytes);
    uint8_t *youngest = scratch_take(scratch, (size_t)width_px);
    if (row == NULL || youngest == NULL)
        return false;
    memset(row, LONG_AGO, bytes);
    *age = (struct texture_age){row + REACH_PX, youngest, width_px};
    return true;
}

/* Of grey, or of the green channel. */
static inline void age_row(const uint8_t *row, int channels, int width_px,
                           uint8_t *restrict ages)
{
    for (ptrdiff_t x = 0; x < width_px - 1; x++) {
        uint8_t older = ages[x] < LONG_AGO ? (uint8_t)(ages[x] + 1) : (uint8_t)LONG_AGO;
        ages[x] = row[x * channels] != row[(x + 1) * channels] ? 0 : older;
    }
}

static void age_to(const struct image_view *guide, int y, struct texture_age *age)
{
    if (y < guide->height_px && guide->channels == 3)
        age_row(image_row(guide, y) + 1, 3, age->width_px, age->ages);
    else if (y < guide->height_px)
        age_row(image_row(guide, y), 1, age->width_px, age->ages);
    else
        for (int x = 0; x < age->width_px; x++)
            age->ages[x] = (uint8_t)(age->ages[x] + (age->ages[x] < LONG_AGO));
}

static void find_youngest(const uint8_t *ages, int width_px, uint8_t *restrict youngest)
{
    for (int x = 0; x < width_px; x++) {
        uint8_t least = LONG_AGO;
        for (int dx = -REACH_PX; dx < REACH_PX; dx++)
            least = ages[x + dx] < least ? ages[x + dx] : least;
        youngest[x] = least;
    }
}

/* The ages are those REACH_PX rows further down. */
static uint32_t check_row(int16_t *row, const struct texture_age *age)
{
    uint32_t dropped = 0;
    const uint8_t *youngest = age->youngest;
    find_youngest(age->ages, age->width_px, age->youngest);
    for (int x = 0; x < age->width_px; x++) {
        bool drops = youngest[x] >= WINDOW_ROWS;
        dropped += drops && row[x] != DISPARITY_INVALID;
        row[x] = drops ? (int16_t)DISPARITY_INVALID : row[x];
    }
    return dropped;
}

enum po_status texture_check(struct disparity_map *map, const struct image_view *guide,
                             struct scratch *scratch, uint64_t *dropped,
                             struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    struct texture_age age;
    *dropped = 0;
    if (!age_take(scratch, map->width_px, &age))
        return scratch_exhausted(scratch, "the check of texture", error);
    for (int y = 0; y < REACH_PX; y++)
        age_to(guide, y, &age);
    for (int y = 0; y < map->height_px; y++) {
        age_to(guide, y + REACH_PX, &age);
        *dropped += check_row(disparity_row(map, y), &age);
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
