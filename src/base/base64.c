/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { GROUP_BYTES = 3, GROUP_CHARACTERS = 4, BLOCK_GROUPS = 1024 };

/* Groups that fill a vector. */
enum { WIDE_GROUPS = 4, WIDE_BYTES = WIDE_GROUPS * GROUP_BYTES, WIDE_CHARACTERS = 16 };
typedef uint32_t group_vector __attribute__((vector_size(WIDE_CHARACTERS)));
typedef uint8_t digit_vector __attribute__((vector_size(WIDE_CHARACTERS)));

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_length(size_t bytes)
{
    return (bytes + GROUP_BYTES - 1) / GROUP_BYTES * GROUP_CHARACTERS;
}

static inline void encode_group(const unsigned char *data, size_t bytes, char *text)
{
    unsigned a = data[0];
    unsigned b = bytes > 1 ? data[1] : 0;
    unsigned c = bytes > 2 ? data[2] : 0;
    text[0] = digits[a >> 2];
    text[1] = digits[(a & 3) << 4 | b >> 4];
    text[2] = bytes > 1 ? digits[(b & 15) << 2 | c >> 6] : '=';
    text[3] = bytes > 2 ? digits[c & 63] : '=';
}

/* The characters of values of six bits: A, a, 0, + and / begin where each addend does. */
static inline digit_vector digits_of(digit_vector values)
{
    return values + 'A' + ((digit_vector)(values >= 26) & ('a' - 'A' - 26)) -
           ((digit_vector)(values >= 52) & ('a' + 26 - '0')) -
           ((digit_vector)(values == 62) & ('0' + 10 - '+')) -
           ((digit_vector)(values == 63) & ('0' + 11 - '/'));
}

/* Reads one byte more. */
static inline void encode_wide(const unsigned char *data, char *text)
{
    uint32_t words[WIDE_GROUPS];
    for (int i = 0; i < WIDE_GROUPS; i++) {
        memcpy(&words[i], data + (ptrdiff_t)i * GROUP_BYTES, sizeof(words[i]));
        words[i] = be32toh(words[i]) >> 8;
    }
    group_vector groups;
    memcpy(&groups, words, sizeof(groups));
    groups = (groups >> 18) | ((groups >> 4) & 0x3f00) | ((groups << 10) & 0x3f0000) |
             ((groups << 24) & 0x3f000000);
    const digit_vector characters = digits_of((digit_vector)groups);
    memcpy(text, &characters, sizeof(characters));
}

void base64_encode(const unsigned char *data, size_t bytes, char *text)
{
    const bool is_little = htole32(1) == 1; /* the first character is the lowest byte */
    const unsigned char *end = data + bytes / GROUP_BYTES * GROUP_BYTES;
    for (; is_little && end - data > WIDE_BYTES;
         data += WIDE_BYTES, text += WIDE_CHARACTERS)
        encode_wide(data, text);
    for (; data < end; data += GROUP_BYTES, text += GROUP_CHARACTERS)
        encode_group(data, GROUP_BYTES, text);
    if (bytes % GROUP_BYTES != 0)
        encode_group(data, bytes % GROUP_BYTES, text);
}

enum po_status base64_write(struct atomic_file *file, const void *data, size_t bytes,
                            struct po_error *error)
{
    char text[BLOCK_GROUPS * GROUP_CHARACTERS];
    const unsigned char *next = data;
    enum po_status status = PO_OK;
    while (bytes > 0 && status == PO_OK) {
        size_t block = bytes;
        if (block > (size_t)BLOCK_GROUPS * GROUP_BYTES)
            block = (size_t)BLOCK_GROUPS * GROUP_BYTES;
        base64_encode(next, block, text);
        status = atomic_file_write(file, text, base64_length(block), error);
        next += block;
        bytes -= block;
    }
    return status;
}
