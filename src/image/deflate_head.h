/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a deflate block with codes of its own (RFC 1951, section 3.2.7): the
 * lengths of its codes, run-length coded, with codes for those. Distances are all alike:
 * codes 0 and 1 with a single bit, of which the first is used.
 */
#ifndef IMAGE_DEFLATE_HEAD_H
#define IMAGE_DEFLATE_HEAD_H

#include "image/bit_stream.h"
#include "image/huffman_code.h"

enum {
    DEFLATE_BLOCK_END = 256, /* between the literals and the lengths of runs */
    DEFLATE_LENGTHS = 29,
    DEFLATE_SYMBOLS = DEFLATE_BLOCK_END + 1 + DEFLATE_LENGTHS,
    DEFLATE_DISTANCES = 2, /* runs need one; two make the code complete */
    DEFLATE_LENGTH_CODES = 19,
};

/* A list of lengths as symbols of their own: 16 repeats the last, 17 and 18 are zeros. */
struct length_list {
    int count;
    uint8_t symbols[DEFLATE_SYMBOLS + DEFLATE_DISTANCES];
    uint8_t extra[DEFLATE_SYMBOLS + DEFLATE_DISTANCES];
};

struct deflate_head {
    struct huffman_code code; /* of literals and lengths of runs */
    struct length_list lengths;
    struct huffman_code length_code;
    int length_codes; /* that are written */
};

/* For symbols that occur so often in the block; its end once. */
void deflate_head_make(const uint32_t counts[DEFLATE_SYMBOLS], int max_length,
                       struct deflate_head *head);
uint64_t deflate_head_bits(const struct deflate_head *head);
void deflate_head_put(const struct deflate_head *head, struct bit_stream *bits);

#endif
