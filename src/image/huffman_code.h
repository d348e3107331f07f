/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Huffman codes of limited length as deflate has them (RFC 1951, section 3.2.2): equal
 * counts give equal codes.
 */
#ifndef IMAGE_HUFFMAN_CODE_H
#define IMAGE_HUFFMAN_CODE_H

#include <stdint.h>

enum { HUFFMAN_SYMBOLS_MAX = 286, HUFFMAN_LENGTH_MAX = 15 };

struct huffman_code {
    uint16_t bits[HUFFMAN_SYMBOLS_MAX];   /* first bit of the stream lowest */
    uint8_t lengths[HUFFMAN_SYMBOLS_MAX]; /* 0: the symbol does not occur */
};

/* For symbols 0 .. count - 1 that occur counts[symbol] times, at most UINT16_MAX; at
 * least two occur. No code is longer than max_length, which has to leave room for them.
 */
void huffman_code_make(const uint32_t *counts, int count, int max_length,
                       struct huffman_code *code);

#endif
