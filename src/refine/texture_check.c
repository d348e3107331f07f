/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "refine/row_scan.h"
#include "refine/steps.h"

/* By column: rows since pixel x last differed from x + 1, padded on both sides. */
struct texture_age {
    uint8_t *ages;
    uint8_t *green; /* of a row of colour */
    int width_px;
};

/* Of the padded row. */
static size_t age_count(int width_px)
{
    return (size_t)width_px + (size_t)TEXTURE_REACH_PX + (size_t)TEXTURE_REACH_PX;
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
    uint8_t *green = scratch_take(scratch, (size_t)width_px);
    if (row == NULL || green == NULL)
        return false;
    memset(row, TEXTURE_LONG_AGO, bytes);
    *age = (struct texture_age){row + TEXTURE_REACH_PX, green, width_px};
    return true;
}

/* One row on: of grey, or of the green channel. Nothing differs behind the last row. */
static void age_to(const struct texture_views *views, int y, struct texture_age *age)
{
    const struct image_view *guide = views->guide;
    const uint8_t *row = age->green;
    if (y >= guide->height_px)
        memset(age->green, 0, (size_t)age->width_px);
    else if (guide->channels == 3)
        views->kernels->green_row(image_row(guide, y), age->width_px, age->green);
    else
        row = image_row(guide, y);
    views->kernels->texture_age(row, age->width_px, age->ages);
}

enum po_status texture_check(struct disparity_map *map, const struct texture_views *views,
                             struct scratch *scratch, uint64_t *dropped,
                             struct po_error *error)
{
    size_t mark = scratch_mark(scratch);
    struct texture_age age;
    *dropped = 0;
    if (!age_take(scratch, map->width_px, &age))
        return scratch_exhausted(scratch, "the check of texture", error);
    for (int y = 0; y < TEXTURE_REACH_PX; y++)
        age_to(views, y, &age);
    for (int y = 0; y < map->height_px; y++) {
        age_to(views, y + TEXTURE_REACH_PX, &age);
        *dropped +=
            views->kernels->texture_drop(age.ages, map->width_px, disparity_row(map, y));
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
