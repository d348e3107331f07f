/* SPDX-License-Identifier: Apache-2.0 */
#include "image/png_inflate.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "image/clean_vectors.h"

enum {
    STORED_MAX_BYTES = 65535,
    STORED_HEAD_BYTES = 5,
    ZLIB_HEAD_BYTES = 2,
    ZLIB_END_BYTES = 4, /* a checksum, which libpng is told to leave alone */
    CRC_BYTES = 4,
    INPUT_BYTES = 16384,
    CHUNK_MAX_BYTES = 0x7fffffff,
};

/* Where in the stream for libpng the next byte stands. */
enum stream_place {
    IN_FIRST_CHUNK, /* as long as the file's first one, as libpng knows its length */
    IN_SECOND_CHUNK,
    BEHIND_PIXELS, /* the file itself again */
};

struct png_inflate {
    struct image_source *source;
    enum stream_place place;
    uint64_t chunk_left;   /* of the chunk that libpng reads */
    uint64_t second_bytes; /* of its second */
    uint64_t raw_left;     /* not yet in a block */
    uint32_t block_left;   /* of a stored block */
    size_t pending, ready; /* small[pending..ready) is to be handed on first */
    uint8_t small[STORED_HEAD_BYTES];
    /* frame[framed..frame_bytes) goes before the chunk's data. */
    size_t framed, frame_bytes;
    uint8_t frame[CRC_BYTES + PNG_CHUNK_HEAD_BYTES];
    uint32_t file_left; /* of the file's chunk */
    uint32_t crc;
    bool raw_begins; /* nothing of it was read yet */
    const char *reason;
    struct inflate_state state;
    uint8_t input[INPUT_BYTES];
};

_Static_assert(sizeof(struct png_inflate) <= PNG_INFLATE_BYTES, "as planned");

static const uint8_t idat[4] = {'I', 'D', 'A', 'T'};

