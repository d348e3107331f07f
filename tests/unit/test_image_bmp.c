/* SPDX-License-Identifier: Apache-2.0 */
/* BMP of every kind that is read, and what is refused; files are made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/image_fixture.h"

static struct loaded loaded;
static struct po_error error;

struct bmp {
    int width_px;
    int height_px; /* negative: rows from the top */
    int bits;
    uint32_t header_bytes; /* 12, 40, 52, 56, 108, 124 */
    uint32_t compression;
    uint32_t colours;     /* of the palette, as the header says */
    uint32_t masks[4];    /* red, green, blue, alpha */
    uint32_t extra_bytes; /* between header and pixels */
};

static struct bytes file;

static void add_little(uint32_t value, size_t bytes)
{
    uint8_t data[4];
    for (size_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)(value >> (8 * i));
    bytes_add(&file, data, bytes);
}

static void add_zeros(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        add_little(0, 1);
}

/* How many masks follow a header that has no room for them. */
static uint32_t masks_behind(const struct bmp *bmp)
{
    return bmp->compression == 6 ? 4 : bmp->compression == 3 ? 3 : 0;
}

static void add_info(const struct bmp *bmp)
{
    add_little((uint32_t)bmp->width_px, 4);
    add_little((uint32_t)bmp->height_px, 4);
    add_little(1, 2);
    add_little((uint32_t)bmp->bits, 2);
    add_little(bmp->compression, 4);
    add_zeros(12);
    add_little(bmp->colours, 4);
    add_zeros(4);
    for (uint32_t i = 0; 40 + 4 * (i + 1) <= bmp->header_bytes && i < 4; i++)
        add_little(bmp->masks[i], 4);
    if (bmp->header_bytes > 56)
        add_zeros(bmp->header_bytes - 56);
    for (uint32_t i = 0; i < masks_behind(bmp) && bmp->header_bytes == 40; i++)
        add_little(bmp->masks[i], 4);
}

static void bmp_write(const struct bmp *bmp, const uint8_t *palette, size_t palette_bytes,
                      const uint8_t *pixels, size_t pixel_bytes)
{
    uint32_t masks = bmp->header_bytes == 40 ? 4 * masks_behind(bmp) : 0;
    file.used = 0;
    bytes_add(&file, "BM", 2);
    add_zeros(8);
    add_little(
        14 + bmp->header_bytes + masks + (uint32_t)palette_bytes + bmp->extra_bytes, 4);
    add_little(bmp->header_bytes, 4);
    if (bmp->header_bytes == 12) {
        add_little((uint32_t)bmp->width_px, 2);
        add_little((uint32_t)bmp->height_px, 2);
        add_little(1, 2);
        add_little((uint32_t)bmp->bits, 2);
    } else {
        add_info(bmp);
    }
    if (palette_bytes > 0)
        bytes_add(&file, palette, palette_bytes);
    add_zeros(bmp->extra_bytes);
    if (pixel_bytes > 0)
        bytes_add(&file, pixels, pixel_bytes);
    fixture_write(file.data, file.used);
}

static void expect_pixels(int channels, const uint8_t *pixels)
{
    if (image_load(fixture.path, 65535, &loaded, &error) != PO_OK)
        fail_msg("%s", error.message);
    assert_int_equal(loaded.header.format, IMAGE_BMP);
    assert_int_equal(loaded.header.channels, channels);
    assert_int_equal(loaded.header.bits, 8);
    size_t row_bytes = (size_t)loaded.image.width_px * (size_t)channels;
    for (int y = 0; y < loaded.image.height_px; y++)
        assert_memory_equal(image_row(&loaded.image, y), pixels + (size_t)y * row_bytes,
                            row_bytes);
    image_unload(&loaded);
}

static const uint8_t greys[] = {0, 0, 0, 0, 80, 80, 80, 0, 160, 160, 160, 0};
static const uint8_t palette_bytes[] = {1, 2, 3, 0, 4, 5, 6, 0};

