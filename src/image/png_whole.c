/* SPDX-License-Identifier: Apache-2.0 */
#include "image/png_whole.h"

#include <string.h>

#include "base/checked.h"
#include "image/png_unfilter.h"

enum {
    WHOLE_MAX_BYTES = 32 << 20, /* of pixels, and of the file */
    BLOCK_ROWS = 1 + PNG_FRONT_ROWS,
    CHUNK_HEAD_BYTES = 8,
};

#ifdef PO_LIBDEFLATE

#include <libdeflate.h>

/* Parts of the sink's workspace, in this order. */
struct png_whole {
    struct image_source *source;
    size_t row_bytes;
    size_t filtered_bytes;
    uint8_t *filtered;
    uint8_t *rows; /* a row above, and those of a front, where samples are to be put */
    uint8_t *packed;
    size_t packed_bytes;
    size_t packed_capacity;
};

static bool whole_sizes(size_t row_bytes, int height_px, uint64_t file_bytes,
                        size_t *filtered_bytes, size_t *total_bytes)
{
    if (file_bytes > WHOLE_MAX_BYTES ||
        !size_multiply(row_bytes + 1, (size_t)height_px, filtered_bytes) ||
        *filtered_bytes > WHOLE_MAX_BYTES)
        return false;
    *total_bytes = scratch_size(*filtered_bytes) + BLOCK_ROWS * scratch_size(row_bytes) +
                   scratch_size((size_t)file_bytes);
    return true;
}

size_t png_whole_bytes(size_t row_bytes, int height_px, uint64_t file_bytes)
{
    size_t filtered_bytes;
    size_t total_bytes;
    return whole_sizes(row_bytes, height_px, file_bytes, &filtered_bytes, &total_bytes)
               ? total_bytes
               : 0;
}

static bool whole_init(struct png_whole *whole, struct image_source *source,
                       const struct image_header *header, const struct image_sink *sink)
{
    size_t total_bytes;
    uint8_t *workspace = sink->workspace;
    whole->source = source;
    whole->row_bytes =
        (size_t)header->width_px * (size_t)header->channels * (size_t)(header->bits / 8);
    if (!whole_sizes(whole->row_bytes, header->height_px, source->size_bytes,
                     &whole->filtered_bytes, &total_bytes) ||
        total_bytes > header->workspace_bytes)
        return false;
    whole->filtered = workspace;
    workspace += scratch_size(whole->filtered_bytes);
    whole->rows = workspace;
    workspace += BLOCK_ROWS * scratch_size(whole->row_bytes);
    whole->packed = workspace;
    whole->packed_bytes = 0;
    whole->packed_capacity = (size_t)source->size_bytes;
    return true;
}

static uint32_t load_32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 |
           (uint32_t)from[3];
}

static bool checksum_matches(struct image_source *source, uint32_t crc)
{
    uint8_t stored[4];
    return image_source_read(source, stored, 4) == 4 && load_32(stored) == crc;
}

/* Appends an IDAT chunk's data and checks its sum. */
static bool take_data(struct png_whole *whole, uint32_t bytes)
{
    uint8_t *to = whole->packed + whole->packed_bytes;
    if (bytes > whole->packed_capacity - whole->packed_bytes ||
        image_source_read(whole->source, to, bytes) != bytes)
        return false;
    whole->packed_bytes += bytes;
    uint32_t crc = libdeflate_crc32(libdeflate_crc32(0, "IDAT", 4), to, bytes);
    return checksum_matches(whole->source, crc);
}

/* The length and name of a chunk. */
static bool next_chunk(struct image_source *source, uint8_t *head, uint32_t *bytes)
{
    if (image_source_read(source, head, CHUNK_HEAD_BYTES) != CHUNK_HEAD_BYTES)
        return false;
    *bytes = load_32(head);
    return true;
}

/* The data of all IDAT chunks, which follow one another, and the rest of the file: only
 * chunks that nobody needs, marked by the lower case of their first letter, up to IEND.
 */
