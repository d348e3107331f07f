/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of PNG reads as the specification says, and what is odd in it is reported.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/png_fixture.h"

static void grey_of_every_depth(void **state)
{
    (void)state;
    const struct png_kind one = {9, 2, 1, 0, 0};
    png_add_head(&file, &one);
    png_add_pixels(&file, (const uint8_t[]){0, 0xa5, 0x80, 0, 0x01, 0x00}, 6);
    load_ok(65535);
    assert_int_equal(loaded.header.channels, 1);
    assert_int_equal(loaded.header.bits, 8);
    expect_pixels((const uint8_t[]){255, 0, 255, 0, 0, 255, 0, 255, 255, //
                                    0, 0, 0, 0, 0, 0, 0, 255, 0});

    const struct png_kind two = {4, 1, 2, 0, 0};
    png_add_head(&file, &two);
    png_add_pixels(&file, (const uint8_t[]){0, 0x1b}, 2);
    load_ok(65535);
    expect_pixels((const uint8_t[]){0, 85, 170, 255});

    const struct png_kind four = {3, 1, 4, 0, 0};
    png_add_head(&file, &four);
    png_add_pixels(&file, (const uint8_t[]){0, 0x0f, 0x70}, 3);
    load_ok(65535);
    expect_pixels((const uint8_t[]){0, 255, 119});

    const struct png_kind eight = {3, 2, 8, 0, 0};
    png_add_head(&file, &eight); /* second row: filter Up */
    png_add_pixels(&file, (const uint8_t[]){0, 1, 2, 255, 2, 1, 1, 1}, 8);
    load_ok(65535);
    expect_pixels((const uint8_t[]){1, 2, 255, 2, 3, 0});
    assert_int_equal(loaded.warnings.length, 0);
}

static void sixteen_bit_is_scaled_by_white(void **state)
{
    (void)state;
    const struct png_kind kind = {4, 1, 16, 0, 0};
    const uint8_t raw[] = {0, 0x00, 0x00, 0x03, 0xff, 0x10, 0x00, 0xff, 0xff};
    png_add_head(&file, &kind);
    png_add_pixels(&file, raw, sizeof(raw));
    load_ok(65535);
    assert_int_equal(loaded.header.bits, 16);
    expect_pixels((const uint8_t[]){0, 3, 15, 255});
    load_ok(1023); /* 1023 becomes white, what is above stays white */
    expect_pixels((const uint8_t[]){0, 255, 255, 255});
    struct scratch scratch;
    struct sample_bounds bounds = {0};
    assert_int_equal(
        scratch_init(&scratch, image_file_bounds_bytes(&loaded.header), NULL), PO_OK);
    assert_int_equal(
        image_file_sample_bounds(fixture.path, NULL, &scratch, &bounds, &error), PO_OK);
    assert_int_equal(bounds.low, 0x3ff);
    assert_int_equal(bounds.high, 0x1000);
    assert_int_equal(scratch.used, 0);
    scratch_release(&scratch);
}

static void colour_of_every_kind(void **state)
{
    (void)state;
    const struct png_kind rgb = {2, 1, 8, 2, 0};
    png_add_head(&file, &rgb);
    png_add_pixels(&file, (const uint8_t[]){0, 10, 20, 30, 40, 50, 60}, 7);
    load_ok(65535);
    assert_int_equal(loaded.header.channels, 3);
    assert_false(loaded.header.has_alpha);
    expect_pixels((const uint8_t[]){10, 20, 30, 40, 50, 60});

    const struct png_kind rgba = {2, 1, 8, 6, 0};
    png_add_head(&file, &rgba);
    png_add_pixels(&file, (const uint8_t[]){0, 10, 20, 30, 0, 40, 50, 60, 255}, 9);
    load_ok(65535);
    assert_true(loaded.header.has_alpha);
    assert_int_equal(loaded.warnings.length, 1);
    assert_non_null(strstr(loaded.warnings.texts[0], "alpha"));
    expect_pixels((const uint8_t[]){10, 20, 30, 40, 50, 60});

    const struct png_kind grey_alpha = {1, 1, 16, 4, 0};
    png_add_head(&file, &grey_alpha);
    png_add_pixels(&file, (const uint8_t[]){0, 0x80, 0x00, 0x12, 0x34}, 5);
    load_ok(65535);
    assert_int_equal(loaded.header.channels, 1);
    assert_true(loaded.header.has_alpha);
    expect_pixels((const uint8_t[]){127});

    const struct png_kind rgba16 = {1, 1, 16, 6, 0};
    png_add_head(&file, &rgba16);
    png_add_pixels(&file, (const uint8_t[]){0, 1, 1, 2, 2, 0xff, 0xff, 0, 0}, 9);
    load_ok(65535);
    expect_pixels((const uint8_t[]){1, 2, 255});
}

