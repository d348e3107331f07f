/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pixels of a PNG, inflated faster than by zlib.
 *
 * zlib's inflate is most of the time that a PNG takes. This stands between a file and
 * libpng: it takes the IDAT chunks out of the stream, checks their CRC, inflates them by
 * ISA-L, and hands them on as deflate's stored blocks, which zlib only copies. Everything
 * else of the format stays with libpng, which sees a whole PNG of the same image.
 *
 * Invariant: what libpng reads is as long as the image's raw rows say, whatever the file
 * holds; a file that holds less, or damaged data, ends with an error.
 * Ownership: png_inflate_create/destroy; the source is borrowed.
 */
#ifndef IMAGE_PNG_INFLATE_H
#define IMAGE_PNG_INFLATE_H

#include "image/image_reader.h"

enum {
    PNG_CHUNK_HEAD_BYTES = 8,       /* length and name */
    PNG_INFLATE_BYTES = 110 * 1024, /* what create takes from the heap, at most */
};

struct png_inflate;

/* `head` is that of the first IDAT, just read from `source`; `raw_bytes` all rows with
 * their filter bytes. NULL where this is of no use, or no memory is to be had: libpng
 * then reads the file itself. */
struct png_inflate *png_inflate_create(struct image_source *source,
                                       const uint8_t head[PNG_CHUNK_HEAD_BYTES],
                                       uint64_t raw_bytes);
void png_inflate_destroy(struct png_inflate *inflate); /* NULL allowed */

/* The next bytes of the stream that libpng reads, the first IDAT's head behind it. False:
 * the file ended or could not be read, or else `*reason` says what is wrong with it. */
PO_MUST_CHECK bool png_inflate_read(struct png_inflate *inflate, uint8_t *to,
                                    size_t bytes, const char **reason);

#endif
