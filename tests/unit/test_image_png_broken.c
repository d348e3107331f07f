/* SPDX-License-Identifier: Apache-2.0 */
/* Broken, cut and hostile PNGs are errors that name the file and the fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/png_fixture.h"

static void unknown_filters_are_an_error(void **state)
{
    (void)state;
    static uint8_t raw[16 * 17];
    const struct png_kind kind = {16, 16, 8, 0, 0};
    for (int row = 0; row < 16; row += 5) {
        memset(raw, 0, sizeof(raw));
        raw[17 * row] = 5;
        png_add_head(&file, &kind);
        png_add_pixels(&file, raw, sizeof(raw));
        expect_failure(PO_BAD_IMAGE, "filter");
    }
}

static void data_of_the_wrong_length(void **state)
{
    (void)state;
    static uint8_t raw[30 * 31];
    static const uint8_t zeros[30 * 30];
    const struct png_kind kind = {30, 30, 8, 0, 0};
    for (size_t bytes = 1; bytes < sizeof(raw); bytes += 101) {
        png_add_head(&file, &kind);
        png_add_pixels(&file, raw, bytes);
        expect_failure(PO_BAD_IMAGE, "broken PNG");
    }
    const struct png_kind flat = {30, 29, 8, 0, 0};
    png_add_head(&file, &flat); /* a row too many hurts nobody */
    png_add_pixels(&file, raw, sizeof(raw));
    load_ok(65535);
    expect_pixels(zeros);
}

static void every_truncation_is_an_error(void **state)
{
    (void)state;
    noise_image(40);
    size_t whole = file.used;
    for (size_t bytes = 8; bytes < whole;
         bytes += bytes < 80 || whole - bytes < 40 ? 1 : 61) {
        file.used = bytes;
        expect_failure(PO_BAD_IMAGE, "truncated");
    }
    for (size_t bytes = 1; bytes < 8; bytes++) {
        file.used = bytes;
        expect_failure(PO_BAD_IMAGE, "not an image");
    }
    file.used = 0;
    expect_failure(PO_BAD_IMAGE, "empty");
}

static void every_flipped_bit_of_pixels_is_an_error(void **state)
{
    (void)state;
    noise_image(24);
    for (size_t at = 41; at < file.used - 12; at += 7) {
        file.data[at] ^= 0x10;
        expect_failure(PO_BAD_IMAGE, "broken PNG");
        file.data[at] ^= 0x10;
    }
    file.data[30] ^= 1; /* in the CRC of IHDR */
    expect_failure(PO_BAD_IMAGE, "CRC");
}

static void huge_claims_are_refused(void **state)
{
    (void)state;
    const struct png_kind huge = {20000, 20000, 8, 2, 0};
    png_add_head(&file, &huge);
    png_add_pixels(&file, (const uint8_t[]){0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 10);
    expect_failure(PO_BAD_IMAGE, "truncated: 75 bytes");
    assert_non_null(strstr(error.message, "20000x20000"));
    const struct png_kind over = {65501, 1, 8, 0, 0};
    png_add_head(&file, &over);
    png_add_pixels(&file, (const uint8_t[]){0, 1}, 2);
    expect_failure(PO_UNSUPPORTED, "65501x1");
    const struct png_kind none = {0, 1, 8, 0, 0};
    png_add_head(&file, &none);
    png_add_pixels(&file, (const uint8_t[]){0, 1}, 2);
    expect_failure(PO_BAD_IMAGE, "broken PNG");
}

static void a_changed_file_is_an_error(void **state)
{
    (void)state;
    const struct png_kind small = {1, 1, 8, 0, 0};
    const struct png_kind wide = {2, 1, 8, 0, 0};
    struct image_header header;
    struct image_view image;
    struct scratch scratch;
    const struct image_request request = {.scale = {65535, 0}};
    png_add_head(&file, &small);
    png_add_pixels(&file, (const uint8_t[]){0, 77}, 2);
    fixture_write(file.data, file.used);
    assert_int_equal(image_file_probe(fixture.path, &header, &error), PO_OK);
    assert_int_equal(scratch_init(&scratch, 4096, NULL), PO_OK);
    png_add_head(&file, &wide);
    png_add_pixels(&file, (const uint8_t[]){0, 77, 78}, 3);
    fixture_write(file.data, file.used);
    assert_int_equal(
        image_file_read(fixture.path, &header, &request, &scratch, &image, &error),
        PO_CHANGED);
    assert_non_null(strstr(error.message, "changed"));
    fixture_write("\xff\xd8\xff\xe0", 4);
    assert_int_equal(
        image_file_read(fixture.path, &header, &request, &scratch, &image, &error),
        PO_CHANGED);
    assert_non_null(strstr(error.message, "changed"));
    scratch_release(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_filters_are_an_error),
        cmocka_unit_test(data_of_the_wrong_length),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(every_flipped_bit_of_pixels_is_an_error),
        cmocka_unit_test(huge_claims_are_refused),
        cmocka_unit_test(a_changed_file_is_an_error),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
