/* SPDX-License-Identifier: Apache-2.0 */
#include "image/run_deflate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "image/adler.h"
#include "image/bit_stream.h"
#include "image/deflate_head.h"

enum {
    BLOCK_BYTES = 60 << 10, /* a stored block holds fewer than 64 KB */
    OUT_BYTES = BLOCK_BYTES + 64 + BIT_STREAM_SPARE_BYTES, /* no block is longer */
    RUN_MIN = 3,
    RUN_MAX = 258,
    RUN_TOKEN = 256, /* a token is a byte, or this plus the length of a run */
    TOKENS = RUN_TOKEN + RUN_MAX + 1,
    CODE_LENGTH_MAX = 12, /* with a run's extra bits 18: */
    TOKENS_A_WORD = 3,    /* so many fit between two flushes */
    BLOCK_STORED = 0,
    BLOCK_CODED = 2,
};

struct run_deflate {
    run_deflate_sink *sink;
    void *context;
    uint32_t adler;
    bool begun;
    struct bit_stream bits; /* into `out` */
    size_t block_bytes;
    uint8_t block[BLOCK_BYTES];
    uint16_t tokens[BLOCK_BYTES + WORD_BYTES];
    uint8_t out[OUT_BYTES];
};

/* What is written for a token. */
struct token_code {
    uint32_t bits;
    uint32_t count;
};

/* RFC 1951, section 3.2.5. */
static const uint16_t length_bases[DEFLATE_LENGTHS] = {
    3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
    31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_extra_bits[DEFLATE_LENGTHS] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
                                                           1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
                                                           4, 4, 4, 4, 5, 5, 5, 5, 0};

struct run_deflate *run_deflate_create(run_deflate_sink *sink, void *context)
{
    struct run_deflate *stream = malloc(sizeof(*stream));
    if (stream == NULL)
        return NULL;
    memset(stream, 0, offsetof(struct run_deflate, block));
    stream->sink = sink;
    stream->context = context;
    stream->adler = 1;
    stream->bits.next = stream->out;
    return stream;
}

void run_deflate_destroy(struct run_deflate *stream)
{
    free(stream);
}

/* 0x80 in each byte of the word that is zero. */
static inline uint64_t zero_bytes(uint64_t word)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fU;
    return ~(((word & low) + low) | word | low);
}

/* Bytes that go on as the one before them, at most `bytes`. */
static size_t run_length(const uint8_t *data, size_t bytes)
{
    const uint8_t *before = data - 1;
    size_t length = 0;
    while (length + WORD_BYTES <= bytes) {
        uint64_t differ = word_load(data + length) ^ word_load(before + length);
        if (differ != 0)
            return length + (size_t)__builtin_ctzll(differ) / 8;
        length += WORD_BYTES;
    }
    while (length < bytes && data[length] == before[length])
        length++;
    return length;
}

static size_t take_run(const uint8_t *data, size_t bytes, uint16_t *token)
{
    size_t length = run_length(data, bytes < RUN_MAX ? bytes : RUN_MAX);
    *token = (uint16_t)(RUN_TOKEN + length);
    return length;
}

typedef uint8_t byte_vector __attribute__((vector_size(WORD_BYTES)));
typedef uint16_t token_vector __attribute__((vector_size(2 * WORD_BYTES)));

/* Eight literals. */
static inline void put_literals(const uint8_t *data, uint16_t *tokens)
{
    byte_vector bytes;
    memcpy(&bytes, data, sizeof(bytes));
    token_vector literals = __builtin_convertvector(bytes, token_vector);
    memcpy(tokens, &literals, sizeof(literals));
}

/* Eight bytes at a time: literals up to where a run begins, or the six that no run within
 * these bytes begins at. */
static size_t tokenise(const uint8_t *data, size_t bytes, uint16_t *tokens)
{
    size_t at = 1, count = 1;
    tokens[0] = data[0];
    while (at + WORD_BYTES <= bytes) {
        uint64_t alike = zero_bytes(word_load(data + at) ^ word_load(data + at - 1));
        uint64_t runs = alike & (alike >> 8) & (alike >> 16);
        size_t literals =
            runs == 0 ? WORD_BYTES - RUN_MIN + 1 : (size_t)__builtin_ctzll(runs) / 8;
        put_literals(data + at, tokens + count);
        count += literals;
        at += literals;
        if (runs != 0)
            at += take_run(data + at, bytes - at, &tokens[count++]);
    }
    while (at < bytes) {
        if (run_length(data + at, bytes - at) >= RUN_MIN)
            at += take_run(data + at, bytes - at, &tokens[count++]);
        else
            tokens[count++] = data[at++];
    }
    return count;
}

/* Counters in turns: a token that comes twice in a row need not wait for itself. */
static void count_tokens(const uint16_t *tokens, size_t count, uint32_t totals[TOKENS])
{
    enum { COUNTERS = 4 };
    uint32_t counts[COUNTERS][TOKENS];
    size_t i = 0;
    memset(counts, 0, sizeof(counts));
    for (; i + COUNTERS <= count; i += COUNTERS)
        for (size_t k = 0; k < COUNTERS; k++)
            counts[k][tokens[i + k]]++;
    for (; i < count; i++)
        counts[0][tokens[i]]++;
    for (int token = 0; token < TOKENS; token++)
        totals[token] =
            counts[0][token] + counts[1][token] + counts[2][token] + counts[3][token];
}

static int length_index(int length)
{
    int index = DEFLATE_LENGTHS - 1;
    while (length < length_bases[index])
        index--;
    return index;
}

static int length_symbol(int index)
{
    return DEFLATE_BLOCK_END + 1 + index;
}

