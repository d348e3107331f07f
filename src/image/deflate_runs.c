/* SPDX-License-Identifier: Apache-2.0 */
#include "image/deflate_runs.h"

#include <endian.h>
#include <string.h>
#include <zlib.h>

#include "image/huffman.h"

enum {
    RUN_MIN = 4, /* as many bytes as are compared at once */
    RUN_MAX = 258,
    LENGTH_MIN = 3,  /* of deflate */
    RUN_TOKEN = 256, /* + length - LENGTH_MIN; below: a literal */
    TOKENS = 512,
    END_OF_BLOCK = 256,
    FIRST_LENGTH_CODE = 257,
    LITERAL_CODES = 286,
    LITERAL_BITS_MAX = 12,
    LENGTHS_CODES = 19, /* of the code that codes the lengths of the others */
    LENGTHS_BITS_MAX = 7,
    ZEROS_SHORT = 17, /* 3..10 zeros, 3 bits say how many */
    ZEROS_LONG = 18,  /* 11..138, 7 bits */
    DYNAMIC_BLOCK = 2,
};

/* Bits of a token, first bit lowest. */
struct token_code {
    uint32_t bits;
    uint32_t count;
};

struct block_codes {
    uint8_t literal_lengths[LITERAL_CODES + 1]; /* the last: the one distance */
    uint16_t literal_codes[LITERAL_CODES];
    struct token_code tokens[TOKENS];
};

static uint32_t load_32(const uint8_t *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof(value));
    return value;
}

/* How far the byte before `from` goes on, at most `limit`. */
static size_t run_length(const uint8_t *from, size_t limit)
{
    size_t length = RUN_MIN;
    while (length + 8 <= limit && memcmp(from + length, from + length - 1, 8) == 0)
        length += 8;
    while (length < limit && from[length] == from[-1])
        length++;
    return length;
}

/* Literals, and runs of the byte before: deflate's matches of distance 1. */
static int make_tokens(struct deflate_runs *stream, uint32_t *counts)
{
    const uint8_t *block = stream->block;
    size_t used = stream->used;
    uint16_t *tokens = stream->tokens;
    size_t at = 0;
    while (at < used) {
        if (at > 0 && at + RUN_MIN <= used &&
            load_32(block + at) == load_32(block + at - 1)) {
            size_t limit = used - at < RUN_MAX ? used - at : RUN_MAX;
            size_t length = run_length(block + at, limit);
            *tokens = (uint16_t)(RUN_TOKEN + length - LENGTH_MIN);
            at += length;
        } else {
            *tokens = block[at++];
        }
        counts[*tokens++]++;
    }
    return (int)(tokens - stream->tokens);
}

/* RFC 1951, 3.2.5: lengths 3..10 have codes of their own, then four codes share each
 * doubling; 258 has the last. */
static int length_code(int length, int *extra_bits, int *extra)
{
    *extra_bits = 0;
    *extra = 0;
    if (length == RUN_MAX)
        return LITERAL_CODES - 1;
    int offset = length - LENGTH_MIN;
    if (offset < 8)
        return FIRST_LENGTH_CODE + offset;
    int doubling = 31 - __builtin_clz((unsigned)offset);
    *extra_bits = doubling - 2;
    *extra = offset & ((1 << *extra_bits) - 1);
    return FIRST_LENGTH_CODE + 4 * (doubling - 1) + ((offset >> *extra_bits) & 3);
}

static void codes_make(struct block_codes *codes, const uint32_t *token_counts)
{
    uint32_t counts[LITERAL_CODES] = {0};
    int extra_bits;
    int extra;
    memcpy(counts, token_counts, RUN_TOKEN * sizeof(*counts));
    counts[END_OF_BLOCK] = 1;
    counts[0]++; /* a code has two symbols at least, an empty block but its end */
    for (int length = RUN_MIN; length <= RUN_MAX; length++)
        counts[length_code(length, &extra_bits, &extra)] +=
            token_counts[RUN_TOKEN + length - LENGTH_MIN];
    huffman_lengths(counts, LITERAL_CODES, LITERAL_BITS_MAX, codes->literal_lengths);
    huffman_codes(codes->literal_lengths, LITERAL_CODES, codes->literal_codes);
    codes->literal_lengths[LITERAL_CODES] = 1;
    for (int literal = 0; literal < RUN_TOKEN; literal++)
        codes->tokens[literal] = (struct token_code){codes->literal_codes[literal],
                                                     codes->literal_lengths[literal]};
    for (int length = RUN_MIN; length <= RUN_MAX; length++) {
        int code = length_code(length, &extra_bits, &extra);
        uint32_t bits = codes->literal_lengths[code];
        codes->tokens[RUN_TOKEN + length - LENGTH_MIN] = (struct token_code){
            codes->literal_codes[code] | (uint32_t)extra << bits,
            bits + (uint32_t)extra_bits + 1}; /* the distance's one bit is 0 */
    }
}

static void put_bits(struct deflate_runs *stream, uint32_t bits, uint32_t count)
{
    stream->bits |= (uint64_t)bits << stream->bit_count;
    stream->bit_count += count;
    while (stream->bit_count >= 8) {
        stream->out[stream->out_bytes++] = (uint8_t)stream->bits;
        stream->bits >>= 8;
        stream->bit_count -= 8;
    }
}

