/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/image_writer.h"
#include "support/image_fixture.h"

static struct po_error error;
static struct atomic_file file;

static void publish(enum po_status status)
{
    if (status == PO_OK)
        status = atomic_file_publish(&file, &error);
    atomic_file_discard(&file);
    if (status != PO_OK)
        fail_msg("%s", error.message);
}

static void open_file(void)
{
    assert_int_equal(atomic_file_open(&file, fixture.path, &error), PO_OK);
}

static uint8_t sample(int x, int y)
{
    return (uint8_t)(x * x + 3 * y + (x ^ y));
}

static void png_of_8_bit_reads_back(void **state)
{
    (void)state;
    static uint8_t pixels[200 * 640];
    const int widths[] = {1, 2, 7, 200};
    for (int channels = 1; channels <= 3; channels += 2)
        for (int w = 0; w < 4; w++) {
            struct image_view image = {widths[w], 97, channels, 640, pixels};
            for (int y = 0; y < image.height_px; y++)
                for (int x = 0; x < image.width_px * channels; x++)
                    image_row(&image, y)[x] = sample(x, y);
            open_file();
            publish(png_write(&file, &image, NULL, 0, &error));
            struct loaded loaded;
            assert_int_equal(image_load(fixture.path, 65535, &loaded, &error), PO_OK);
            assert_int_equal(loaded.header.channels, channels);
            assert_int_equal(loaded.image.width_px, image.width_px);
            assert_int_equal(loaded.image.height_px, image.height_px);
            for (int y = 0; y < image.height_px; y++)
                assert_memory_equal(image_row(&loaded.image, y), image_row(&image, y),
                                    (size_t)image.width_px * (size_t)channels);
            image_unload(&loaded);
        }
}

static enum po_status write_16_bit(const struct image_text *texts, int text_count)
{
    const struct png_shape shape = {33, 70, 1, 16, PNG_ROWS_UP};
    struct png_writer writer;
    enum po_status status =
        png_writer_begin(&writer, &file, &shape, texts, text_count, &error);
    for (int y = 0; y < shape.height_px && status == PO_OK; y++) {
        uint16_t values[33];
        for (int x = 0; x < shape.width_px; x++)
            values[x] = (uint16_t)(257 * x + 1000 * y);
        status = png_writer_row(&writer, values, &error);
    }
    return status == PO_OK ? png_writer_end(&writer, &error) : status;
}

static void png_of_16_bit_reads_back_with_its_text(void **state)
{
    (void)state;
    const struct image_text texts[] = {{"unit_mm", "5"}, {"Software", "process_offline"}};
    open_file();
    publish(write_16_bit(texts, 2));
    int read_width_px = 0;
    int read_height_px = 0;
    float *values = NULL;
    assert_int_equal(image_file_read_float(fixture.path, 2.0, &read_width_px,
                                           &read_height_px, &values, &error),
                     PO_OK);
    assert_int_equal(read_width_px, 33);
    assert_int_equal(read_height_px, 70);
    assert_true(values[0] != values[0]); /* 0 is invalid */
    for (int y = 0; y < 70; y++)
        for (int x = y == 0 ? 1 : 0; x < 33; x++) {
            float expected = (float)(uint16_t)(257 * x + 1000 * y) / 2.0F;
            if (expected > 0.0F)
                assert_true(values[y * 33 + x] == expected);
        }
    free(values);
    size_t bytes;
    uint8_t *content = fixture_load(fixture.path, &bytes);
    assert_memory_equal(content + 33, "\0\0\0\x09tEXtunit_mm\0005", 17);
    free(content);
}

static void png_bytes_are_the_same_twice(void **state)
{
    (void)state;
    static uint8_t pixels[300 * 300];
    for (int i = 0; i < 300 * 300; i++)
        pixels[i] = sample(i % 300, i / 300);
    struct image_view image = {300, 300, 1, 300, pixels};
    size_t first_bytes;
    size_t second_bytes;
    open_file();
    publish(png_write(&file, &image, NULL, 0, &error));
    uint8_t *first = fixture_load(fixture.path, &first_bytes);
    open_file();
    publish(png_write(&file, &image, NULL, 0, &error));
    uint8_t *second = fixture_load(fixture.path, &second_bytes);
    assert_int_equal(first_bytes, second_bytes);
    assert_memory_equal(first, second, first_bytes);
    free(first);
    free(second);
}

static void row_float(void *context, int y, float *values)
{
    (void)context;
    values[0] = (float)y;
    values[1] = 0.5F;
}

static void pfm_is_bottom_up_and_little_endian(void **state)
{
    (void)state;
    static const uint8_t expected[] = "Pf\n2 3\n-1.0\n"
                                      "\0\0\0\x40\0\0\0\x3f"
                                      "\0\0\x80\x3f\0\0\0\x3f"
                                      "\0\0\0\0\0\0\0\x3f";
    open_file();
    publish(pfm_write(&file, 2, 3, row_float, NULL, &error));
    size_t bytes;
    uint8_t *content = fixture_load(fixture.path, &bytes);
    assert_int_equal(bytes, sizeof(expected) - 1);
    assert_memory_equal(content, expected, bytes);
    free(content);
}

static void pfm_rows_may_come_in_any_order(void **state)
{
    (void)state;
    struct pfm_writer writer;
    size_t bytes;
    open_file();
    publish(pfm_write(&file, 2, 3, row_float, NULL, &error));
    uint8_t *whole = fixture_load(fixture.path, &bytes);
    open_file();
    assert_int_equal(pfm_writer_begin(&writer, &file, 2, 3, &error), PO_OK);
    assert_int_equal(pfm_writer_rows(&writer, 0, 2, row_float, NULL, &error), PO_OK);
    assert_int_equal(pfm_writer_rows(&writer, 2, 1, row_float, NULL, &error), PO_OK);
    assert_int_equal(file.written, bytes);
    publish(PO_OK);
    size_t parted_bytes;
    uint8_t *parted = fixture_load(fixture.path, &parted_bytes);
    assert_int_equal(parted_bytes, bytes);
    assert_memory_equal(parted, whole, bytes);
    free(whole);
    free(parted);
}

static void a_full_disk_is_named(void **state)
{
    (void)state;
    static uint8_t pixels[300 * 300];
    uint32_t random = 1;
    for (int i = 0; i < 300 * 300; i++) {
        random = random * 1664525U + 1013904223U;
        pixels[i] = (uint8_t)(random >> 24);
    }
    struct image_view image = {300, 300, 1, 300, pixels};
    assert_int_equal(atomic_file_open_plain(&file, "/dev/full", false, &error), PO_OK);
    assert_int_equal(png_write(&file, &image, NULL, 0, &error), PO_IO);
    assert_non_null(strstr(error.message, "disk is full"));
    atomic_file_discard(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_of_8_bit_reads_back),
        cmocka_unit_test(png_of_16_bit_reads_back_with_its_text),
        cmocka_unit_test(png_bytes_are_the_same_twice),
        cmocka_unit_test(pfm_is_bottom_up_and_little_endian),
        cmocka_unit_test(pfm_rows_may_come_in_any_order),
        cmocka_unit_test(a_full_disk_is_named),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
