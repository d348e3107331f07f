/* SPDX-License-Identifier: Apache-2.0 */
/* zlib reads what our encoder writes, whatever it is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "image/deflate_runs.h"
#include "image/huffman.h"

enum { DATA_BYTES = 3 * DEFLATE_BLOCK_BYTES + 77 };

static struct deflate_runs stream;
static uint8_t data[DATA_BYTES];
static uint8_t packed[2 * DATA_BYTES];
static uint8_t unpacked[DATA_BYTES + 1];

static size_t take_out(size_t used)
{
    assert_true(stream.out_bytes <= DEFLATE_OUT_BYTES);
    memcpy(packed + used, stream.out, stream.out_bytes);
    used += stream.out_bytes;
    stream.out_bytes = 0;
    return used;
}

static size_t pack(size_t bytes)
{
    size_t used = 0;
    deflate_runs_init(&stream);
    for (size_t done = 0; done < bytes;) {
        if (deflate_runs_full(&stream)) {
            deflate_runs_block(&stream, false);
            used = take_out(used);
        }
        done += deflate_runs_add(&stream, data + done, bytes - done);
    }
    deflate_runs_block(&stream, true);
    return take_out(used);
}

/* Returns the packed size. */
static size_t expect_round_trip(size_t bytes)
{
    size_t used = pack(bytes);
    uLongf got = sizeof(unpacked);
    assert_int_equal(uncompress(unpacked, &got, packed, (uLong)used), Z_OK);
    assert_int_equal(got, bytes);
    assert_memory_equal(unpacked, data, bytes);
    return used;
}

static uint32_t next_random(void)
{
    static uint32_t state = 1;
    state = state * 1664525U + 1013904223U;
    return state >> 8;
}

static void noise_of_every_kind(void **state)
{
    (void)state;
    for (unsigned mask = 0; mask < 256; mask = 2 * mask + 1) {
        for (size_t i = 0; i < DATA_BYTES; i++)
            data[i] = (uint8_t)(next_random() & mask);
        size_t used = expect_round_trip(DATA_BYTES);
        assert_true(used < DATA_BYTES + DATA_BYTES / 50 + 400);
        if (mask == 1)
            assert_true(used < DATA_BYTES / 5);
    }
}

static void small_and_block_sized_inputs(void **state)
{
    (void)state;
    for (size_t i = 0; i < DATA_BYTES; i++)
        data[i] = (uint8_t)(i * i >> 7);
    for (size_t bytes = 0; bytes < 40; bytes++)
        (void)expect_round_trip(bytes);
    for (size_t blocks = 1; blocks <= 2; blocks++)
        for (size_t bytes = blocks * DEFLATE_BLOCK_BYTES - 5;
             bytes <= blocks * DEFLATE_BLOCK_BYTES + 5; bytes++)
            (void)expect_round_trip(bytes);
}

static void runs_of_every_length(void **state)
{
    (void)state;
    size_t used = 0;
    for (size_t length = 1; length <= 600; length++)
        for (size_t i = 0; i < length && used < DATA_BYTES; i++)
            data[used++] = (uint8_t)(length * 37);
    size_t bytes = expect_round_trip(used);
    assert_true(bytes < used / 50);
    memset(data, 0, DATA_BYTES);
    assert_true(expect_round_trip(DATA_BYTES) < 1000);
}

/* Counts that would make codes longer than allowed. */
static void rare_symbols_stay_within_the_longest_code(void **state)
{
    (void)state;
    size_t used = 0;
    size_t last = 1;
    size_t count = 1;
    for (int symbol = 0; symbol < 22; symbol++) {
        for (size_t i = 0; i < count && used < DEFLATE_BLOCK_BYTES; i++, used++)
            data[used] = (uint8_t)(used % 2 == 0 ? symbol : 255 - symbol);
        size_t next = last + count;
        last = count;
        count = next;
    }
    (void)expect_round_trip(used);
    uint32_t counts[30];
    uint8_t lengths[30];
    counts[0] = counts[1] = 1;
    for (int i = 2; i < 30; i++)
        counts[i] = counts[i - 1] + counts[i - 2];
    for (int max_bits = 5; max_bits <= 15; max_bits++) {
        huffman_lengths(counts, 30, max_bits, lengths);
        int sum = 0;
        for (int i = 0; i < 30; i++) {
            assert_true(lengths[i] >= 1 && lengths[i] <= max_bits);
            assert_true(i == 0 || lengths[i] <= lengths[i - 1]);
            sum += 1 << (max_bits - lengths[i]);
        }
        assert_int_equal(sum, 1 << max_bits); /* a whole code, no more and no less */
    }
}

static void codes_are_huffmans(void **state)
{
    (void)state;
    const uint32_t counts[] = {5, 0, 9, 12, 13, 16, 45};
    const uint8_t expected[] = {4, 0, 4, 3, 3, 3, 1};
    uint8_t lengths[7];
    uint16_t codes[7];
    huffman_lengths(counts, 7, 15, lengths);
    assert_memory_equal(lengths, expected, 7);
    huffman_codes(lengths, 7, codes);
    assert_int_equal(codes[6], 0);   /* 0 */
    assert_int_equal(codes[3], 0x1); /* 100, first bit lowest */
    assert_int_equal(codes[4], 0x5); /* 101 */
    assert_int_equal(codes[0], 0x7); /* 1110 */
    assert_int_equal(codes[2], 0xf); /* 1111 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_of_every_kind),
        cmocka_unit_test(small_and_block_sized_inputs),
        cmocka_unit_test(runs_of_every_length),
        cmocka_unit_test(rare_symbols_stay_within_the_longest_code),
        cmocka_unit_test(codes_are_huffmans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
