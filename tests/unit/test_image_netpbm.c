/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/image_fixture.h"

static struct loaded loaded;
static struct po_error error;

/* A literal with its NULs, without the last one. */
#define WRITE(text) fixture_write(text, sizeof(text) - 1)

static void expect_pixels(int channels, int bits, const uint8_t *pixels, size_t bytes)
{
    if (image_load(fixture.path, 65535, &loaded, &error) != PO_OK)
        fail_msg("%s", error.message);
    assert_int_equal(loaded.header.format, IMAGE_NETPBM);
    assert_int_equal(loaded.header.channels, channels);
    assert_int_equal(loaded.header.bits, bits);
    size_t row_bytes = (size_t)loaded.image.width_px * (size_t)channels;
    assert_int_equal(row_bytes * (size_t)loaded.image.height_px, bytes);
    for (int y = 0; y < loaded.image.height_px; y++)
        assert_memory_equal(image_row(&loaded.image, y), pixels + (size_t)y * row_bytes,
                            row_bytes);
    image_unload(&loaded);
}

static void grey_and_colour_plain_and_raw(void **state)
{
    (void)state;
    WRITE("P5\n3 2\n255\n\x01\x02\x03\xfe\x00\xff");
    expect_pixels(1, 8, (const uint8_t[]){1, 2, 3, 254, 0, 255}, 6);
    WRITE("P6 1 2 255\n\x01\x02\x03\xfe\x00\xff");
    expect_pixels(3, 8, (const uint8_t[]){1, 2, 3, 254, 0, 255}, 6);
    WRITE("P2\n# made by hand\n3 # wide\n1\n255\n 0 17\n255");
    expect_pixels(1, 8, (const uint8_t[]){0, 17, 255}, 3);
    WRITE("P3 1 1 255 9 8 7\n");
    expect_pixels(3, 8, (const uint8_t[]){9, 8, 7}, 3);
    WRITE("P5 1 1 65535\n\x80\x00");
    expect_pixels(1, 16, (const uint8_t[]){127}, 1);
    WRITE("P2 2 1 65535 257 65535");
    expect_pixels(1, 16, (const uint8_t[]){1, 255}, 2);
}

static void a_small_maximum_is_stretched(void **state)
{
    (void)state;
    WRITE("P5 3 1 15\n\x00\x07\x0f");
    expect_pixels(1, 8, (const uint8_t[]){0, 119, 255}, 3);
    WRITE("P2 2 1 1 0 1");
    expect_pixels(1, 8, (const uint8_t[]){0, 255}, 2);
    struct scratch scratch;
    struct sample_bounds bounds = {0};
    WRITE("P5 2 1 1023\n\x03\xff\x00\x01");
    assert_int_equal(scratch_init(&scratch, 1 << 19, NULL), PO_OK);
    assert_int_equal(
        image_file_sample_bounds(fixture.path, NULL, &scratch, &bounds, &error), PO_OK);
    assert_int_equal(bounds.low, 1);
    assert_int_equal(bounds.high, 1023);
    scratch_release(&scratch);
}

static void expect_floats(double scale, const float *expected, int count)
{
    int width_px = 0;
    int height_px = 0;
    float *values = NULL;
    if (image_file_read_float(fixture.path, scale, &width_px, &height_px, &values,
                              &error) != PO_OK)
        fail_msg("%s", error.message);
    assert_int_equal(width_px * height_px, count);
    for (int i = 0; i < count; i++)
        if (isnan(expected[i]))
            assert_true(isnan(values[i]));
        else
            assert_true(values[i] == expected[i]);
    free(values);
}

static void pfm_of_both_byte_orders_is_turned_top_down(void **state)
{
    (void)state;
    const float expected[] = {1.0F, NAN, 0.5F, 0.0F};
    WRITE("Pf\n2 2\n-1.0\n"
          "\0\0\0\x3f\0\0\0\0"
          "\0\0\x80\x3f\0\0\x80\x7f"); /* 0.5 0 below 1 inf */
    expect_floats(4.0, expected, 4);
    WRITE("Pf 2 2 0.003922\n"
          "\x3f\0\0\0\0\0\0\0"
          "\x3f\x80\0\0\x7f\xc0\0\0");
    expect_floats(1.0, expected, 4);
    assert_int_equal(image_load(fixture.path, 65535, &loaded, &error), PO_UNSUPPORTED);
    image_unload(&loaded);
}

