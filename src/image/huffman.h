/* SPDX-License-Identifier: Apache-2.0 */
/* Huffman codes of limited length, as deflate wants them. */
#ifndef IMAGE_HUFFMAN_H
#define IMAGE_HUFFMAN_H

#include <stdint.h>

enum { HUFFMAN_SYMBOLS_MAX = 288 };

/* Lengths of at most max_bits for each symbol with a count above zero, 0 for the others.
 * Two or more counts above zero; each below 2^22; 2^max_bits above their number. */
void huffman_lengths(const uint32_t *counts, int symbols, int max_bits, uint8_t *lengths);

/* The codes that belong to the lengths (RFC 1951, 3.2.2), their first bit lowest. */
void huffman_codes(const uint8_t *lengths, int symbols, uint16_t *codes);

#endif
