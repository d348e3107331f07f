/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of tests/fuzz/corpus/fuzz_jpeg are 24x17, red 8x, green 8y, blue 128. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/image_fixture.h"

#define CORPUS PO_SOURCE_DIR "/tests/fuzz/corpus/fuzz_jpeg/"

enum { WIDTH_PX = 24, HEIGHT_PX = 17, TOLERANCE = 10 };

static struct loaded loaded;
static struct po_error error;

static void expect_near(int got, int want)
{
    if (abs(got - want) > TOLERANCE)
        fail_msg("%d is not near %d", got, want);
}

static void load_picture(const char *path, int channels)
{
    if (image_load(path, 65535, &loaded, &error) != PO_OK)
        fail_msg("%s", error.message);
    assert_int_equal(loaded.header.format, IMAGE_JPEG);
    assert_int_equal(loaded.header.channels, channels);
    assert_int_equal(loaded.header.bits, 8);
    assert_int_equal(loaded.image.width_px, WIDTH_PX);
    assert_int_equal(loaded.image.height_px, HEIGHT_PX);
    for (int y = 0; y < HEIGHT_PX; y++)
        for (int x = 0; x < WIDTH_PX; x++) {
            const uint8_t *pixel = image_row(&loaded.image, y) + (ptrdiff_t)x * channels;
            const int colour[3] = {8 * x, 8 * y, 128};
            for (int c = 0; c < channels; c++)
                expect_near(pixel[c], colour[c]);
        }
    image_unload(&loaded);
}

static void kinds_of_jpeg_read_as_stored(void **state)
{
    (void)state;
    load_picture(CORPUS "grey.jpg", 1);
    load_picture(CORPUS "colour.jpg", 3);
    load_picture(CORPUS "rgb.jpg", 3);
    load_picture(CORPUS "restart.jpg", 3);
    load_picture(CORPUS "progressive.jpg", 3);
    assert_int_equal(loaded.warnings.length, 0);
}

static void progressive_counts_its_coefficients(void **state)
{
    (void)state;
    struct image_header plain;
    struct image_header progressive;
    assert_int_equal(image_file_probe(CORPUS "colour.jpg", &plain, &error), PO_OK);
    assert_int_equal(image_file_probe(CORPUS "progressive.jpg", &progressive, &error),
                     PO_OK);
    /* 3x3 blocks of luma and 2x2 of each chroma, 128 bytes a block */
    assert_true(progressive.decoder_bytes >= plain.decoder_bytes + 17 * 128);
}

static void rotation_is_a_warning(void **state)
{
    (void)state;
    load_picture(CORPUS "rotated.jpg", 1);
    assert_int_equal(loaded.header.exif_orientation, 6);
    assert_int_equal(loaded.warnings.length, 1);
    assert_non_null(strstr(loaded.warnings.texts[0], "orientation 6"));
    assert_non_null(strstr(loaded.warnings.texts[0], "rotated.jpg"));
}

static void cmyk_is_refused_by_name(void **state)
{
    (void)state;
    struct image_header header;
    assert_int_equal(image_file_probe(CORPUS "cmyk.jpg", &header, &error),
                     PO_UNSUPPORTED);
    assert_non_null(strstr(error.message, "CMYK"));
    assert_non_null(strstr(error.message, "cmyk.jpg"));
}

static void expect_failure(const uint8_t *data, size_t bytes, enum po_status status,
                           const char *part)
{
    fixture_write(data, bytes);
    error.message[0] = '\0';
    assert_int_equal(image_load(fixture.path, 65535, &loaded, &error), status);
    assert_non_null(strstr(error.message, fixture.path));
    if (strstr(error.message, part) == NULL)
        fail_msg("'%s' lacks '%s'", error.message, part);
    image_unload(&loaded);
}

static void every_truncation_is_an_error(void **state)
{
    (void)state;
    static const char *const names[] = {CORPUS "grey.jpg", CORPUS "colour.jpg",
                                        CORPUS "progressive.jpg", CORPUS "restart.jpg"};
    for (int i = 0; i < 4; i++) {
        size_t whole;
        uint8_t *data = fixture_load(names[i], &whole);
        for (size_t bytes = 3; bytes < whole; bytes++)
            expect_failure(data, bytes, PO_BAD_IMAGE, "truncated");
        free(data);
    }
}

static size_t find_marker(const uint8_t *data, size_t bytes, uint8_t marker)
{
    for (size_t i = 2; i + 1 < bytes; i++)
        if (data[i] == 0xff && data[i + 1] == marker)
            return i;
    fail();
    return 0;
}

static void huge_claims_are_refused(void **state)
{
    (void)state;
    size_t bytes;
    uint8_t *data = fixture_load(CORPUS "progressive.jpg", &bytes);
    size_t frame = find_marker(data, bytes, 0xc2);
    memcpy(data + frame + 5, "\x4e\x20\x4e\x20", 4); /* 20000x20000 */
    expect_failure(data, bytes, PO_BAD_IMAGE, "truncated");
    assert_non_null(strstr(error.message, "20000x20000"));
    memcpy(data + frame + 5, "\xff\xff\x00\x01", 4);
    expect_failure(data, bytes, PO_BAD_IMAGE, "JPEG");
    free(data);
}

static void broken_data_is_an_error_not_a_grey_half(void **state)
{
    (void)state;
    size_t bytes;
    uint8_t *data = fixture_load(CORPUS "colour.jpg", &bytes);
    size_t scan = find_marker(data, bytes, 0xda);
    /* An end of image in the middle of the data. */
    data[scan + 60] = 0xff;
    data[scan + 61] = 0xd9;
    expect_failure(data, bytes, PO_BAD_IMAGE, "broken JPEG");
    free(data);
    data = fixture_load(CORPUS "colour.jpg", &bytes);
    data[find_marker(data, bytes, 0xc0) + 4] = 12; /* bits of a sample */
    expect_failure(data, bytes, PO_UNSUPPORTED, "precision 12");
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_jpeg_read_as_stored),
        cmocka_unit_test(progressive_counts_its_coefficients),
        cmocka_unit_test(rotation_is_a_warning),
        cmocka_unit_test(cmyk_is_refused_by_name),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(huge_claims_are_refused),
        cmocka_unit_test(broken_data_is_an_error_not_a_grey_half),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
