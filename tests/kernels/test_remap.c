/* SPDX-License-Identifier: Apache-2.0 */
/* The remapping of every instruction set against OpenCV's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cv_shim/cv_shim.h"
#include "rectify/remap.h"
#include "rectify/remap_row.h"

enum { SIDE_MAX = 75, CHANNELS_MAX = 3, PADDING = 5, STEPS = 32 };
enum { IMAGE_BYTES = SIDE_MAX * (SIDE_MAX * CHANNELS_MAX + PADDING) };
enum { GUARD = 0xa5 };

static uint8_t source_pixels[IMAGE_BYTES];
static uint8_t targets[3][IMAGE_BYTES]; /* OpenCV's, ours, ours pixel by pixel */
static int16_t map_xy[2 * SIDE_MAX * SIDE_MAX];
static uint16_t map_fraction[SIDE_MAX * SIDE_MAX];
static uint32_t chance;

static uint32_t noise(void)
{
    chance = chance * 1664525U + 1013904223U;
    return chance >> 9;
}

static struct image_view view_of(int width, int height, int channels, uint8_t *pixels)
{
    return (struct image_view){width, height, channels,
                               (ptrdiff_t)width * channels + PADDING, pixels};
}

static struct cv_image cv_image_of(const struct image_view *view)
{
    return (struct cv_image){view->width_px, view->height_px, view->channels,
                             view->stride_bytes, view->pixels};
}

/* Places anywhere in the source and around it; many in whole pixels, some far off. */
static void fill_places(const struct image_view *source, int count)
{
    static const int16_t far_off[] = {INT16_MIN, INT16_MAX, -2, -1, 0};
    for (int i = 0; i < count; i++) {
        for (int axis = 0; axis < 2; axis++) {
            int side = axis == 0 ? source->width_px : source->height_px;
            uint32_t kind = noise() % 60;
            map_xy[2 * i + axis] =
                kind < 5 ? far_off[kind]
                         : (int16_t)((int)(noise() % (unsigned)(side + 4)) - 2);
        }
        uint32_t kind = noise() % 4;
        map_fraction[i] = (uint16_t)(kind == 0   ? 0
                                     : kind == 1 ? noise() % STEPS
                                                 : noise() % (STEPS * STEPS));
    }
}

static void check(const struct image_view *source, int width, int height)
{
    struct po_error error;
    const struct remap_places places = {map_xy, map_fraction};
    int channels = source->channels;
    struct image_view target = view_of(width, height, channels, targets[0]);
    struct cv_image from = cv_image_of(source);
    struct cv_image to = cv_image_of(&target);
    fill_places(source, width * height);
    memset(targets, GUARD, sizeof(targets));
    assert_int_equal(cv_shim_remap(&from, map_xy, map_fraction, &to, &error), PO_OK);
    target.pixels = targets[1];
    remap_image(source, &places, &target);
    target.pixels = targets[2];
    for (int y = 0; y < height; y++) {
        size_t first = (size_t)y * (size_t)width;
        const struct remap_row row = {source,
                                      {map_xy + 2 * first, map_fraction + first},
                                      width,
                                      image_row(&target, y)};
        remap_pixels(&row, 0, width);
    }
    /* Whole buffers: nothing is written between rows. */
    assert_memory_equal(targets[1], targets[0], IMAGE_BYTES);
    assert_memory_equal(targets[2], targets[0], IMAGE_BYTES);
}

static void bytes_are_opencvs(void **state)
{
    (void)state;
    static const int sides[] = {1, 2, 3, 4, 5, 8, 9, 33, SIDE_MAX};
    enum { SIDES = sizeof(sides) / sizeof(sides[0]) };
    struct po_error error;
    assert_int_equal(cv_shim_init(&error), PO_OK);
    chance = 4711;
    for (size_t i = 0; i < sizeof(source_pixels); i++)
        source_pixels[i] = noise() % 5 == 0 ? UINT8_MAX : (uint8_t)noise();
    for (int channels = 1; channels <= CHANNELS_MAX; channels += 2)
        for (int w = 0; w < SIDES; w++)
            for (int h = 0; h < SIDES; h++) {
                const struct image_view source =
                    view_of(sides[w], sides[h], channels, source_pixels);
                check(&source, sides[h], sides[SIDES - 1 - w]);
                check(&source, SIDE_MAX, SIDE_MAX);
            }
}

/* All fractions of a place, at the extremes of values. */
static void every_fraction_is_opencvs(void **state)
{
    (void)state;
    struct po_error error;
    assert_int_equal(cv_shim_init(&error), PO_OK);
    for (int kind = 0; kind < 4; kind++) {
        for (size_t i = 0; i < sizeof(source_pixels); i++)
            source_pixels[i] = kind == 0   ? UINT8_MAX
                               : kind == 1 ? (uint8_t)(i % 2 * 255)
                                           : (uint8_t)noise();
        for (int channels = 1; channels <= CHANNELS_MAX; channels += 2) {
            const struct image_view source =
                view_of(SIDE_MAX, SIDE_MAX, channels, source_pixels);
            struct image_view target = view_of(STEPS, STEPS, channels, targets[0]);
            const struct remap_places places = {map_xy, map_fraction};
            for (int i = 0; i < STEPS * STEPS; i++) {
                map_xy[2 * i] = (int16_t)(20 + i % 7);
                map_xy[2 * i + 1] = (int16_t)(30 + i % 5);
                map_fraction[i] = (uint16_t)i;
            }
            struct cv_image from = cv_image_of(&source);
            struct cv_image to = cv_image_of(&target);
            memset(targets, GUARD, sizeof(targets));
            assert_int_equal(cv_shim_remap(&from, map_xy, map_fraction, &to, &error),
                             PO_OK);
            target.pixels = targets[1];
            remap_image(&source, &places, &target);
            assert_memory_equal(targets[1], targets[0], IMAGE_BYTES);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_opencvs),
        cmocka_unit_test(every_fraction_is_opencvs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
