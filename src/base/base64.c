/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

enum { GROUP_BYTES = 3, GROUP_CHARACTERS = 4, BLOCK_GROUPS = 1024 };

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

void base64_encode(const unsigned char *data, size_t bytes, char *text)
{
    const unsigned char *end = data + bytes / GROUP_BYTES * GROUP_BYTES;
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
