/* SPDX-License-Identifier: Apache-2.0 */
/* WebP as libwebp's own encoder writes it, whole, cut short and spoiled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <webp/encode.h>

#include "base/cancel.h"
#include "support/image_fixture.h"

enum { WIDTH = 61, HEIGHT = 47 };

static struct loaded loaded;
static struct po_error error;
static uint8_t rgb[HEIGHT][3 * WIDTH];
static uint8_t rgba[HEIGHT][4 * WIDTH];

static void fill(void)
{
    uint32_t noise = 1;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            noise = noise * 1664525U + 1013904223U;
            for (int c = 0; c < 3; c++)
                rgb[y][3 * x + c] = rgba[y][4 * x + c] =
                    (uint8_t)(x + 2 * y + 20 * c + (int)(noise >> 29));
            rgba[y][4 * x + 3] = (uint8_t)(255 - x);
        }
}

static uint8_t *encoded; /* by the library; WebPFree */

static void write_encoded(size_t bytes)
{
    assert_true(bytes > 0);
    fixture_write(encoded, bytes);
    WebPFree(encoded);
    encoded = NULL;
}

static void load_ok(void)
{
    if (image_load(fixture.path, 65535, &loaded, &error) != PO_OK)
        fail_msg("%s", error.message);
    assert_int_equal(loaded.header.format, IMAGE_WEBP);
    assert_int_equal(loaded.header.channels, 3);
    assert_int_equal(loaded.image.width_px, WIDTH);
    assert_int_equal(loaded.image.height_px, HEIGHT);
}

static int largest_difference(void)
{
    int largest = 0;
    for (int y = 0; y < HEIGHT; y++)
        for (int i = 0; i < 3 * WIDTH; i++) {
            int difference = abs(image_row(&loaded.image, y)[i] - rgb[y][i]);
            largest = difference > largest ? difference : largest;
        }
    return largest;
}

static void lossless_is_exact_and_lossy_is_near(void **state)
{
    (void)state;
    fill();
    write_encoded(WebPEncodeLosslessRGB(rgb[0], WIDTH, HEIGHT, 3 * WIDTH, &encoded));
    load_ok();
    assert_int_equal(largest_difference(), 0);
    assert_int_equal(loaded.warnings.length, 0);
    image_unload(&loaded);
    write_encoded(WebPEncodeRGB(rgb[0], WIDTH, HEIGHT, 3 * WIDTH, 95, &encoded));
    load_ok();
    assert_in_range(largest_difference(), 1, 60);
    image_unload(&loaded);
}

static void alpha_is_ignored_with_a_warning(void **state)
{
    (void)state;
    fill();
    write_encoded(WebPEncodeRGBA(rgba[0], WIDTH, HEIGHT, 4 * WIDTH, 95, &encoded));
    load_ok();
    assert_true(loaded.header.has_alpha);
    assert_int_equal(loaded.warnings.length, 1);
    assert_non_null(strstr(loaded.warnings.texts[0], "alpha"));
    image_unload(&loaded);
}

static void half_a_file_is_an_error(void **state)
{
    (void)state;
    fill();
    size_t bytes = WebPEncodeRGB(rgb[0], WIDTH, HEIGHT, 3 * WIDTH, 90, &encoded);
    for (size_t cut = 16; cut < bytes; cut += 37) {
        fixture_write(encoded, cut);
        expect_load_failure(PO_BAD_IMAGE, "truncated");
    }
    memset(encoded + bytes / 2, 0, bytes / 4); /* whatever comes out, nothing crashes */
    fixture_write(encoded, bytes);
    (void)image_load(fixture.path, 65535, &loaded, &error);
    image_unload(&loaded);
    memset(encoded + 20, 0xff, 10);
    fixture_write(encoded, bytes);
    expect_load_failure(PO_BAD_IMAGE, "broken WebP");
    WebPFree(encoded);
    encoded = NULL;
}

static void animations_and_maps_are_refused(void **state)
{
    (void)state;
    /* VP8X with the flag of an animation, 16x16. */
    fixture_write("RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x0f\0\0\x0f\0\0", 30);
    expect_load_failure(PO_UNSUPPORTED, "an animation");
    int width_px;
    int height_px;
    float *values;
    fill();
    write_encoded(WebPEncodeLosslessRGB(rgb[0], WIDTH, HEIGHT, 3 * WIDTH, &encoded));
    assert_int_equal(
        image_file_read_float(fixture.path, 1.0, &width_px, &height_px, &values, &error),
        PO_UNSUPPORTED);
}

static void a_cancel_ends_the_decoding(void **state)
{
    (void)state;
    struct cancel cancel = {.requested = 1};
    const struct image_request request = {.scale = {65535, 0}, .cancel = &cancel};
    struct image_header header;
    struct scratch scratch;
    struct image_view image;
    fill();
    write_encoded(WebPEncodeLosslessRGB(rgb[0], WIDTH, HEIGHT, 3 * WIDTH, &encoded));
    assert_int_equal(image_file_probe(fixture.path, &header, &error), PO_OK);
    assert_int_equal(scratch_init(&scratch, 1 << 16, &error), PO_OK);
    assert_int_equal(
        image_file_read(fixture.path, &header, &request, &scratch, &image, &error),
        PO_CANCELLED);
    scratch_release(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lossless_is_exact_and_lossy_is_near),
        cmocka_unit_test(alpha_is_ignored_with_a_warning),
        cmocka_unit_test(half_a_file_is_an_error),
        cmocka_unit_test(animations_and_maps_are_refused),
        cmocka_unit_test(a_cancel_ends_the_decoding),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
