/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of tests/fuzz/corpus/fuzz_tiff are 24x17: red or grey 8x, green 8y, blue
 * 128; those of floats x + y/4, infinite at the first pixel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/image_fixture.h"

#define CORPUS PO_SOURCE_DIR "/tests/fuzz/corpus/fuzz_tiff/"

enum { WIDTH_PX = 24, HEIGHT_PX = 17 };

static struct loaded loaded;
static struct po_error error;

static void load_picture(const char *path, int channels, int bits)
{
    if (image_load(path, 65535, &loaded, &error) != PO_OK)
        fail_msg("%s", error.message);
    assert_int_equal(loaded.header.format, IMAGE_TIFF);
    assert_int_equal(loaded.header.channels, channels);
    assert_int_equal(loaded.header.bits, bits);
    assert_int_equal(loaded.image.width_px, WIDTH_PX);
    assert_int_equal(loaded.image.height_px, HEIGHT_PX);
    for (int y = 0; y < HEIGHT_PX; y++)
        for (int x = 0; x < WIDTH_PX; x++) {
            const uint8_t *pixel = image_row(&loaded.image, y) + (ptrdiff_t)x * channels;
            const uint8_t colour[3] = {(uint8_t)(8 * x), (uint8_t)(8 * y), 128};
            assert_memory_equal(pixel, colour, (size_t)channels);
        }
    image_unload(&loaded);
}

static void kinds_of_tiff_read_as_stored(void **state)
{
    (void)state;
    load_picture(CORPUS "grey8.tif", 1, 8);
    load_picture(CORPUS "rgb8_lzw.tif", 3, 8);
    load_picture(CORPUS "rgb16_deflate_tiles.tif", 3, 16);
    load_picture(CORPUS "white_is_zero8.tif", 1, 8);
    load_picture(CORPUS "grey16_big_endian.tif", 1, 16);
    load_picture(CORPUS "bigtiff.tif", 3, 8);
    assert_int_equal(loaded.warnings.length, 0);
}

static void what_is_ignored_is_a_warning(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int channels;
        int bits;
        const char *part;
    } cases[] = {
        {CORPUS "rgba8_packbits.tif", 3, 8, "alpha"},
        {CORPUS "grey_alpha16.tif", 1, 16, "alpha"},
        {CORPUS "rotated.tif", 1, 8, "orientation 6"},
        {CORPUS "two_pages.tif", 1, 8, "several pictures"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        load_picture(cases[i].path, cases[i].channels, cases[i].bits);
        assert_int_equal(loaded.warnings.length, 1);
        assert_non_null(strstr(loaded.warnings.texts[0], cases[i].part));
        assert_non_null(strstr(loaded.warnings.texts[0], cases[i].path));
    }
}

static void odd_kinds_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *part;
    } cases[] = {
        {CORPUS "bayer.tif", "Bayer"},
        {CORPUS "cmyk.tif", "CMYK"},
        {CORPUS "palette.tif", "palette"},
        {CORPUS "planes.tif", "separate planes"},
        {CORPUS "thumbnail.tif", "preview"},
        {CORPUS "signed16.tif", "16-bit signed"},
        {CORPUS "one_bit.tif", "1-bit unsigned"},
        {CORPUS "fax.tif", "compression 4"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct image_header header;
        assert_int_equal(image_file_probe(cases[i].path, &header, &error),
                         PO_UNSUPPORTED);
        assert_non_null(strstr(error.message, cases[i].path));
        if (strstr(error.message, cases[i].part) == NULL)
            fail_msg("'%s' lacks '%s'", error.message, cases[i].part);
    }
}

static void floats_are_maps_not_pictures(void **state)
{
    (void)state;
    static const char *const paths[] = {CORPUS "float_tiles.tif",
                                        CORPUS "float_strips.tif"};
    for (int i = 0; i < 2; i++) {
        int width_px = 0;
        int height_px = 0;
        float *values = NULL;
        if (image_file_read_float(paths[i], 1.0, &width_px, &height_px, &values,
                                  &error) != PO_OK)
            fail_msg("%s", error.message);
        assert_int_equal(width_px, WIDTH_PX);
        assert_int_equal(height_px, HEIGHT_PX);
        assert_true(values[0] != values[0]);
        for (int k = 1; k < WIDTH_PX * HEIGHT_PX; k++)
            assert_true(values[k] == (float)(k % WIDTH_PX) + (float)(k / WIDTH_PX) / 4);
        free(values);
        assert_int_equal(image_load(paths[i], 65535, &loaded, &error), PO_UNSUPPORTED);
        assert_non_null(strstr(error.message, "floats"));
        image_unload(&loaded);
    }
}

static void every_truncation_is_an_error(void **state)
{
    (void)state;
    static const char *const names[] = {CORPUS "grey8.tif", CORPUS "rgb8_lzw.tif",
                                        CORPUS "rgb16_deflate_tiles.tif",
                                        CORPUS "bigtiff.tif"};
    for (int i = 0; i < 4; i++) {
        size_t whole;
        uint8_t *data = fixture_load(names[i], &whole);
        for (size_t bytes = 4; bytes < whole; bytes += 1 + bytes / 64) {
            fixture_write(data, bytes);
            error.message[0] = '\0';
            /* The very last bytes may be padding or values that are not needed. */
            enum po_status status = image_load(fixture.path, 65535, &loaded, &error);
            if (status == PO_OK && bytes + 16 < whole)
                fail_msg("%s: read although cut to %zu of %zu bytes", names[i], bytes,
                         whole);
            if (status != PO_OK)
                assert_non_null(strstr(error.message, fixture.path));
            image_unload(&loaded);
        }
        free(data);
    }
}

static void a_cut_strip_is_named_truncated(void **state)
{
    (void)state;
    size_t whole;
    uint8_t *data = fixture_load(CORPUS "grey8.tif", &whole);
    /* Moves the one strip so far back that its end lies behind the file's. */
    for (size_t at = 8; at + 12 < whole; at++)
        if (memcmp(data + at, "\x11\x01\x04\x00\x01\x00\x00\x00", 8) == 0)
            data[at + 8] = (uint8_t)(whole - 100),
                      data[at + 9] = (uint8_t)((whole - 100) >> 8);
    fixture_write(data, whole);
    assert_int_equal(image_load(fixture.path, 65535, &loaded, &error), PO_BAD_IMAGE);
    assert_non_null(strstr(error.message, "truncated"));
    image_unload(&loaded);
    free(data);
}

static void huge_claims_are_refused(void **state)
{
    (void)state;
    size_t whole;
    uint8_t *data = fixture_load(CORPUS "grey8.tif", &whole);
    for (size_t at = 8; at + 12 < whole; at++)
        if (memcmp(data + at, "\x00\x01\x03\x00\x01\x00\x00\x00", 8) == 0 ||
            memcmp(data + at, "\x01\x01\x03\x00\x01\x00\x00\x00", 8) == 0)
            memcpy(data + at + 8, "\x20\x4e", 2); /* 20000 wide and high */
    fixture_write(data, whole);
    assert_int_equal(image_load(fixture.path, 65535, &loaded, &error), PO_BAD_IMAGE);
    assert_non_null(strstr(error.message, "20000x20000"));
    image_unload(&loaded);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_tiff_read_as_stored),
        cmocka_unit_test(what_is_ignored_is_a_warning),
        cmocka_unit_test(odd_kinds_are_refused_by_name),
        cmocka_unit_test(floats_are_maps_not_pictures),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(a_cut_strip_is_named_truncated),
        cmocka_unit_test(huge_claims_are_refused),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
