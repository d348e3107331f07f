/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bits packed into bytes as deflate wants them, the first one lowest (RFC 1951, section
 * 3.1.1). Plain value; the bytes belong to the caller, who leaves BIT_STREAM_SPARE_BYTES
 * more than what is put.
 */
#ifndef IMAGE_BIT_STREAM_H
#define IMAGE_BIT_STREAM_H

#include <stddef.h>
#include <stdint.h>

enum { WORD_BYTES = 8, BIT_STREAM_SPARE_BYTES = WORD_BYTES };

struct bit_stream {
    uint8_t *next;  /* where the next whole byte goes */
    uint64_t bits;  /* not yet there */
    uint32_t count; /* of them: fewer than 8 between calls */
};

/* The compiler makes one load and one store of these, on any machine. */
static inline uint64_t word_load(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
           (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
           (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

static inline void word_store(uint8_t *p, uint64_t word)
{
    for (int i = 0; i < WORD_BYTES; i++)
        p[i] = (uint8_t)(word >> (8 * i));
}

/* Adds bits without moving them on: at most 57 between two flushes. */
static inline void bit_stream_add(struct bit_stream *stream, uint64_t bits,
                                  uint32_t count)
{
    stream->bits |= bits << stream->count;
    stream->count += count;
}

static inline void bit_stream_flush(struct bit_stream *stream)
{
    word_store(stream->next, stream->bits);
    stream->next += stream->count / 8;
    stream->bits >>= stream->count & ~7U;
    stream->count &= 7U;
}

static inline void bit_stream_put(struct bit_stream *stream, uint64_t bits,
                                  uint32_t count)
{
    bit_stream_add(stream, bits, count);
    bit_stream_flush(stream);
}

/* Zeros up to the next whole byte. */
static inline void bit_stream_align(struct bit_stream *stream)
{
    bit_stream_put(stream, 0, (8U - stream->count) & 7U);
}

#endif
