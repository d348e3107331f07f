/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image_fixture.h"

static struct fixture fixture;
static struct bytes file;
static struct loaded loaded;
static struct po_error error;

static void load_ok(int white)
{
    fixture_write(&fixture, file.data, file.used);
    if (image_load(fixture.path, white, &loaded, &error) != PO_OK)
        fail_msg("%s", error.message);
}

static void expect_pixels(const uint8_t *pixels)
{
    size_t row_bytes = (size_t)loaded.image.width_px * (size_t)loaded.image.channels;
    for (int y = 0; y < loaded.image.height_px; y++)
        assert_memory_equal(image_row(&loaded.image, y), pixels + (size_t)y * row_bytes,
                            row_bytes);
    image_unload(&loaded);
}

static void expect_failure(enum po_status status, const char *part)
{
    fixture_write(&fixture, file.data, file.used);
    error.message[0] = '\0';
    assert_int_equal(image_load(fixture.path, 65535, &loaded, &error), status);
    assert_non_null(strstr(error.message, fixture.path));
    if (strstr(error.message, part) == NULL)
        fail_msg("'%s' lacks '%s'", error.message, part);
    image_unload(&loaded);
}

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
    int max_sample = 0;
    assert_int_equal(scratch_init(&scratch, 4096, NULL), PO_OK);
    assert_int_equal(image_file_max_sample(fixture.path, &scratch, &max_sample, &error),
                     PO_OK);
    assert_int_equal(max_sample, 65535);
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

static void noise_image(int side)
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
    struct image_scale16 scale = {65535};
    png_add_head(&file, &small);
    png_add_pixels(&file, (const uint8_t[]){0, 77}, 2);
    fixture_write(&fixture, file.data, file.used);
    assert_int_equal(image_file_probe(fixture.path, &header, &error), PO_OK);
    assert_int_equal(scratch_init(&scratch, 4096, NULL), PO_OK);
    png_add_head(&file, &wide);
    png_add_pixels(&file, (const uint8_t[]){0, 77, 78}, 3);
    fixture_write(&fixture, file.data, file.used);
    assert_int_equal(
        image_file_read(fixture.path, &header, scale, &scratch, &image, NULL, &error),
        PO_BAD_IMAGE);
    assert_non_null(strstr(error.message, "changed"));
    fixture_write(&fixture, "\xff\xd8\xff\xe0", 4);
    assert_int_equal(
        image_file_read(fixture.path, &header, scale, &scratch, &image, NULL, &error),
        PO_BAD_IMAGE);
    assert_non_null(strstr(error.message, "changed"));
    scratch_release(&scratch);
}

static int setup(void **state)
{
    (void)state;
    fixture_init(&fixture);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_release(&fixture);
    return 0;
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
        cmocka_unit_test(unknown_filters_are_an_error),
        cmocka_unit_test(data_of_the_wrong_length),
        cmocka_unit_test(chunks_behind_the_pixels_are_skipped),
        cmocka_unit_test(data_in_many_chunks),
        cmocka_unit_test(unusual_gamma_is_a_warning),
        cmocka_unit_test(rotation_of_exif_is_a_warning),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(every_flipped_bit_of_pixels_is_an_error),
        cmocka_unit_test(huge_claims_are_refused),
        cmocka_unit_test(a_changed_file_is_an_error),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
