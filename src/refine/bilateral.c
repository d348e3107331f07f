/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bilateral filter (Tomasi and Manduchi, Bilateral filtering for gray and color images,
 * 1998) of measured disparities alone: holes neither give nor receive. Weights are whole
 * numbers from tables, so the bytes do not depend on the CPU.
 */
#include <math.h>
#include <stdlib.h>

#include "refine/steps.h"

enum {
    DIAMETER_MAX_PX = 31,
    SPACE_ONE = 1 << 10,
    VALUE_ONE = 1 << 12,
    VALUE_STEPS = 4096, /* differences from 256 px on count as 256 px */
};

struct taps {
    int count;
    int radius_px;
    int8_t dx[DIAMETER_MAX_PX * DIAMETER_MAX_PX];
    int8_t dy[DIAMETER_MAX_PX * DIAMETER_MAX_PX];
    int32_t space[DIAMETER_MAX_PX * DIAMETER_MAX_PX];
    int32_t value[VALUE_STEPS]; /* by difference in sixteenths */
};

size_t bilateral_bytes(void)
{
    return scratch_size(sizeof(struct taps));
}

static double gaussian(double distance, double sigma)
{
    return exp(-distance * distance / (2 * sigma * sigma));
}

static void init_taps(const struct bilateral_settings *settings, struct taps *taps)
{
    int radius = settings->diameter_px / 2;
    *taps = (struct taps){.radius_px = radius};
    for (int dy = -radius; dy <= radius; dy++) {
        for (int dx = -radius; dx <= radius; dx++) {
            if (dx * dx + dy * dy > radius * radius)
                continue;
            double distance = sqrt((double)(dx * dx + dy * dy));
            int at = taps->count++;
            taps->dx[at] = (int8_t)dx;
            taps->dy[at] = (int8_t)dy;
            taps->space[at] =
                (int32_t)lround(SPACE_ONE * gaussian(distance, settings->sigma_space_px));
        }
    }
    for (int i = 0; i < VALUE_STEPS; i++)
        taps->value[i] = (int32_t)lround(
            VALUE_ONE * gaussian((double)i / DISPARITY_SCALE, settings->sigma_color_px));
}

static int16_t filter_pixel(const struct disparity_map *map, const struct taps *taps,
                            int x, int y)
{
    int16_t centre = disparity_row(map, y)[x];
    int64_t sum = 0, total = 0;
    for (int i = 0; i < taps->count; i++) {
        int from_x = x + taps->dx[i];
        int from_y = y + taps->dy[i];
        if (from_x < 0 || from_x >= map->width_px || from_y < 0 ||
            from_y >= map->height_px)
            continue;
        int16_t value = disparity_row(map, from_y)[from_x];
        if (value == DISPARITY_INVALID)
            continue;
        int difference = abs(value - centre);
        int64_t weight =
            (int64_t)taps->space[i] *
            taps->value[difference < VALUE_STEPS ? difference : VALUE_STEPS - 1];
        sum += weight * (value - centre);
        total += weight;
    }
    if (total == 0) /* not so long as the centre weighs SPACE_ONE * VALUE_ONE */
        return centre;
    int64_t half = sum >= 0 ? total / 2 : -(total / 2);
    return (int16_t)(centre + (sum + half) / total);
}

enum po_status bilateral_filter(const struct disparity_map *source,
                                const struct bilateral_settings *settings,
                                struct scratch *scratch, struct disparity_map *target,
                                struct po_error *error)
{
    if (settings->diameter_px < 1 || settings->diameter_px > DIAMETER_MAX_PX)
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--bilateral-diameter %d: takes 1 to %d pixels",
                       settings->diameter_px, DIAMETER_MAX_PX);
    size_t mark = scratch_mark(scratch);
    struct taps *taps = scratch_take(scratch, sizeof(*taps));
    if (taps == NULL)
        return scratch_exhausted(scratch, "the bilateral filter", error);
    init_taps(settings, taps);
    for (int y = 0; y < source->height_px; y++) {
        const int16_t *from = disparity_row(source, y);
        int16_t *to = disparity_row(target, y);
        for (int x = 0; x < source->width_px; x++)
            to[x] = from[x] != DISPARITY_INVALID ? filter_pixel(source, taps, x, y)
                                                 : (int16_t)DISPARITY_INVALID;
    }
    scratch_rewind(scratch, mark);
    return PO_OK;
}
