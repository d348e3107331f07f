/* SPDX-License-Identifier: Apache-2.0 */
/* Images large enough that ISA-L inflates them: the same pixels from data in chunks of
 * any size, and damage is told as libpng tells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/png_inflate.h"
#include "support/png_fixture.h"

enum { SIDE_PX = 400, RAW_BYTES = SIDE_PX * (SIDE_PX + 1), HEAD_BYTES = 33 };

static uint8_t raw[RAW_BYTES + SIDE_PX + 1]; /* and a row too many */
static uint8_t pixels[SIDE_PX * SIDE_PX];
static uint8_t packed[RAW_BYTES];
static uLongf packed_bytes;
static const struct png_kind kind = {SIDE_PX, SIDE_PX, 8, 0, 0};

/* Half of it can be squeezed out: what is left is several blocks of stored bytes. */
static void pack(size_t bytes)
{
    uint32_t random = 5;
    for (size_t i = 0; i < sizeof(raw); i++) {
        random = random * 1664525U + 1013904223U;
        raw[i] = i % (SIDE_PX + 1) == 0 ? 0 : (uint8_t)(random >> 28);
    }
    for (int y = 0; y < SIDE_PX; y++)
        memcpy(pixels + (ptrdiff_t)y * SIDE_PX, raw + (ptrdiff_t)y * (SIDE_PX + 1) + 1,
               SIDE_PX);
    packed_bytes = sizeof(packed);
    assert_int_equal(compress2(packed, &packed_bytes, raw, (uLong)bytes, 6), Z_OK);
}

static void put_in_chunks(size_t piece)
{
    png_add_head(&file, &kind);
    for (size_t at = 0; at < packed_bytes; at += piece)
        png_add_chunk(&file, "IDAT", packed + at,
                      packed_bytes - at < piece ? packed_bytes - at : piece);
    png_add_chunk(&file, "IEND", NULL, 0);
}

static void chunks_of_any_size_hold_the_same_pixels(void **state)
{
    (void)state;
    pack(RAW_BYTES);
    const size_t pieces[] = {3, 100, 4096, 8192, packed_bytes - 4, packed_bytes};
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        put_in_chunks(pieces[i]);
        load_ok(65535);
        expect_pixels(pixels);
    }
    png_add_head(&file, &kind); /* empty ones between them */
    png_add_chunk(&file, "IDAT", NULL, 0);
    png_add_chunk(&file, "IDAT", packed, 1);
    png_add_chunk(&file, "IDAT", NULL, 0);
    png_add_chunk(&file, "IDAT", packed + 1, packed_bytes - 1);
    png_add_chunk(&file, "IDAT", NULL, 0);
    png_add_chunk(&file, "IEND", NULL, 0);
    load_ok(65535);
    expect_pixels(pixels);
}

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The stream that libpng would read behind the first chunk's head, into `stream`. */
static size_t read_stream(uint8_t *stream, size_t bytes)
{
    static struct image_source source;
    const char *reason = NULL;
    fixture_write(file.data, file.used);
    source = (struct image_source){.path = fixture.path,
                                   .descriptor = open(fixture.path, O_RDONLY),
                                   .size_bytes = file.used,
                                   .most_bytes = UINT64_MAX};
    uint8_t head[HEAD_BYTES + PNG_CHUNK_HEAD_BYTES];
    assert_int_equal(image_source_read(&source, head, sizeof(head)), sizeof(head));
    struct png_inflate *inflate =
        png_inflate_create(&source, head + HEAD_BYTES, RAW_BYTES);
    assert_non_null(inflate);
    size_t used = 0;
    while (used < bytes && png_inflate_read(inflate, stream + used, 1, &reason))
        used++;
    assert_null(reason);
    png_inflate_destroy(inflate);
    assert_int_equal(close(source.descriptor), 0);
    return used;
}

