/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deflate for maps: runs and Huffman codes, and no search for anything else.
 *
 * A zlib stream (RFC 1950, 1951) made a block at a time. Maps filtered against the row
 * above are runs of zeros and noise: searching for repeats, what other encoders spend
 * their time on, finds nothing there. Its bytes depend on the input alone.
 *
 * Invariant: `out` holds what is ready to be written; the caller takes it and sets
 * out_bytes to 0 before the next block. A plain value, large: it belongs on the heap.
 */
#ifndef IMAGE_DEFLATE_RUNS_H
#define IMAGE_DEFLATE_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DEFLATE_BLOCK_BYTES = 65536,
    /* At most 12 bits a byte, and the tables of the block. */
    DEFLATE_OUT_BYTES = DEFLATE_BLOCK_BYTES * 3 / 2 + 1024,
};

struct deflate_runs {
    size_t used; /* bytes waiting in `block` */
    uint32_t adler;
    uint64_t bits; /* not yet in `out`, first bit lowest */
    unsigned bit_count;
    size_t out_bytes;
    uint8_t block[DEFLATE_BLOCK_BYTES];
    uint16_t tokens[DEFLATE_BLOCK_BYTES + 1];
    uint8_t out[DEFLATE_OUT_BYTES];
};

void deflate_runs_init(struct deflate_runs *stream);

/* Takes bytes while the block has room; says how many. */
size_t deflate_runs_add(struct deflate_runs *stream, const uint8_t *data, size_t bytes);

static inline bool deflate_runs_full(const struct deflate_runs *stream)
{
    return stream->used == DEFLATE_BLOCK_BYTES;
}

/* Encodes what waits into `out`; `last` ends the stream. */
void deflate_runs_block(struct deflate_runs *stream, bool last);

#endif
