/* SPDX-License-Identifier: Apache-2.0 */
/* A PNG put together in `file`, and what reading it must give. Include after cmocka.h. */
#ifndef SUPPORT_PNG_FIXTURE_H
#define SUPPORT_PNG_FIXTURE_H

#include "support/image_fixture.h"

static struct bytes file;
static struct loaded loaded;
static struct po_error error;

static inline void load_ok(int white)
{
    fixture_write(file.data, file.used);
    if (image_load(fixture.path, white, &loaded, &error) != PO_OK)
        fail_msg("%s", error.message);
}

static inline void expect_pixels(const uint8_t *pixels)
{
    size_t row_bytes = (size_t)loaded.image.width_px * (size_t)loaded.image.channels;
    for (int y = 0; y < loaded.image.height_px; y++)
        assert_memory_equal(image_row(&loaded.image, y), pixels + (size_t)y * row_bytes,
                            row_bytes);
    image_unload(&loaded);
}

static inline void expect_failure(enum po_status status, const char *part)
{
    fixture_write(file.data, file.used);
    error.message[0] = '\0';
    assert_int_equal(image_load(fixture.path, 65535, &loaded, &error), status);
    assert_non_null(strstr(error.message, fixture.path));
    if (strstr(error.message, part) == NULL)
        fail_msg("'%s' lacks '%s'", error.message, part);
    image_unload(&loaded);
}

static inline void noise_image(int side)
{
    static uint8_t raw[256 * 257];
    uint32_t random = 1;
    size_t used = 0;
    for (int y = 0; y < side; y++) {
        raw[used++] = (uint8_t)(y % 5);
        for (int x = 0; x < side; x++) {
            random = random * 1664525u + 1013904223u;
            raw[used++] = (uint8_t)(random >> 24);
        }
    }
    const struct png_kind kind = {(uint32_t)side, (uint32_t)side, 8, 0, 0};
    png_add_head(&file, &kind);
    png_add_pixels(&file, raw, used);
}

#endif