static void palette_becomes_colour(void **state)
{
    (void)state;
    const struct png_kind kind = {4, 1, 2, 3, 0};
    const uint8_t palette[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251, 252};
    for (int with_alpha = 0; with_alpha < 2; with_alpha++) {
        png_add_head(&file, &kind);
        png_add_chunk(&file, "PLTE", palette, sizeof(palette));
        if (with_alpha)
            png_add_chunk(&file, "tRNS", "\x00\x80", 2);
        png_add_pixels(&file, (const uint8_t[]){0, 0x1b}, 2);
        load_ok(65535);
        assert_int_equal(loaded.header.channels, 3);
        assert_int_equal(loaded.header.has_alpha, with_alpha);
        assert_int_equal(loaded.warnings.length, with_alpha);
        expect_pixels(palette);
    }
}

/* The seven passes of Adam7, PNG specification section 8.2. */
static const int pass_x[7] = {0, 4, 0, 2, 0, 1, 0};
static const int pass_y[7] = {0, 0, 4, 0, 2, 0, 1};
static const int pass_dx[7] = {8, 8, 4, 4, 2, 2, 1};
static const int pass_dy[7] = {8, 8, 8, 4, 4, 2, 2};

static uint8_t sample(int x, int y, int byte)
{
    return (uint8_t)(7 * x + 31 * y + 101 * byte);
}

static void interlaced_equals_plain(void **state)
{
    (void)state;
    static uint8_t raw[4096];
    static uint8_t expected[4096];
    for (int size = 1; size <= 17; size++)
        for (int pixel_bytes = 1; pixel_bytes <= 3; pixel_bytes++) {
            const struct png_kind kind = {(uint32_t)size, (uint32_t)(18 - size),
                                          pixel_bytes == 2 ? 16 : 8,
                                          pixel_bytes == 3 ? 2 : 0, 1};
            size_t used = 0;
            for (int pass = 0; pass < 7; pass++)
                for (int y = pass_y[pass]; y < 18 - size; y += pass_dy[pass]) {
                    if (pass_x[pass] < size)
                        raw[used++] = 0;
                    for (int x = pass_x[pass]; x < size; x += pass_dx[pass])
                        for (int b = 0; b < pixel_bytes; b++)
                            raw[used++] = sample(x, y, b);
                }
            size_t count = 0;
            for (int y = 0; y < 18 - size; y++)
                for (int x = 0; x < size; x++)
                    for (int b = 0; b < (pixel_bytes == 2 ? 1 : pixel_bytes); b++)
                        expected[count++] =
                            pixel_bytes == 2
                                ? (uint8_t)((sample(x, y, 0) * 256 + sample(x, y, 1)) /
                                            257)
                                : sample(x, y, b);
            png_add_head(&file, &kind);
            png_add_pixels(&file, raw, used);
            load_ok(65535);
            expect_pixels(expected);
        }
}

