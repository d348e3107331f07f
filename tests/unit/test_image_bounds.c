/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files made to take long: each reader ends by its own bound, whatever repeats, fills or
 * points back into the file, and leaves at the next row after a cancel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/input_file.h"
#include "image/image_reader.h"
#include "support/image_fixture.h"

enum { ALLOWED_S = 60, FILLER_BYTES = 1 << 20, FILLERS = 18 };
#define CORPUS PO_SOURCE_DIR "/tests/fuzz/corpus/"

static struct loaded loaded;
static struct po_error error;
static struct bytes file;
static uint8_t filler[FILLER_BYTES];

static void expect_refused(const char *reason)
{
    (void)alarm(ALLOWED_S); /* a loop without end is a failure, not a wait */
    enum po_status status = image_load(fixture.path, 65535, &loaded, &error);
    image_unload(&loaded);
    (void)alarm(0);
    assert_int_equal(status, PO_BAD_IMAGE);
    if (strstr(error.message, reason) == NULL)
        fail_msg("wanted \"%s\": %s", reason, error.message);
}

/* A file of `head`, FILLERS times a megabyte of `byte`, and `tail`. */
static void write_filled(const char *head, int byte, const char *tail)
{
    FILE *stream = fopen(fixture.path, "wb");
    assert_non_null(stream);
    memset(filler, byte, sizeof(filler));
    (void)fputs(head, stream);
    for (int i = 0; i < FILLERS; i++)
        assert_int_equal(fwrite(filler, 1, sizeof(filler), stream), sizeof(filler));
    (void)fputs(tail, stream);
    assert_int_equal(fclose(stream), 0);
}

static void a_netpbm_header_ends(void **state)
{
    (void)state;
    static const char *const magics[] = {"P2", "P3", "P5", "P6", "Pf"};
    static const char fillings[] = {'#', ' ', '\n', '0', '9', 'x'};
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
        for (size_t k = 0; k < sizeof(fillings); k++) {
            char head[8];
            (void)snprintf(head, sizeof(head), "%s%c", magics[i],
                           fillings[k] == '#' ? '#' : ' ');
            file.used = 0;
            bytes_add(&file, head, 3);
            memset(filler, fillings[k], 70000);
            bytes_add(&file, filler, 70000);
            fixture_write(file.data, file.used);
            expect_refused("header is too long");
            bytes_add(&file, "\n4 4 255\n", 9);
            fixture_write(file.data, file.used);
            expect_refused("header is too long");
        }
}

static void blanks_between_plain_samples_end(void **state)
{
    (void)state;
    write_filled("P2 2 1 255\n1", ' ', "2");
    expect_refused("takes more than");
    write_filled("P2 2 1 255\n1 ", '0', "2");
    expect_refused("takes more than");
}

static void png_chunks_end(void **state)
{
    (void)state;
    static const char *const names[] = {"tEXt", "IDAT", "abCd"};
    const struct png_kind kind = {.width_px = 1, .height_px = 1, .depth = 8};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t bytes = i == 0 ? 60000 : 0;
        png_add_head(&file, &kind);
        size_t head = file.used;
        png_add_chunk(&file, names[i], filler, bytes);
        FILE *stream = fopen(fixture.path, "wb");
        assert_non_null(stream);
        assert_int_equal(fwrite(file.data, 1, file.used, stream), file.used);
        for (size_t left = (size_t)FILLERS * FILLER_BYTES; left > bytes + 12;
             left -= bytes + 12)
            (void)fwrite(file.data + head, 1, bytes + 12, stream);
        file.used = head;
        png_add_pixels(&file, (const uint8_t[]){0, 7}, 2);
        (void)fwrite(file.data + head, 1, file.used - head, stream);
        assert_int_equal(fclose(stream), 0);
        expect_refused("takes more than");
    }
}

static void jpeg_add(struct bytes *to, uint8_t marker, const void *data, size_t bytes)
{
    const uint8_t head[] = {0xff, marker, (uint8_t)((bytes + 2) >> 8),
                            (uint8_t)(bytes + 2)};
    bytes_add(to, head, sizeof(head));
    bytes_add(to, data, bytes);
}

/* A scan of one block in which everything is zero, in one bit. */
static void jpeg_add_scan(struct bytes *to, int first, int last, int high, int low)
{
    const uint8_t scan[] = {
        1, 1, 0, (uint8_t)first, (uint8_t)last, (uint8_t)(high << 4 | low)};
    jpeg_add(to, 0xda, scan, sizeof(scan));
    bytes_add(to, "\x7f", 1);
}

