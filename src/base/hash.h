/* SPDX-License-Identifier: Apache-2.0 */
/* 128-bit content hashes (XXH3), for keys of what was computed from what; not
 * cryptographic. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process_offline/status.h"

enum { HASH_TEXT_BYTES = 33 };

struct hash {
    uint64_t low;
    uint64_t high;
};

struct hash hash_bytes(const void *data, size_t bytes);
struct hash hash_combine(struct hash a, struct hash b);
/* The hash of bytes that come in pieces: the same as of all of them at once. NULL from
 * create: no memory. `end` gives the hash of what was added so far. */
struct hash_stream;
struct hash_stream *hash_stream_create(void);
void hash_stream_add(struct hash_stream *stream, const void *data, size_t bytes);
struct hash hash_stream_end(const struct hash_stream *stream);
void hash_stream_destroy(struct hash_stream *stream); /* NULL is allowed */
/* 32 hexadecimal digits and NUL. */
void hash_text(struct hash hash, char text[HASH_TEXT_BYTES]);
/* False when `text` is not what hash_text writes. */
PO_MUST_CHECK bool hash_parse(const char *text, struct hash *hash);
PO_MUST_CHECK enum po_status hash_file(const char *path, struct hash *hash,
                                       struct po_error *error);

#endif