static void palettes_of_all_depths(void **state)
{
    (void)state;
    struct bmp bmp = {3, 2, 8, 40, 0, 3, {0}, 0};
    const uint8_t bytes[] = {0, 1, 2, 0, 2, 1, 0, 0};
    bmp_write(&bmp, greys, sizeof(greys), bytes, sizeof(bytes));
    expect_pixels(1, (const uint8_t[]){160, 80, 0, 0, 80, 160}); /* from the bottom */
    bmp.height_px = -2;
    bmp_write(&bmp, greys, sizeof(greys), bytes, sizeof(bytes));
    expect_pixels(1, (const uint8_t[]){0, 80, 160, 160, 80, 0});
    const uint8_t nibbles[] = {0x12, 0x00, 0, 0, 0x21, 0x00, 0, 0};
    bmp.bits = 4;
    bmp_write(&bmp, greys, sizeof(greys), nibbles, sizeof(nibbles));
    expect_pixels(1, (const uint8_t[]){80, 160, 0, 160, 80, 0});
    const uint8_t bits[] = {0xa0, 0, 0, 0, 0x40, 0, 0, 0};
    bmp.bits = 1;
    bmp.colours = 2;
    bmp_write(&bmp, palette_bytes, sizeof(palette_bytes), bits, sizeof(bits));
    expect_pixels(
        3, (const uint8_t[]){6, 5, 4, 3, 2, 1, 6, 5, 4, 3, 2, 1, 6, 5, 4, 3, 2, 1});
    bmp.bits = 8;
    bmp.colours = 2;
    bmp_write(&bmp, greys, 8, bytes, sizeof(bytes));
    expect_load_failure(PO_BAD_IMAGE, "outside its palette");
    bmp.colours = 300;
    bmp_write(&bmp, greys, 8, bytes, sizeof(bytes));
    expect_load_failure(PO_BAD_IMAGE, "palette is larger");
}

static void colours_with_and_without_masks(void **state)
{
    (void)state;
    struct bmp bmp = {1, 2, 24, 40, 0, 0, {0}, 0};
    const uint8_t three[] = {1, 2, 3, 0, 4, 5, 6}; /* the last row without padding */
    bmp_write(&bmp, NULL, 0, three, sizeof(three));
    expect_pixels(3, (const uint8_t[]){6, 5, 4, 3, 2, 1});
    bmp.header_bytes = 12;
    bmp_write(&bmp, NULL, 0, three, sizeof(three));
    expect_pixels(3, (const uint8_t[]){6, 5, 4, 3, 2, 1});
    struct bmp four = {1, -1, 32, 40, 0, 0, {0}, 30};
    bmp_write(&four, NULL, 0, (const uint8_t[]){1, 2, 3, 99}, 4);
    expect_pixels(3, (const uint8_t[]){3, 2, 1});
    struct bmp fifteen = {2, -1, 16, 40, 0, 0, {0}, 0};
    bmp_write(&fifteen, NULL, 0, (const uint8_t[]){0x00, 0x7c, 0xff, 0x7f}, 4);
    expect_pixels(3, (const uint8_t[]){255, 0, 0, 255, 255, 255});
    struct bmp sixteen = {2, -1, 16, 40, 3, 0, {0xf800, 0x07e0, 0x001f, 0}, 0};
    bmp_write(&sixteen, NULL, 0, (const uint8_t[]){0xe0, 0x07, 0x1f, 0x00}, 4);
    expect_pixels(3, (const uint8_t[]){0, 255, 0, 0, 0, 255});
    struct bmp alpha = {1, -1, 32, 108, 3, 0, {0xff, 0xff00, 0xff0000, 0xff000000}, 0};
    bmp_write(&alpha, NULL, 0, (const uint8_t[]){1, 2, 3, 99}, 4);
    expect_pixels(3, (const uint8_t[]){1, 2, 3});
    assert_int_equal(loaded.warnings.length, 1);
    assert_non_null(strstr(loaded.warnings.texts[0], "alpha"));
    struct bmp behind = {1, -1, 32, 40, 6, 0, {0xff, 0xff00, 0xff0000, 0xff000000}, 0};
    bmp_write(&behind, NULL, 0, (const uint8_t[]){1, 2, 3, 99}, 4);
    expect_pixels(3, (const uint8_t[]){1, 2, 3});
    assert_int_equal(loaded.warnings.length, 1);
    behind.masks[3] = 0;
    bmp_write(&behind, NULL, 0, (const uint8_t[]){1, 2, 3, 99}, 4);
    expect_pixels(3, (const uint8_t[]){1, 2, 3});
    assert_int_equal(loaded.warnings.length, 0);
    alpha.masks[1] = 0xf0f0;
    bmp_write(&alpha, NULL, 0, (const uint8_t[]){1, 2, 3, 99}, 4);
    expect_load_failure(PO_BAD_IMAGE, "no run of bits");
}