static void integer_maps_are_divided_and_zero_is_unknown(void **state)
{
    (void)state;
    WRITE("P5 3 1 65535\n\x00\x00\x01\x00\x02\x80");
    expect_floats(256.0, (const float[]){NAN, 1.0F, 2.5F}, 3);
    WRITE("P5 3 1 255\n\x00\x04\xff");
    expect_floats(4.0, (const float[]){NAN, 1.0F, 63.75F}, 3);
    int width_px;
    int height_px;
    float *values = NULL;
    assert_int_equal(
        image_file_read_float(fixture.path, 0.0, &width_px, &height_px, &values, &error),
        PO_BAD_ARGUMENT);
    assert_null(values);
    WRITE("P6 1 1 255\n123");
    assert_int_equal(
        image_file_read_float(fixture.path, 4.0, &width_px, &height_px, &values, &error),
        PO_UNSUPPORTED);
    assert_non_null(strstr(error.message, "3 channels"));
}

static void broken_files_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum po_status status;
        const char *part;
    } cases[] = {
        {"P5 3 2 255\n12345", PO_BAD_IMAGE, "truncated"},
        {"P5 3 2 65535\n12345678901", PO_BAD_IMAGE, "truncated"},
        {"P5 3 2", PO_BAD_IMAGE, "truncated"},
        {"P5 ", PO_BAD_IMAGE, "truncated"},
        {"P2 3 1 255 1 2 ", PO_BAD_IMAGE, "truncated"},
        {"P5 20000 20000 255\n1234", PO_BAD_IMAGE, "20000x20000"},
        {"P5 0 2 255\n1234", PO_BAD_IMAGE, "0x2"},
        {"P5 99999999999999999999 2 255\n1234", PO_BAD_IMAGE, "lacks a number"},
        {"P5 999999999999999999 2 255\n1234", PO_UNSUPPORTED, "at most 65500"},
        {"P5 -3 2 255\n123456", PO_BAD_IMAGE, "lacks a number"},
        {"P5 3 2 70000\n123456123456", PO_BAD_IMAGE, "1..65535"},
        {"P5 3 2 0\n123456123456", PO_BAD_IMAGE, "1..65535"},
        {"P5 1 1 15\n\x10", PO_BAD_IMAGE, "above its maximum"},
        {"P2 1 1 15\n16", PO_BAD_IMAGE, "above its maximum"},
        {"P2 1 1 15\n1x", PO_BAD_IMAGE, "not a number"},
        {"Pf 1 1 nan\n1234", PO_BAD_IMAGE, "scale"},
        {"Pf 1 1 0\n1234", PO_BAD_IMAGE, "scale"},
        {"Pf 1 2 -1\n1234567", PO_BAD_IMAGE, "truncated"},
        {"P4 8 1\n1", PO_UNSUPPORTED, "black-and-white"},
        {"P7\nWIDTH 1\n", PO_UNSUPPORTED, "PAM"},
        {"PF 1 1 -1\n123412341234", PO_UNSUPPORTED, "colour PFM"},
        {"Portrait", PO_BAD_IMAGE, "not an image"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_write(cases[i].text, strlen(cases[i].text));
        error.message[0] = '\0';
        assert_int_equal(image_load(fixture.path, 65535, &loaded, &error),
                         cases[i].status);
        if (strstr(error.message, cases[i].part) == NULL ||
            strstr(error.message, fixture.path) == NULL)
            fail_msg("'%s' lacks '%s'", error.message, cases[i].part);
        image_unload(&loaded);
    }
}

static void an_endless_comment_ends(void **state)
{
    (void)state;
    static struct bytes file;
    file.used = 0;
    bytes_add(&file, "P5 #", 4);
    for (int i = 0; i < 70000; i++)
        bytes_add(&file, "x", 1);
    fixture_write(file.data, file.used);
    assert_int_equal(image_load(fixture.path, 65535, &loaded, &error), PO_BAD_IMAGE);
    assert_non_null(strstr(error.message, "header is too long"));
    image_unload(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grey_and_colour_plain_and_raw),
        cmocka_unit_test(a_small_maximum_is_stretched),
        cmocka_unit_test(pfm_of_both_byte_orders_is_turned_top_down),
        cmocka_unit_test(integer_maps_are_divided_and_zero_is_unknown),
        cmocka_unit_test(broken_files_are_named),
        cmocka_unit_test(an_endless_comment_ends),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