static bool take_all_data(struct png_whole *whole, uint32_t chunk_bytes)
{
    struct image_source *source = whole->source;
    uint8_t head[CHUNK_HEAD_BYTES];
    do {
        if (!take_data(whole, chunk_bytes) || !next_chunk(source, head, &chunk_bytes))
            return false;
    } while (memcmp(head + 4, "IDAT", 4) == 0);
    while (head[4] >= 'a')
        if (!image_source_skip(source, (uint64_t)chunk_bytes + 4) ||
            !next_chunk(source, head, &chunk_bytes))
            return false;
    return chunk_bytes == 0 && memcmp(head + 4, "IEND", 4) == 0 &&
           checksum_matches(source, libdeflate_crc32(0, "IEND", 4));
}

static bool inflate_data(const struct png_whole *whole)
{
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    if (decompressor == NULL)
        return false;
    enum libdeflate_result result =
        libdeflate_zlib_decompress(decompressor, whole->packed, whole->packed_bytes,
                                   whole->filtered, whole->filtered_bytes, NULL);
    libdeflate_free_decompressor(decompressor);
    return result == LIBDEFLATE_SUCCESS;
}

static void to_host_order(const uint8_t *restrict from, uint16_t *restrict to,
                          size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (uint16_t)(from[2 * i] << 8 | from[2 * i + 1]);
}

/* A front of rows at a time through rows of our own; the last is above the next. */
static bool put_rows(const struct png_whole *whole, struct png_rows *rows,
                     const struct image_header *header, struct image_sink *sink)
{
    struct image_span span = {0, 0, 1, header->width_px};
    size_t stride = scratch_size(whole->row_bytes);
    rows->stride_bytes = (ptrdiff_t)stride;
    rows->pixels = whole->rows + stride;
    while (span.y < header->height_px) {
        int left = header->height_px - span.y;
        rows->count = left < PNG_FRONT_ROWS ? left : PNG_FRONT_ROWS;
        if (!png_unfilter(rows))
            return false;
        for (int i = 0; i < rows->count; i++, span.y++) {
            const uint8_t *row = rows->pixels + (size_t)i * stride;
            if (header->bits == 16)
                to_host_order(row, sink->row, whole->row_bytes / 2);
            sink->put(sink->context, &span, header->bits == 16 ? sink->row : row);
        }
        memcpy(whole->rows, rows->pixels + (size_t)(rows->count - 1) * stride,
               whole->row_bytes);
        rows->filtered += (size_t)rows->count * (whole->row_bytes + 1);
    }
    return true;
}

bool png_whole_decode(struct image_source *source, uint32_t chunk_bytes,
                      const struct image_header *header, struct image_sink *sink)
{
    struct png_whole whole;
    if (!whole_init(&whole, source, header, sink) ||
        !take_all_data(&whole, chunk_bytes) || !inflate_data(&whole))
        return false;
    memset(whole.rows, 0, whole.row_bytes);
    struct png_rows rows = {.filtered = whole.filtered,
                            .above = whole.rows,
                            .pixels = sink->direct.pixels,
                            .stride_bytes = sink->direct.stride_bytes,
                            .row_bytes = whole.row_bytes,
                            .pixel_bytes = header->channels * header->bits / 8,
                            .count = header->height_px};
    return sink->direct.pixels != NULL ? png_unfilter(&rows)
                                       : put_rows(&whole, &rows, header, sink);
}

#else

size_t png_whole_bytes(size_t row_bytes, int height_px, uint64_t file_bytes)
{
    (void)row_bytes;
    (void)height_px;
    (void)file_bytes;
    return 0;
}

bool png_whole_decode(struct image_source *source, uint32_t chunk_bytes,
                      const struct image_header *header, struct image_sink *sink)
{
    (void)source;
    (void)chunk_bytes;
    (void)header;
    (void)sink;
    return false;
}

#endif
