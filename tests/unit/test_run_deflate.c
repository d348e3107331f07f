/* SPDX-License-Identifier: Apache-2.0 */
/* What zlib's inflate makes of our streams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "image/adler.h"
#include "image/huffman_code.h"
#include "image/run_deflate.h"

enum { DATA_MAX = 300000, STREAM_MAX = DATA_MAX + 4096 };

static uint8_t data[DATA_MAX];
static uint8_t inflated[DATA_MAX];

struct stream {
    size_t bytes;
    uint8_t content[STREAM_MAX];
};

static struct stream stream;
static struct stream other;

static void collect(void *context, const uint8_t *from, size_t bytes)
{
    struct stream *into = context;
    assert_true(bytes <= sizeof(into->content) - into->bytes);
    memcpy(into->content + into->bytes, from, bytes);
    into->bytes += bytes;
}

/* In pieces of `piece` bytes. */
static void deflate_into(struct stream *into, size_t bytes, size_t piece)
{
    into->bytes = 0;
    struct run_deflate *deflate = run_deflate_create(collect, into);
    assert_non_null(deflate);
    for (size_t at = 0; at < bytes; at += piece)
        run_deflate_add(deflate, data + at, bytes - at < piece ? bytes - at : piece);
    run_deflate_end(deflate);
    run_deflate_destroy(deflate);
}

static void check(size_t bytes)
{
    uLongf got = sizeof(inflated);
    deflate_into(&stream, bytes, 1457);
    memset(inflated, 0xA5, sizeof(inflated));
    assert_int_equal(uncompress(inflated, &got, stream.content, stream.bytes), Z_OK);
    assert_int_equal(got, bytes);
    assert_memory_equal(inflated, data, bytes);
}

static uint32_t noise(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

static void every_small_size_comes_back(void **state)
{
    (void)state;
    for (size_t bytes = 0; bytes <= 40; bytes++)
        for (int alphabet = 1; alphabet <= 3; alphabet++) {
            uint32_t seed = (uint32_t)bytes;
            for (size_t i = 0; i < bytes; i++)
                data[i] = (uint8_t)(noise(&seed) % (uint32_t)alphabet);
            check(bytes);
        }
}

static void runs_of_every_length_come_back_short(void **state)
{
    (void)state;
    for (int shift = 0; shift < 8; shift++) {
        size_t bytes = (size_t)shift;
        memset(data, 9, bytes);
        for (size_t length = 1; length <= 600; length++) {
            memset(data + bytes, (int)(length % 7), length);
            bytes += length;
        }
        check(bytes);
        assert_true(stream.bytes < bytes / 40);
    }
}

/* Blocks are of 60 KB. */
static void sizes_around_a_block_come_back(void **state)
{
    (void)state;
    const size_t block = 60 << 10;
    for (size_t bytes = block - 12; bytes <= block + 12; bytes++) {
        uint32_t seed = 5;
        for (size_t i = 0; i < bytes; i++)
            data[i] = (uint8_t)(i + 40 > bytes ? 7 : noise(&seed) % 50);
        check(bytes);
        deflate_into(&other, bytes, bytes);
        assert_int_equal(other.bytes, stream.bytes);
        assert_memory_equal(other.content, stream.content, stream.bytes);
    }
}

static void noise_hardly_grows(void **state)
{
    (void)state;
    uint32_t seed = 77;
    for (size_t i = 0; i < DATA_MAX; i++)
        data[i] = (uint8_t)noise(&seed);
    check(DATA_MAX);
    assert_true(stream.bytes < DATA_MAX + 64);
}

/* Counts as Fibonacci numbers give the deepest tree. */
static void rare_bytes_among_many_come_back(void **state)
{
    (void)state;
    size_t bytes = 0;
    unsigned before = 1, count = 1;
    for (int value = 0; value < 22; value++) {
        for (unsigned i = 0; i < count; i++)
            data[bytes++] = (uint8_t)value;
        unsigned next = before + count;
        before = count;
        count = next;
    }
    uint32_t seed = 3;
    for (size_t i = bytes - 1; i > 0; i--) { /* no runs */
        size_t k = noise(&seed) % (i + 1);
        uint8_t kept = data[i];
        data[i] = data[k];
        data[k] = kept;
    }
    check(bytes);
    assert_true(stream.bytes < bytes / 2);
}

static void the_pieces_do_not_matter(void **state)
{
    (void)state;
    uint32_t seed = 11;
    for (size_t i = 0; i < DATA_MAX; i++)
        data[i] = (uint8_t)(noise(&seed) % 5 < 3 ? 0 : noise(&seed) % 90);
    check(DATA_MAX);
    const size_t pieces[] = {1, 7, 4096, 61440, DATA_MAX};
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        deflate_into(&other, DATA_MAX, pieces[i]);
        assert_int_equal(other.bytes, stream.bytes);
        assert_memory_equal(other.content, stream.content, stream.bytes);
    }
}

/* The codes that occur fill the tree and begin no other one. */
static void check_code(const uint32_t *counts, int count, int max_length)
{
    struct huffman_code code;
    uint32_t used = 0;
    huffman_code_make(counts, count, max_length, &code);
    for (int i = 0; i < count; i++) {
        assert_int_equal(code.lengths[i] > 0, counts[i] > 0);
        assert_true(code.lengths[i] <= max_length);
        used += code.lengths[i] > 0 ? 1U << (max_length - code.lengths[i]) : 0;
        for (int k = 0; k < i && code.lengths[i] > 0; k++) {
            int shared =
                code.lengths[i] < code.lengths[k] ? code.lengths[i] : code.lengths[k];
            if (shared > 0)
                assert_true(((code.bits[i] ^ code.bits[k]) & ((1 << shared) - 1)) != 0);
        }
    }
    assert_int_equal(used, 1U << max_length);
}

static void codes_keep_the_limit(void **state)
{
    (void)state;
    uint32_t counts[HUFFMAN_SYMBOLS_MAX];
    uint32_t seed = 1;
    for (int round = 0; round < 200; round++) {
        int count = 2 + (int)(noise(&seed) % (HUFFMAN_SYMBOLS_MAX - 1));
        for (int i = 0; i < count; i++)
            counts[i] = i < 2 ? 1 : (noise(&seed) % 60000) >> (noise(&seed) % 20);
        for (int max_length = 9; max_length <= HUFFMAN_LENGTH_MAX; max_length += 3)
            check_code(counts, count, max_length);
    }
    for (int i = 0; i < 19; i++)
        counts[i] = 1U << (i < 15 ? i : 15);
    check_code(counts, 19, 7);
}

/* From sums as large as they can be, over bytes as large as they can be. */
static void the_checksum_is_zlibs(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 15, 2047, 2048, 2049, 61440, DATA_MAX};
    uint32_t chance = 7;
    for (int kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < DATA_MAX; i++)
            data[i] = kind == 0 ? UINT8_MAX : (uint8_t)noise(&chance);
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
            for (uint32_t start = 1; start != 0; start = start == 1 ? 0xfff0fff0U : 0)
                assert_int_equal(adler_add(start, data, sizes[i]),
                                 adler32_z(start, data, sizes[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checksum_is_zlibs),
        cmocka_unit_test(every_small_size_comes_back),
        cmocka_unit_test(runs_of_every_length_come_back_short),
        cmocka_unit_test(sizes_around_a_block_come_back),
        cmocka_unit_test(noise_hardly_grows),
        cmocka_unit_test(rare_bytes_among_many_come_back),
        cmocka_unit_test(the_pieces_do_not_matter),
        cmocka_unit_test(codes_keep_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
