/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648, section 4) into an atomic file. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/atomic_file.h"

/* Characters of so many bytes, padding included. */
size_t base64_length(size_t bytes);

/* Encodes into `text`, which has room for base64_length(bytes); no NUL. */
void base64_encode(const unsigned char *data, size_t bytes, char *text);

PO_MUST_CHECK enum po_status base64_write(struct atomic_file *file, const void *data,
                                          size_t bytes, struct po_error *error);

#endif
