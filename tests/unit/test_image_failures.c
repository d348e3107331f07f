/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of the system under the image readers and writers fails in turn. A failing
 * disk or memory is never called a broken image, and the message names the file.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/input_file.h"
#include "image/image_writer.h"
#include "image/jpeg_writer.h"
#include "support/failing_calls.h"
#include "support/image_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CORPUS PO_SOURCE_DIR "/tests/fuzz/corpus/fuzz_"

enum { MOST_CALLS = 400 };

static const char *const pictures[] = {
    NULL, /* a PNG of the test's own */

    CORPUS "jpeg/colour.jpg",
    CORPUS "jpeg/progressive.jpg",
    CORPUS "jpeg/rotated.jpg",
    CORPUS "tiff/grey8.tif",
    CORPUS "tiff/rgb16_deflate_tiles.tif",
    CORPUS "tiff/rgb8_lzw.tif",
    CORPUS "tiff/rgba8_packbits.tif",
    CORPUS "bmp/mono.bmp",
    CORPUS "bmp/rgb565.bmp",
    CORPUS "bmp/v5.bmp",
    CORPUS "webp/lossless.webp",
    CORPUS "webp/extended.webp",
    CORPUS "netpbm/p2.pgm",
    CORPUS "netpbm/p5_16.pgm",
    CORPUS "netpbm/p6.ppm",
};

static const struct {
    enum failing_call call;
    int cause;
} causes[] = {{CALL_OPEN, EIO},  {CALL_OPEN, EMFILE}, {CALL_READ, EIO},
              {CALL_PREAD, EIO}, {CALL_STAT, EIO},    {CALL_MEMORY, ENOMEM}};

static struct loaded loaded;
static struct loaded whole;

static bool same_pixels(void)
{
    size_t bytes = (size_t)whole.image.width_px * (size_t)whole.image.channels;
    for (int y = 0; y < whole.image.height_px; y++)
        if (memcmp(image_row(&loaded.image, y), image_row(&whole.image, y), bytes) != 0)
            return false;
    return true;
}

static bool fail_one(const char *path, size_t c, int number)
{
    struct po_error error = {0};
    int before = lowest_free_descriptor();
    fail_call(causes[c].call, number, causes[c].cause);
    enum po_status status = image_load(path, 65535, &loaded, &error);
    bool reached = mend_calls();
    bool said = input_status_is_passing(status) && strstr(error.message, path) != NULL;
    if (status == PO_OK ? !same_pixels() : !said) {
        print_error("%s: %s %d failed: %s: %s\n", path,
                    failing_call_names[causes[c].call], number, po_status_name(status),
                    error.message);
        fail();
    }
    image_unload(&loaded);
    assert_int_equal(lowest_free_descriptor(), before);
    return reached;
}

/* With a palette and its alpha. */
static void write_palette(void)
{
    static struct bytes png;
    const struct png_kind kind = {9, 1, 8, 3, 0};
    const uint8_t colours[6] = {1, 2, 3, 4, 5, 6};
    const uint8_t alpha[2] = {255, 9};
    const uint8_t raw[10] = {0, 0, 1, 0, 1, 0, 1, 0, 1, 1};
    png_add_head(&png, &kind);
    png_add_chunk(&png, "PLTE", colours, sizeof(colours));
    png_add_chunk(&png, "tRNS", alpha, sizeof(alpha));
    png_add_pixels(&png, raw, sizeof(raw));
    fixture_write(png.data, png.used);
}

static void a_failing_disk_is_no_broken_image(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pictures); i++) {
        struct po_error error = {0};
        const char *path = pictures[i] != NULL ? pictures[i] : fixture.path;
        if (pictures[i] == NULL)
            write_palette();
        enum po_status status = image_load(path, 65535, &whole, &error);
        assert_string_equal(error.message, "");
        assert_int_equal(status, PO_OK);
        int failures = 0;
        for (size_t c = 0; c < COUNT(causes); c++)
            for (int n = 1; n < MOST_CALLS && fail_one(path, c, n); n++)
                failures++;
        assert_true(failures > 8);
        cut_transfers_short();
        status = image_load(path, 65535, &loaded, &error);
        (void)mend_calls();
        assert_string_equal(error.message, "");
        assert_int_equal(status, PO_OK);
        assert_true(same_pixels());
        image_unload(&loaded);
        image_unload(&whole);
    }
}

/* A map of floats, as a prior or ground truth is read. */
static void maps_fail_as_pictures_do(void **state)
{
    (void)state;
    static const char path[] = CORPUS "netpbm/pf.pfm";
    for (size_t c = 0; c < COUNT(causes); c++) {
        bool reached = true;
        for (int number = 1; reached && number < MOST_CALLS; number++) {
            struct po_error error = {0};
            int size[2];
            float *values = NULL;
            fail_call(causes[c].call, number, causes[c].cause);
            enum po_status status =
                image_file_read_float(path, 1, &size[0], &size[1], &values, &error);
            reached = mend_calls();
            assert_true(status == PO_OK || input_status_is_passing(status));
            assert_true((status == PO_OK) == (values != NULL));
            assert_true(status == PO_OK || strstr(error.message, path) != NULL);
            free(values);
        }
    }
}

static enum po_status write_png(struct po_error *error)
{
    static struct atomic_file file;
    static struct png_writer writer;
    const uint16_t row[16] = {0};
    const struct png_shape shape = {
        .width_px = 16, .height_px = 9, .channels = 1, .bits = 16};
    enum po_status status = atomic_file_open(&file, fixture.path, error);
    if (status == PO_OK)
        status = png_writer_begin(&writer, &file, &shape, NULL, 0, error);
    for (int y = 0; y < 9 && status == PO_OK; y++)
        status = png_writer_row(&writer, row, error);
    if (status == PO_OK)
        status = png_writer_end(&writer, error);
    png_writer_release(&writer);
    memset(&writer, 0, sizeof(writer));
    if (status == PO_OK)
        status = atomic_file_publish(&file, error);
    atomic_file_discard(&file);
    return status;
}

static void a_png_is_written_whole_or_not(void **state)
{
    (void)state;
    static const struct {
        enum failing_call call;
        int cause;
    } writing[] = {{CALL_WRITE, ENOSPC},
                   {CALL_FSYNC, EIO},
                   {CALL_MEMORY, ENOMEM},
                   {CALL_RENAME, EIO},
                   {CALL_OPEN, EACCES}};
    for (size_t c = 0; c < COUNT(writing); c++) {
        bool reached = true;
        for (int number = 1; reached && number < MOST_CALLS; number++) {
            struct po_error error = {0};
            (void)unlink(fixture.path);
            fail_call(writing[c].call, number, writing[c].cause);
            enum po_status status = write_png(&error);
            reached = mend_calls();
            assert_int_equal(status == PO_OK, access(fixture.path, F_OK) == 0);
            assert_true(!reached || input_status_is_passing(status));
            assert_true(status == PO_OK || strstr(error.message, fixture.path) != NULL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failing_disk_is_no_broken_image),
        cmocka_unit_test(maps_fail_as_pictures_do),
        cmocka_unit_test(a_png_is_written_whole_or_not),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