static uint32_t big_endian(const uint8_t bytes[4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           bytes[3];
}

static bool fail(struct png_inflate *inflate, const char *reason)
{
    inflate->reason = reason;
    return false;
}

static void put_small(struct png_inflate *inflate, const uint8_t *bytes, size_t count)
{
    memcpy(inflate->small, bytes, count);
    inflate->pending = 0;
    inflate->ready = count;
}

static void begin_file_chunk(struct png_inflate *inflate, uint32_t bytes)
{
    inflate->file_left = bytes;
    inflate->crc = crc32_gzip_refl(0, idat, sizeof(idat));
}

/* Some bytes of the file's chunk, into the input of ISA-L. */
static bool take_input(struct png_inflate *inflate)
{
    uint32_t bytes = inflate->file_left < INPUT_BYTES ? inflate->file_left : INPUT_BYTES;
    if (image_source_read(inflate->source, inflate->input, bytes) < bytes)
        return false;
    inflate->file_left -= bytes;
    inflate->crc = crc32_gzip_refl(inflate->crc, inflate->input, bytes);
    inflate->state.next_in = inflate->input;
    inflate->state.avail_in = bytes;
    return true;
}

static bool check_crc(struct png_inflate *inflate)
{
    uint8_t crc[CRC_BYTES];
    if (image_source_read(inflate->source, crc, sizeof(crc)) < sizeof(crc))
        return false;
    return big_endian(crc) == inflate->crc || fail(inflate, "IDAT: CRC error");
}

/* Data of a PNG may lie in any number of chunks, of which some are empty. */
static bool next_input(struct png_inflate *inflate)
{
    uint8_t head[PNG_CHUNK_HEAD_BYTES];
    while (inflate->file_left == 0) {
        if (!check_crc(inflate) ||
            image_source_read(inflate->source, head, sizeof(head)) < sizeof(head))
            return false;
        if (memcmp(head + 4, idat, sizeof(idat)) != 0)
            return fail(inflate, "Not enough image data");
        if (big_endian(head) > CHUNK_MAX_BYTES)
            return fail(inflate, "IDAT: chunk data is too large");
        begin_file_chunk(inflate, big_endian(head));
    }
    return take_input(inflate);
}

static bool next_byte(struct png_inflate *inflate, uint8_t *byte)
{
    if (inflate->state.avail_in == 0 && !next_input(inflate))
        return false;
    *byte = *inflate->state.next_in++;
    inflate->state.avail_in--;
    return true;
}

/* RFC 1950: deflate, a window of at most 32 KB, no dictionary. */
static bool read_zlib_head(struct png_inflate *inflate)
{
    uint8_t method = 0;
    uint8_t flags = 0;
    if (!next_byte(inflate, &method) || !next_byte(inflate, &flags))
        return false;
    bool known = (method & 15) == 8 && method >> 4 <= 7 && (flags & 32) == 0 &&
                 (method * 256 + flags) % 31 == 0;
    return known || fail(inflate, "IDAT: damaged deflate data");
}

static bool inflate_raw(struct png_inflate *inflate, uint8_t *to, uint32_t bytes)
{
    inflate->state.next_out = to;
    inflate->state.avail_out = bytes;
    while (inflate->state.avail_out > 0) {
        uint32_t room = inflate->state.avail_out;
        uint32_t given = inflate->state.avail_in;
        if (inflate->state.block_state == ISAL_BLOCK_FINISH)
            return fail(inflate, "Not enough image data");
        if (isal_inflate(&inflate->state) < 0)
            return fail(inflate, "IDAT: damaged deflate data");
        bool moved = inflate->state.avail_out < room || inflate->state.avail_in < given;
        if (moved || inflate->state.block_state == ISAL_BLOCK_FINISH)
            continue;
        if (given > 0)
            return fail(inflate, "IDAT: damaged deflate data");
        if (!next_input(inflate))
            return false;
    }
    return true;
}

static void begin_block(struct png_inflate *inflate)
{
    uint64_t left = inflate->raw_left;
    uint32_t bytes = left < STORED_MAX_BYTES ? (uint32_t)left : STORED_MAX_BYTES;
    const uint8_t head[STORED_HEAD_BYTES] = {left == bytes, (uint8_t)bytes,
                                             (uint8_t)(bytes >> 8), (uint8_t)~bytes,
                                             (uint8_t)(~bytes >> 8)};
    put_small(inflate, head, sizeof(head));
    inflate->block_left = bytes;
    inflate->raw_left -= bytes;
}

/* What follows the small bytes and the block: another block, or the end. */
static void go_on(struct png_inflate *inflate)
{
    static const uint8_t no_checksum[ZLIB_END_BYTES] = {0};
    if (inflate->raw_left > 0)
        begin_block(inflate);
    else
        put_small(inflate, no_checksum, sizeof(no_checksum));
}

/* Of bytes that lie ready, as many as are wanted. */
static size_t hand_on(const uint8_t *ready, size_t *at, size_t end, uint8_t *to,
                      size_t bytes)
{
    size_t left = end - *at;
    size_t got = left < bytes ? left : bytes;
    memcpy(to, ready + *at, got);
    *at += got;
    return got;
}

/* Bytes of the zlib stream; there are as many as the chunks were made for. */
static bool read_zlib(struct png_inflate *inflate, uint8_t *to, size_t bytes)
{
    while (bytes > 0) {
        size_t got =
            hand_on(inflate->small, &inflate->pending, inflate->ready, to, bytes);
        if (got == 0 && inflate->block_left > 0) {
            got = inflate->block_left < bytes ? inflate->block_left : bytes;
            if (!inflate_raw(inflate, to, (uint32_t)got))
                return false;
            inflate->block_left -= (uint32_t)got;
        } else if (got == 0) {
            go_on(inflate);
        }
        to += got;
        bytes -= got;
    }
    return true;
}

static uint64_t zlib_bytes(uint64_t raw_bytes)
{
    uint64_t blocks = (raw_bytes + STORED_MAX_BYTES - 1) / STORED_MAX_BYTES;
    return ZLIB_HEAD_BYTES + STORED_HEAD_BYTES * blocks + raw_bytes + ZLIB_END_BYTES;
}

/* The end of the file's last chunk that was needed. */
static bool finish_file_chunk(struct png_inflate *inflate)
{
    while (inflate->file_left > 0)
        if (!take_input(inflate))
            return false;
    return check_crc(inflate);
}

/* A checksum, which libpng is told to leave alone, and the head of the second chunk. */
static bool end_chunk(struct png_inflate *inflate)
{
    memset(inflate->frame, 0, sizeof(inflate->frame));
    inflate->framed = 0;
    inflate->frame_bytes = CRC_BYTES;
    if (inflate->place == IN_SECOND_CHUNK) {
        inflate->place = BEHIND_PIXELS;
        return finish_file_chunk(inflate);
    }
    inflate->place = IN_SECOND_CHUNK;
    inflate->chunk_left = inflate->second_bytes;
    for (int i = 0; i < 4; i++)
        inflate->frame[CRC_BYTES + i] = (uint8_t)(inflate->second_bytes >> (24 - 8 * i));
    memcpy(inflate->frame + CRC_BYTES + 4, idat, sizeof(idat));
    inflate->frame_bytes += PNG_CHUNK_HEAD_BYTES;
    return true;
}

static bool read_stream(struct png_inflate *inflate, uint8_t *to, size_t bytes)
{
    while (bytes > 0) {
        size_t got =
            hand_on(inflate->frame, &inflate->framed, inflate->frame_bytes, to, bytes);
        if (got == 0 && inflate->place == BEHIND_PIXELS)
            return image_source_read(inflate->source, to, bytes) == bytes;
        if (got == 0 && inflate->chunk_left > 0) {
            got = inflate->chunk_left < bytes ? (size_t)inflate->chunk_left : bytes;
            if (!read_zlib(inflate, to, got))
                return false;
            inflate->chunk_left -= got;
        } else if (got == 0 && !end_chunk(inflate)) {
            return false;
        }
        to += got;
        bytes -= got;
    }
    return true;
}

bool png_inflate_read(struct png_inflate *inflate, uint8_t *to, size_t bytes,
                      const char **reason)
{
    static const uint8_t zlib_head[ZLIB_HEAD_BYTES] = {0x78, 0x01};
    bool begins = inflate->raw_begins;
    inflate->reason = NULL;
    inflate->raw_begins = false;
    if (begins)
        put_small(inflate, zlib_head, sizeof(zlib_head));
    bool is_read =
        (!begins || read_zlib_head(inflate)) && read_stream(inflate, to, bytes);
    *reason = inflate->reason;
    leave_vectors_clean();
    return is_read;
}

struct png_inflate *png_inflate_create(struct image_source *source,
                                       const uint8_t head[PNG_CHUNK_HEAD_BYTES],
                                       uint64_t raw_bytes)
{
    uint64_t first_bytes = big_endian(head);
    uint64_t all_bytes = zlib_bytes(raw_bytes);
    if (memcmp(head + 4, idat, sizeof(idat)) != 0 || first_bytes >= all_bytes ||
        all_bytes - first_bytes > CHUNK_MAX_BYTES)
        return NULL;
    struct png_inflate *inflate = malloc(sizeof(*inflate));
    if (inflate == NULL)
        return NULL;
    memset(inflate, 0, offsetof(struct png_inflate, state));
    inflate->source = source;
    inflate->chunk_left = first_bytes;
    inflate->second_bytes = all_bytes - first_bytes;
    inflate->raw_left = raw_bytes;
    inflate->raw_begins = true;
    begin_file_chunk(inflate, (uint32_t)first_bytes);
    isal_inflate_init(&inflate->state);
    inflate->state.crc_flag = ISAL_DEFLATE;
    inflate->state.next_in = inflate->input;
    inflate->state.avail_in = 0;
    return inflate;
}

void png_inflate_destroy(struct png_inflate *inflate)
{
    free(inflate);
}