/* Each coefficient for itself, bit by bit: hundreds of scans, and all are allowed. */
static void jpeg_scans_end(void **state)
{
    (void)state;
    uint8_t table[65] = {0};
    const uint8_t frame[] = {8, 0, 8, 0, 8, 1, 1, 0x11, 0};
    uint8_t codes[18] = {0, 1};
    file.used = 0;
    bytes_add(&file, "\xff\xd8", 2);
    memset(table + 1, 1, 64);
    jpeg_add(&file, 0xdb, table, sizeof(table));
    jpeg_add(&file, 0xc2, frame, sizeof(frame));
    jpeg_add(&file, 0xc4, codes, sizeof(codes));
    codes[0] = 0x10;
    jpeg_add(&file, 0xc4, codes, sizeof(codes));
    jpeg_add_scan(&file, 0, 0, 0, 0);
    size_t head = file.used;
    for (int k = 1; k < 64; k++)
        for (int low = 13; low >= 0; low--)
            jpeg_add_scan(&file, k, k, low == 13 ? 0 : low + 1, low);
    bytes_add(&file, "\xff\xd9", 2);
    fixture_write(file.data, file.used);
    expect_refused("more than 200 scans");
    file.used = head;
    for (int k = 1; k < 64; k++)
        jpeg_add_scan(&file, k, k, 0, 0);
    bytes_add(&file, "\xff\xd9", 2);
    fixture_write(file.data, file.used);
    assert_int_equal(image_load(fixture.path, 65535, &loaded, &error), PO_OK);
    image_unload(&loaded);
}

static void jpeg_markers_end(void **state)
{
    (void)state;
    static const uint8_t markers[] = {0xe2, 0xfe, 0xdb};
    for (size_t i = 0; i < sizeof(markers); i++) {
        size_t bytes = markers[i] == 0xdb ? 65 : 65000;
        memset(filler, markers[i] == 0xdb, bytes);
        filler[0] = 0;
        FILE *stream = fopen(fixture.path, "wb");
        assert_non_null(stream);
        (void)fwrite("\xff\xd8", 1, 2, stream);
        file.used = 0;
        jpeg_add(&file, markers[i], filler, bytes);
        for (size_t left = (size_t)FILLERS * FILLER_BYTES; left > file.used;
             left -= file.used)
            (void)fwrite(file.data, 1, file.used, stream);
        assert_int_equal(fclose(stream), 0);
        expect_refused("takes more than");
    }
}

static void tiff_add_entry(struct bytes *to, int tag, int type, uint32_t count,
                           uint32_t value)
{
    const uint8_t entry[] = {(uint8_t)(tag >> 8), (uint8_t)tag, 0, (uint8_t)type};
    bytes_add(to, entry, sizeof(entry));
    bytes_add_32(to, count);
    bytes_add_32(to, type == 3 ? value << 16 : value);
}

enum { STRIPS = 4096, STRIP_WIDTH_PX = 64, STRIP_BYTES = 1 << 20 };

/* 64x4096 pixels in strips of one row, each said to be the same megabyte. */
static void tiff_strips_that_share_bytes_end(void **state)
{
    (void)state;
    enum { AT_OFFSETS = 8 + 2 + 10 * 12 + 4, AT_COUNTS = AT_OFFSETS + 4 * STRIPS };
    file.used = 0;
    bytes_add(&file, "MM\0*\0\0\0\x08\0\x0a", 10);
    tiff_add_entry(&file, 256, 4, 1, STRIP_WIDTH_PX);
    tiff_add_entry(&file, 257, 4, 1, STRIPS);
    tiff_add_entry(&file, 258, 3, 1, 8);
    tiff_add_entry(&file, 259, 3, 1, 32773); /* PackBits */
    tiff_add_entry(&file, 262, 3, 1, 1);
    tiff_add_entry(&file, 273, 4, STRIPS, AT_OFFSETS);
    tiff_add_entry(&file, 277, 3, 1, 1);
    tiff_add_entry(&file, 278, 4, 1, 1);
    tiff_add_entry(&file, 279, 4, STRIPS, AT_COUNTS);
    tiff_add_entry(&file, 284, 3, 1, 1);
    bytes_add_32(&file, 0);
    for (int i = 0; i < STRIPS; i++)
        bytes_add_32(&file, AT_COUNTS + 4 * STRIPS);
    for (int i = 0; i < STRIPS; i++)
        bytes_add_32(&file, STRIP_BYTES);
    FILE *stream = fopen(fixture.path, "wb");
    assert_non_null(stream);
    (void)fwrite(file.data, 1, file.used, stream);
    memset(filler, 0, sizeof(filler)); /* runs of one literal byte */
    (void)fwrite(filler, 1, STRIP_BYTES, stream);
    assert_int_equal(fclose(stream), 0);
    expect_refused("takes more than");
}

