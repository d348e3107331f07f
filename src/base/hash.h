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
/* 32 hexadecimal digits and NUL. */
void hash_text(struct hash hash, char text[HASH_TEXT_BYTES]);
/* False when `text` is not what hash_text writes. */
PO_MUST_CHECK bool hash_parse(const char *text, struct hash *hash);
PO_MUST_CHECK enum po_status hash_file(const char *path, struct hash *hash,
                                       struct po_error *error);

#endif