/* Rows longer than what is read at once. */
static void wide_rows(void **state)
{
    (void)state;
    enum { WIDE = 5001 };
    static uint8_t pixels[2][4 * ((WIDE * 3 + 3) / 4)];
    static uint8_t expected[2][3 * WIDE];
    for (int y = 0; y < 2; y++)
        for (int i = 0; i < 3 * WIDE; i++) {
            pixels[y][i] = (uint8_t)(i * 7 + y);
            expected[1 - y][i - i % 3 + 2 - i % 3] = (uint8_t)(i * 7 + y);
        }
    const struct bmp bmp = {WIDE, 2, 24, 40, 0, 0, {0}, 0};
    bmp_write(&bmp, NULL, 0, pixels[0], sizeof(pixels));
    expect_pixels(3, expected[0]);
}

static void what_is_not_read_is_named(void **state)
{
    (void)state;
    static const uint8_t pixels[16];
    struct bmp bmp = {2, 2, 8, 40, 1, 0, {0}, 1024};
    bmp_write(&bmp, NULL, 0, pixels, sizeof(pixels));
    expect_load_failure(PO_UNSUPPORTED, "run-length coded BMP");
    bmp.compression = 4;
    bmp_write(&bmp, NULL, 0, pixels, sizeof(pixels));
    expect_load_failure(PO_UNSUPPORTED, "JPEG inside a BMP");
    bmp.compression = 99;
    bmp_write(&bmp, NULL, 0, pixels, sizeof(pixels));
    expect_load_failure(PO_BAD_IMAGE, "compression is unknown");
    bmp.compression = 0;
    bmp.bits = 7;
    bmp_write(&bmp, NULL, 0, pixels, sizeof(pixels));
    expect_load_failure(PO_BAD_IMAGE, "bits of a pixel");
    bmp.bits = 24;
    bmp.width_px = -2;
    bmp_write(&bmp, NULL, 0, pixels, sizeof(pixels));
    expect_load_failure(PO_BAD_IMAGE, "width is negative");
    bmp.width_px = 0;
    bmp_write(&bmp, NULL, 0, pixels, sizeof(pixels));
    expect_load_failure(PO_BAD_IMAGE, "0x2 pixels");
    bmp.width_px = 2;
    bmp.height_px = INT32_MIN;
    bmp_write(&bmp, NULL, 0, pixels, sizeof(pixels));
    expect_load_failure(PO_UNSUPPORTED, "2147483648 pixels");
    bmp.height_px = 60000;
    bmp_write(&bmp, NULL, 0, pixels, sizeof(pixels));
    expect_load_failure(PO_BAD_IMAGE, "cannot hold the 2x60000 pixels");
    bmp.height_px = 2;
    bmp_write(&(struct bmp){2, 2, 24, 40, 0, 0, {0}, 0}, NULL, 0, pixels, 16);
    file.data[10] = 30;
    fixture_write(file.data, file.used);
    expect_load_failure(PO_BAD_IMAGE, "begin inside its header");
}

static void a_file_that_ends_early_is_truncated(void **state)
{
    (void)state;
    static const uint8_t pixels[16];
    const struct bmp bmp = {2, 2, 24, 40, 0, 0, {0}, 0};
    bmp_write(&bmp, NULL, 0, pixels, sizeof(pixels));
    size_t whole = file.used - 2; /* padding of the last row may be missing */
    for (size_t bytes = 18; bytes < whole; bytes++) {
        fixture_write(file.data, bytes);
        expect_load_failure(PO_BAD_IMAGE, "truncated");
    }
    fixture_write(file.data, whole);
    assert_int_equal(image_load(fixture.path, 65535, &loaded, &error), PO_OK);
    image_unload(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(palettes_of_all_depths),
        cmocka_unit_test(colours_with_and_without_masks),
        cmocka_unit_test(wide_rows),
        cmocka_unit_test(what_is_not_read_is_named),
        cmocka_unit_test(a_file_that_ends_early_is_truncated),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