struct stop {
    struct cancel cancel;
    int rows;
};

static void stop_at_third(void *context, const struct image_span *span,
                          const void *samples)
{
    struct stop *stop = context;
    (void)span;
    (void)samples;
    if (++stop->rows == 3)
        atomic_store(&stop->cancel.requested, 1);
}

static void expect_cancelled(const struct image_reader *reader, const char *path)
{
    static struct image_source source;
    static float row[4096];
    struct stop stop = {.rows = 0};
    struct input_stat info;
    struct image_header header;
    struct image_sink sink = {.row = row, .put = stop_at_third, .context = &stop};
    assert_int_equal(image_file_probe(path, &header, &error), PO_OK);
    memset(&source, 0, sizeof(source));
    assert_int_equal(input_file_open(path, &source.descriptor, &info, &error), PO_OK);
    source.path = path;
    source.size_bytes = info.size_bytes;
    source.most_bytes = IMAGE_METADATA_MAX_BYTES;
    source.cancel = &stop.cancel;
    assert_int_equal(reader->decode(&source, &header, &sink, NULL, &error), PO_CANCELLED);
    assert_in_range(stop.rows, 3, header.height_px - 1);
    (void)close(source.descriptor);
}

static void write_rows(const char *head, int rows)
{
    file.used = 0;
    bytes_add(&file, head, strlen(head));
    for (int i = 0; i < rows; i++)
        bytes_add(&file, "1 2 3 4 ", 8);
    fixture_write(file.data, file.used);
}

static void a_cancel_ends_the_decoding(void **state)
{
    (void)state;
    expect_cancelled(&png_reader, CORPUS "fuzz_png/rgba16_interlaced.png");
    expect_cancelled(&jpeg_reader, CORPUS "fuzz_jpeg/colour.jpg");
    expect_cancelled(&jpeg_reader, CORPUS "fuzz_jpeg/progressive.jpg");
    expect_cancelled(&tiff_reader, CORPUS "fuzz_tiff/grey8.tif");
    expect_cancelled(&tiff_reader, CORPUS "fuzz_tiff/rgb8_lzw.tif");
    write_rows("P2 4 9 9\n", 9);
    expect_cancelled(&netpbm_reader, fixture.path);
    write_rows("P5 8 9 255\n", 9);
    expect_cancelled(&netpbm_reader, fixture.path);
    write_rows("Pf 2 9 -1\n", 9);
    expect_cancelled(&netpbm_reader, fixture.path);
}

static void a_request_is_cancelled_before_it_begins(void **state)
{
    (void)state;
    struct cancel cancel = {.requested = 1};
    const struct image_request request = {.scale = {65535, 0}, .cancel = &cancel};
    struct image_header header;
    struct scratch scratch;
    struct image_view image;
    struct sample_bounds bounds;
    write_rows("P5 8 9 255\n", 9);
    assert_int_equal(image_file_probe(fixture.path, &header, &error), PO_OK);
    assert_int_equal(scratch_init(&scratch, 1 << 19, &error), PO_OK);
    assert_int_equal(
        image_file_read(fixture.path, &header, &request, &scratch, &image, &error),
        PO_CANCELLED);
    write_rows("P5 4 9 65535\n", 9);
    assert_int_equal(
        image_file_sample_bounds(fixture.path, &cancel, &scratch, &bounds, &error),
        PO_CANCELLED);
    scratch_release(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_netpbm_header_ends),
        cmocka_unit_test(blanks_between_plain_samples_end),
        cmocka_unit_test(png_chunks_end),
        cmocka_unit_test(jpeg_scans_end),
        cmocka_unit_test(jpeg_markers_end),
        cmocka_unit_test(tiff_strips_that_share_bytes_end),
        cmocka_unit_test(a_cancel_ends_the_decoding),
        cmocka_unit_test(a_request_is_cancelled_before_it_begins),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
