/* SPDX-License-Identifier: Apache-2.0 */
#include "image/exif.h"

#include <stdbool.h>
#include <string.h>

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, ENTRY_BYTES = 12 };

struct exif_block {
    const uint8_t *data;
    size_t bytes;
    bool big_endian;
};

static unsigned read_16(const struct exif_block *block, size_t at)
{
    const uint8_t *p = block->data + at;
    return block->big_endian ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static size_t read_32(const struct exif_block *block, size_t at)
{
    size_t first = read_16(block, at);
    size_t second = read_16(block, at + 2);
    return block->big_endian ? first << 16 | second : second << 16 | first;
}

/* EXIF 2.32, section 4.6.2: an offset to a count of 12-byte entries tag, type, count,
 * value. */
int exif_orientation(const uint8_t *block, size_t bytes)
{
    if (bytes < 8 || (memcmp(block, "II*\0", 4) != 0 && memcmp(block, "MM\0*", 4) != 0))
        return 1;
    struct exif_block exif = {block, bytes, block[0] == 'M'};
    size_t at = read_32(&exif, 4);
    if (at > bytes - 2)
        return 1;
    unsigned count = read_16(&exif, at);
    at += 2;
    for (unsigned i = 0; i < count && bytes - at >= ENTRY_BYTES; i++, at += ENTRY_BYTES) {
        if (read_16(&exif, at) != TAG_ORIENTATION || read_16(&exif, at + 2) != TYPE_SHORT)
            continue;
        unsigned value = read_16(&exif, at + 8);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}