static void count_symbols(const uint32_t totals[TOKENS], uint32_t counts[DEFLATE_SYMBOLS])
{
    memset(counts, 0, DEFLATE_SYMBOLS * sizeof(*counts));
    memcpy(counts, totals, RUN_TOKEN * sizeof(*counts));
    counts[DEFLATE_BLOCK_END] = 1;
    for (int length = RUN_MIN; length <= RUN_MAX; length++)
        counts[length_symbol(length_index(length))] += totals[RUN_TOKEN + length];
}

static void code_tokens(const struct huffman_code *code, struct token_code codes[TOKENS])
{
    for (int byte = 0; byte < RUN_TOKEN; byte++)
        codes[byte] = (struct token_code){code->bits[byte], code->lengths[byte]};
    for (int length = RUN_MIN; length <= RUN_MAX; length++) {
        int index = length_index(length);
        int symbol = length_symbol(index);
        uint32_t extra = (uint32_t)(length - length_bases[index]);
        /* Then the distance of one: a single bit, 0. */
        codes[RUN_TOKEN + length] =
            (struct token_code){code->bits[symbol] | extra << code->lengths[symbol],
                                code->lengths[symbol] + length_extra_bits[index] + 1U};
    }
}

static uint64_t coded_bits(const struct deflate_head *head, const uint32_t totals[TOKENS],
                           const struct token_code codes[TOKENS])
{
    uint64_t bits = deflate_head_bits(head) + head->code.lengths[DEFLATE_BLOCK_END];
    for (int token = 0; token < TOKENS; token++)
        if (totals[token] > 0)
            bits += (uint64_t)totals[token] * codes[token].count;
    return bits;
}

static void put_tokens(struct bit_stream *stream, const uint16_t *tokens, size_t count,
                       const struct token_code codes[TOKENS])
{
    struct bit_stream bits = *stream; /* of our own, so that it stays in registers */
    size_t i = 0;
    for (; i + TOKENS_A_WORD <= count; i += TOKENS_A_WORD) {
        for (size_t k = 0; k < TOKENS_A_WORD; k++) {
            const struct token_code code = codes[tokens[i + k]];
            bit_stream_add(&bits, code.bits, code.count);
        }
        bit_stream_flush(&bits);
    }
    for (; i < count; i++)
        bit_stream_put(&bits, codes[tokens[i]].bits, codes[tokens[i]].count);
    *stream = bits;
}

static void put_opening(struct bit_stream *bits, unsigned kind, bool last)
{
    bit_stream_put(bits, last, 1);
    bit_stream_put(bits, kind, 2);
}

/* The bytes as they are. */
static void put_stored(struct run_deflate *stream, bool last)
{
    struct bit_stream *bits = &stream->bits;
    put_opening(bits, BLOCK_STORED, last);
    bit_stream_align(bits);
    bit_stream_put(bits, stream->block_bytes, 16);
    bit_stream_put(bits, ~stream->block_bytes & UINT16_MAX, 16);
    memcpy(bits->next, stream->block, stream->block_bytes);
    bits->next += stream->block_bytes;
}

static void put_coded(struct run_deflate *stream, bool last)
{
    uint32_t totals[TOKENS];
    uint32_t counts[DEFLATE_SYMBOLS];
    struct token_code codes[TOKENS];
    struct deflate_head head;
    struct bit_stream *bits = &stream->bits;
    size_t tokens = tokenise(stream->block, stream->block_bytes, stream->tokens);
    count_tokens(stream->tokens, tokens, totals);
    count_symbols(totals, counts);
    deflate_head_make(counts, CODE_LENGTH_MAX, &head);
    code_tokens(&head.code, codes);
    if (coded_bits(&head, totals, codes) / 8 >= stream->block_bytes) {
        put_stored(stream, last);
        return;
    }
    put_opening(bits, BLOCK_CODED, last);
    deflate_head_put(&head, bits);
    put_tokens(bits, stream->tokens, tokens, codes);
    bit_stream_put(bits, head.code.bits[DEFLATE_BLOCK_END],
                   head.code.lengths[DEFLATE_BLOCK_END]);
}

static void put_block(struct run_deflate *stream, bool last)
{
    if (!stream->begun)
        bit_stream_put(&stream->bits, 0x0178, 16); /* deflate, 32 KB, fastest */
    stream->begun = true;
    stream->adler = adler_add(stream->adler, stream->block, stream->block_bytes);
    if (stream->block_bytes > 0)
        put_coded(stream, last);
    else
        put_stored(stream, last);
    stream->block_bytes = 0;
}

static void hand_over(struct run_deflate *stream)
{
    size_t bytes = (size_t)(stream->bits.next - stream->out);
    stream->bits.next = stream->out;
    stream->sink(stream->context, stream->out, bytes);
}

void run_deflate_add(struct run_deflate *stream, const uint8_t *data, size_t bytes)
{
    while (bytes > 0) {
        size_t room = BLOCK_BYTES - stream->block_bytes;
        size_t taken = bytes < room ? bytes : room;
        memcpy(stream->block + stream->block_bytes, data, taken);
        stream->block_bytes += taken;
        data += taken;
        bytes -= taken;
        if (stream->block_bytes < BLOCK_BYTES)
            return;
        put_block(stream, false);
        hand_over(stream);
    }
}

void run_deflate_end(struct run_deflate *stream)
{
    put_block(stream, true);
    bit_stream_align(&stream->bits);
    for (int shift = 24; shift >= 0; shift -= 8)
        bit_stream_put(&stream->bits, (stream->adler >> shift) & 0xffU, 8);
    hand_over(stream);
}
