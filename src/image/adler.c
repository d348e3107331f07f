/* SPDX-License-Identifier: Apache-2.0 */
#include "image/adler.h"

/* So many bytes and no sum overflows: 255 * BLOCK * (BLOCK + 1) / 2 in 31 bits. */
enum { BLOCK = 2048, MODULUS = 65521 };

/* a grows by each byte, b by each a: by `bytes` times the a before the block, and by each
 * byte as often as there are bytes from it to the block's end: its weight. */
static void add_block(const int16_t *weights, const uint8_t *data, size_t bytes,
                      uint32_t *a, uint32_t *b)
{
    int sum = 0, weighted = 0;
    for (size_t i = 0; i < bytes; i++) {
        int16_t byte = data[i];
        sum += byte;
        weighted += byte * weights[i];
    }
    *b = (*b + *a * (uint32_t)bytes + (uint32_t)weighted) % MODULUS;
    *a = (*a + (uint32_t)sum) % MODULUS;
}

uint32_t adler_add(uint32_t adler, const uint8_t *data, size_t bytes)
{
    int16_t weights[BLOCK];
    uint32_t a = adler & UINT16_MAX;
    uint32_t b = adler >> 16;
    for (int i = 0; i < BLOCK; i++)
        weights[i] = (int16_t)(BLOCK - i);
    while (bytes > 0) {
        size_t taken = bytes < BLOCK ? bytes : BLOCK;
        add_block(weights + (BLOCK - taken), data, taken, &a, &b);
        data += taken;
        bytes -= taken;
    }
    return b << 16 | a;
}