static void libpng_is_given_stored_blocks(void **state)
{
    (void)state;
    static uint8_t stream[2 * RAW_BYTES];
    static uint8_t data[2 * RAW_BYTES];
    static uint8_t back[RAW_BYTES];
    const size_t first = 20000;
    pack(RAW_BYTES);
    put_in_chunks(first);
    size_t used = read_stream(stream, sizeof(stream));
    size_t second = big_endian(stream + first + 4);
    assert_memory_equal(stream + first + 8, "IDAT", 4);
    assert_memory_equal(stream + used - 8, "IEND", 4);
    assert_true(used >= first + 12 + second + 4 + 12);
    memcpy(data, stream, first);
    memcpy(data + first, stream + first + 12, second);
    assert_int_equal(data[2], 0);                     /* stored, and not the last */
    assert_int_equal(data[3] + 256 * data[4], 65535); /* bytes */
    z_stream zlib = {.next_in = data,
                     .avail_in = (uInt)(first + second),
                     .next_out = back,
                     .avail_out = sizeof(back)};
    assert_int_equal(inflateInit(&zlib), Z_OK);
    assert_int_equal(inflateValidate(&zlib, 0), Z_OK);
    assert_int_equal(inflate(&zlib, Z_FINISH), Z_STREAM_END);
    assert_int_equal(zlib.avail_in + zlib.avail_out, 0);
    assert_int_equal(inflateEnd(&zlib), Z_OK);
    assert_memory_equal(back, raw, sizeof(back));
}

static void what_gains_nothing_is_left_to_libpng(void **state)
{
    (void)state;
    const uint8_t longer[] = {0, 1, 0, 0, 'I', 'D', 'A', 'T'};
    const uint8_t other[] = {0, 0, 0, 9, 'I', 'E', 'N', 'D'};
    struct image_source *none = NULL;
    assert_null(png_inflate_create(none, longer, 65536 - 11));
    assert_null(png_inflate_create(none, longer, UINT64_C(3) << 30));
    assert_null(png_inflate_create(none, other, 1 << 20));
    png_inflate_destroy(NULL);
}

static void damage_is_told(void **state)
{
    (void)state;
    pack(RAW_BYTES);
    put_in_chunks(30000);
    for (size_t at = HEAD_BYTES; at < file.used - 12; at += at < 50 ? 1 : 3989) {
        file.data[at] ^= 0x10; /* pixels, checksums, lengths and names */
        expect_failure(PO_BAD_IMAGE, at < HEAD_BYTES + 8 ? "" : "broken PNG: ");
        file.data[at] ^= 0x10;
    }
    size_t whole = file.used;
    for (size_t bytes = HEAD_BYTES; bytes < whole; bytes += 1999) {
        file.used = bytes;
        expect_failure(PO_BAD_IMAGE, "truncated");
    }
}

/* With checksums that fit, so that inflating has to find it, or reads something. */
static void damage_with_right_checksums_is_told_or_read(void **state)
{
    (void)state;
    int told = 0;
    pack(RAW_BYTES);
    for (size_t at = 0; at < packed_bytes - 4; at += at < 80 ? 1 : 997) {
        packed[at] ^= 0x5a;
        put_in_chunks(packed_bytes);
        fixture_write(file.data, file.used);
        if (image_load(fixture.path, 65535, &loaded, &error) != PO_OK) {
            assert_non_null(strstr(error.message, "broken PNG"));
            told++;
        }
        image_unload(&loaded);
        packed[at] ^= 0x5a;
    }
    assert_true(told > 20);
    packed[packed_bytes - 1] ^= 1; /* zlib's own sum, which libpng only warns of */
    put_in_chunks(packed_bytes);
    load_ok(65535);
    expect_pixels(pixels);
}

static void rows_too_few_are_told_and_too_many_hurt_nobody(void **state)
{
    (void)state;
    for (size_t bytes = RAW_BYTES / 7; bytes < RAW_BYTES; bytes += RAW_BYTES / 7) {
        pack(bytes);
        put_in_chunks(9000);
        expect_failure(PO_BAD_IMAGE, "broken PNG: Not enough image data");
    }
    pack(sizeof(raw));
    put_in_chunks(9000);
    load_ok(65535);
    expect_pixels(pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_of_any_size_hold_the_same_pixels),
        cmocka_unit_test(libpng_is_given_stored_blocks),
        cmocka_unit_test(what_gains_nothing_is_left_to_libpng),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(damage_with_right_checksums_is_told_or_read),
        cmocka_unit_test(rows_too_few_are_told_and_too_many_hurt_nobody),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
