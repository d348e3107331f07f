/* SPDX-License-Identifier: Apache-2.0 */
/* Small disparity maps and images for tests of refinement. Include after cmocka.h. */
#ifndef SUPPORT_REFINE_FIXTURE_H
#define SUPPORT_REFINE_FIXTURE_H

#include <string.h>

#include "image/image_view.h"
#include "stereo/disparity_map.h"
#include "support/scratch_fixture.h"

static uint32_t random_state = 1;

static inline uint32_t next_random(uint32_t below)
{
    random_state = random_state * 1664525U + 1013904223U;
    return (uint32_t)(((uint64_t)(random_state >> 4) * below) >> 28);
}

static inline struct disparity_map take_map(int width_px, int height_px)
{
    struct disparity_map map;
    assert_int_equal(disparity_map_take(&scratch, width_px, height_px, &map, NULL), 0);
    for (int y = 0; y < height_px; y++)
        memset(disparity_row(&map, y), 0, (size_t)width_px * sizeof(int16_t));
    return map;
}

static inline struct image_view take_image(int width_px, int height_px, int channels)
{
    struct image_view image;
    assert_int_equal(
        image_view_take(&scratch, width_px, height_px, channels, &image, NULL), 0);
    for (int y = 0; y < height_px; y++)
        memset(image_row(&image, y), 0, (size_t)(width_px * channels));
    return image;
}

static inline struct disparity_map map_of(int width_px, int height_px,
                                          const int16_t *values)
{
    struct disparity_map map = take_map(width_px, height_px);
    for (int y = 0; y < height_px; y++)
        memcpy(disparity_row(&map, y), values + (ptrdiff_t)y * width_px,
               (size_t)width_px * sizeof(int16_t));
    return map;
}

static inline void expect_map(const struct disparity_map *map, const int16_t *expected)
{
    for (int y = 0; y < map->height_px; y++)
        for (int x = 0; x < map->width_px; x++)
            if (disparity_row(map, y)[x] != expected[y * map->width_px + x])
                fail_msg("(%d, %d) is %d, not %d", x, y, disparity_row(map, y)[x],
                         expected[y * map->width_px + x]);
}

/* Surfaces with noise and holes; holes_of_ten in ten pixels are holes. */
static inline struct disparity_map random_map(int width_px, int height_px, uint32_t noise,
                                              uint32_t holes_of_ten)
{
    struct disparity_map map = take_map(width_px, height_px);
    for (int y = 0; y < height_px; y++) {
        for (int x = 0; x < width_px; x++) {
            int surface = ((x / 9 + y / 7) % 3) * 160;
            disparity_row(&map, y)[x] =
                next_random(10) < holes_of_ten
                    ? (int16_t)DISPARITY_INVALID
                    : (int16_t)(surface + (int)next_random(noise) - 40);
        }
    }
    return map;
}

static inline int compare_values(const void *a, const void *b)
{
    return *(const int16_t *)a - *(const int16_t *)b;
}

#endif