/* A symbol of the code of lengths, and the bits that follow it. */
struct length_symbol {
    uint8_t symbol;
    uint8_t extra;
};

/* Lengths as symbols, runs of zeros folded. */
static int fold_lengths(const uint8_t *lengths, int count, struct length_symbol *symbols)
{
    int made = 0;
    for (int i = 0; i < count;) {
        int zeros = 0;
        while (i + zeros < count && lengths[i + zeros] == 0 && zeros < 138)
            zeros++;
        if (zeros >= 11)
            symbols[made++] = (struct length_symbol){ZEROS_LONG, (uint8_t)(zeros - 11)};
        else if (zeros >= 3)
            symbols[made++] = (struct length_symbol){ZEROS_SHORT, (uint8_t)(zeros - 3)};
        else
            symbols[made++] = (struct length_symbol){lengths[i], 0};
        i += zeros >= 3 ? zeros : 1;
    }
    return made;
}

/* RFC 1951, 3.2.7: the lengths of all codes, themselves Huffman coded. */
static void put_tables(struct deflate_runs *stream, const struct block_codes *codes)
{
    static const uint8_t order[LENGTHS_CODES] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                 11, 4,  12, 3, 13, 2, 14, 1, 15};
    struct length_symbol symbols[LITERAL_CODES + 1];
    uint32_t counts[LENGTHS_CODES] = {0};
    uint8_t lengths[LENGTHS_CODES];
    uint16_t length_codes[LENGTHS_CODES];
    int count = fold_lengths(codes->literal_lengths, LITERAL_CODES + 1, symbols);
    for (int i = 0; i < count; i++)
        counts[symbols[i].symbol]++;
    huffman_lengths(counts, LENGTHS_CODES, LENGTHS_BITS_MAX, lengths);
    huffman_codes(lengths, LENGTHS_CODES, length_codes);
    put_bits(stream, LITERAL_CODES - 257, 5);
    put_bits(stream, 0, 5); /* one distance */
    put_bits(stream, LENGTHS_CODES - 4, 4);
    for (int i = 0; i < LENGTHS_CODES; i++)
        put_bits(stream, lengths[order[i]], 3);
    for (int i = 0; i < count; i++) {
        int symbol = symbols[i].symbol;
        put_bits(stream, length_codes[symbol], lengths[symbol]);
        if (symbol >= ZEROS_SHORT)
            put_bits(stream, symbols[i].extra, symbol == ZEROS_LONG ? 7 : 3);
    }
}

/* Two tokens have at most 36 bits and fit beside the seven that may wait. */
static void put_tokens(struct deflate_runs *stream, const struct token_code *codes,
                       int count)
{
    uint64_t bits = stream->bits;
    unsigned bit_count = stream->bit_count;
    uint8_t *out = stream->out + stream->out_bytes;
    const uint16_t *tokens = stream->tokens;
    stream->tokens[count] = RUN_TOKEN; /* an even number: a token without bits */
    for (int i = 0; i < count; i += 2) {
        const struct token_code *first = &codes[tokens[i]];
        const struct token_code *second = &codes[tokens[i + 1]];
        bits |= (uint64_t)first->bits << bit_count;
        bit_count += first->count;
        bits |= (uint64_t)second->bits << bit_count;
        bit_count += second->count;
        uint64_t little = htole64(bits);
        memcpy(out, &little, sizeof(little));
        out += bit_count >> 3;
        bits >>= bit_count & ~7U;
        bit_count &= 7;
    }
    stream->bits = bits;
    stream->bit_count = bit_count;
    stream->out_bytes = (size_t)(out - stream->out);
}

static void put_end(struct deflate_runs *stream)
{
    put_bits(stream, 0, (8 - stream->bit_count) & 7);
    for (int shift = 24; shift >= 0; shift -= 8)
        put_bits(stream, stream->adler >> shift & 0xff, 8);
}

void deflate_runs_init(struct deflate_runs *stream)
{
    stream->used = 0;
    stream->adler = (uint32_t)adler32(0, NULL, 0);
    stream->bits = 0;
    stream->bit_count = 0;
    stream->out[0] = 0x78; /* RFC 1950: deflate with a window of 32 KB, fastest */
    stream->out[1] = 0x01;
    stream->out_bytes = 2;
}

size_t deflate_runs_add(struct deflate_runs *stream, const uint8_t *data, size_t bytes)
{
    size_t room = DEFLATE_BLOCK_BYTES - stream->used;
    size_t taken = bytes < room ? bytes : room;
    memcpy(stream->block + stream->used, data, taken);
    stream->used += taken;
    return taken;
}

void deflate_runs_block(struct deflate_runs *stream, bool last)
{
    struct block_codes codes = {0};
    uint32_t counts[TOKENS] = {0};
    int count = make_tokens(stream, counts);
    codes_make(&codes, counts);
    put_bits(stream, last ? 1 : 0, 1);
    put_bits(stream, DYNAMIC_BLOCK, 2);
    put_tables(stream, &codes);
    put_tokens(stream, codes.tokens, count);
    put_bits(stream, codes.literal_codes[END_OF_BLOCK],
             codes.literal_lengths[END_OF_BLOCK]);
    stream->adler = (uint32_t)adler32(stream->adler, stream->block, (uInt)stream->used);
    stream->used = 0;
    if (last)
        put_end(stream);
}