/* PNG specification, section 9.4, word for word. */
static int paeth_predictor(int a, int b, int c)
{
    int p = a + b - c;
    int pa = abs(p - a);
    int pb = abs(p - b);
    int pc = abs(p - c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

static void unfilter(const uint8_t *raw, uint8_t *pixels, int rows, int row_bytes,
                     int pixel_bytes)
{
    for (int y = 0; y < rows; y++, raw += row_bytes) {
        int filter = *raw++;
        for (int i = 0; i < row_bytes; i++) {
            uint8_t *at = pixels + y * row_bytes + i;
            int a = i >= pixel_bytes ? at[-pixel_bytes] : 0;
            int b = y > 0 ? at[-row_bytes] : 0;
            int c = i >= pixel_bytes && y > 0 ? at[-row_bytes - pixel_bytes] : 0;
            const int near[5] = {0, a, b, (a + b) / 2, paeth_predictor(a, b, c)};
            *at = (uint8_t)(raw[i] + near[filter]);
        }
    }
}

/* Every mixture of filters, as pictures and, past the short cut, as maps of numbers. */
static void all_filters_at_all_sizes(void **state)
{
    (void)state;
    static uint8_t raw[64 * 256];
    static uint8_t pixels[64 * 256];
    uint32_t random = 3;
    for (int width_px = 1; width_px <= 36; width_px += width_px < 20 ? 1 : 8)
        for (int rows = 1; rows <= 25; rows += 3)
            for (int kind_index = 0; kind_index < 4; kind_index++) {
                const int pixel_bytes = (const int[]){1, 2, 3, 6}[kind_index];
                const int row_bytes = width_px * pixel_bytes;
                const struct png_kind kind = {(uint32_t)width_px, (uint32_t)rows,
                                              kind_index % 2 == 1 ? 16 : 8,
                                              kind_index < 2 ? 0 : 2, 0};
                for (int i = 0; i < rows * (row_bytes + 1); i++) {
                    random = random * 1664525U + 1013904223U;
                    raw[i] = i % (row_bytes + 1) == 0 ? (uint8_t)((random >> 20) % 5)
                                                      : (uint8_t)(random >> 24);
                }
                unfilter(raw, pixels, rows, row_bytes, pixel_bytes);
                if (kind.depth == 16)
                    for (int i = 0; i < rows * row_bytes / 2; i++)
                        pixels[i] =
                            (uint8_t)((pixels[2 * i] * 256 + pixels[2 * i + 1]) / 257);
                png_add_head(&file, &kind);
                png_add_pixels(&file, raw, (size_t)(rows * (row_bytes + 1)));
                load_ok(65535);
                expect_pixels(pixels);
                if (kind.colour_type != 0 || kind.depth != 8)
                    continue;
                float *values = NULL;
                int w;
                int h;
                assert_int_equal(
                    image_file_read_float(fixture.path, 1.0, &w, &h, &values, &error),
                    PO_OK);
                for (int i = 0; i < w * h; i++)
                    assert_true(pixels[i] == 0 || values[i] == (float)pixels[i]);
                free(values);
            }
}

static void chunks_behind_the_pixels_are_skipped(void **state)
{
    (void)state;
    const struct png_kind kind = {2, 1, 8, 0, 0};
    png_add_head(&file, &kind);
    png_add_pixels(&file, (const uint8_t[]){0, 77, 78}, 3);
    file.used -= 12;
    png_add_chunk(&file, "tEXt", "Comment\0made by hand", 20);
    size_t before_end = file.used;
    png_add_chunk(&file, "IEND", NULL, 0);
    load_ok(65535);
    expect_pixels((const uint8_t[]){77, 78});
    file.used = before_end;
    expect_failure(PO_BAD_IMAGE, "truncated");
    png_add_chunk(&file, "ABCD", "x", 1); /* declined by the short cut, read by libpng */
    png_add_chunk(&file, "IEND", NULL, 0);
    load_ok(65535);
    expect_pixels((const uint8_t[]){77, 78});
}

/* Data in pieces of any size, as cameras write it. */
static void data_in_many_chunks(void **state)
{
    (void)state;
    static struct bytes whole;
    noise_image(40);
    const uint8_t *data = file.data + 41;
    size_t left = file.used - 41 - 4 - 12;
    png_add_head(&whole, &(const struct png_kind){40, 40, 8, 0, 0});
    for (size_t piece = 0; left > 0; piece = piece % 97 + 1) {
        size_t bytes = piece < left ? piece : left;
        png_add_chunk(&whole, "IDAT", data, bytes);
        data += bytes;
        left -= bytes;
    }
    png_add_chunk(&whole, "IEND", NULL, 0);
    load_ok(65535);
    static uint8_t expected[40 * 40];
    for (int y = 0; y < 40; y++)
        memcpy(expected + (ptrdiff_t)40 * y, image_row(&loaded.image, y), 40);
    image_unload(&loaded);
    memcpy(&file, &whole, sizeof(file));
    load_ok(65535);
    expect_pixels(expected);
}

static void unusual_gamma_is_a_warning(void **state)
{
    (void)state;
    const struct png_kind kind = {1, 1, 8, 0, 0};
    png_add_head(&file, &kind);
    png_add_chunk(&file, "gAMA", "\x00\x01\x86\xa0", 4); /* 1.0 */
    png_add_pixels(&file, (const uint8_t[]){0, 77}, 2);
    load_ok(65535);
    assert_int_equal(loaded.warnings.length, 1);
    assert_non_null(strstr(loaded.warnings.texts[0], "gamma of 1.0"));
    expect_pixels((const uint8_t[]){77});
    png_add_head(&file, &kind);
    png_add_chunk(&file, "gAMA", "\x00\x00\xb1\x8f", 4); /* 0.45455 */
    png_add_pixels(&file, (const uint8_t[]){0, 77}, 2);
    load_ok(65535);
    assert_int_equal(loaded.warnings.length, 0);
    image_unload(&loaded);
}

static void rotation_of_exif_is_a_warning(void **state)
{
    (void)state;
    const struct png_kind kind = {1, 1, 8, 0, 0};
    static const uint8_t exif[] = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0,
                                   3,   0,   0, 0,  1, 0, 6, 0, 0, 0, 0, 0,    0};
    png_add_head(&file, &kind);
    png_add_chunk(&file, "eXIf", exif, sizeof(exif));
    png_add_pixels(&file, (const uint8_t[]){0, 77}, 2);
    load_ok(65535);
    assert_int_equal(loaded.header.exif_orientation, 6);
    assert_int_equal(loaded.warnings.length, 1);
    image_unload(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grey_of_every_depth),
        cmocka_unit_test(sixteen_bit_is_scaled_by_white),
        cmocka_unit_test(colour_of_every_kind),
        cmocka_unit_test(palette_becomes_colour),
        cmocka_unit_test(interlaced_equals_plain),
        cmocka_unit_test(all_filters_at_all_sizes),
        cmocka_unit_test(chunks_behind_the_pixels_are_skipped),
        cmocka_unit_test(data_in_many_chunks),
        cmocka_unit_test(unusual_gamma_is_a_warning),
        cmocka_unit_test(rotation_of_exif_is_a_warning),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
