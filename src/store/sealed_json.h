/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed JSON: a file of ours whose last member, "checksum", covers the text before it,
 * so that a value somebody changed, or a bit that flipped, is never taken for one we
 * kept.
 */
#ifndef STORE_SEALED_JSON_H
#define STORE_SEALED_JSON_H

#include "base/json_file.h"

/* Adds the checksum to `root` and writes it through atomic_file. */
PO_MUST_CHECK enum po_status sealed_json_write(struct json *root, const char *path,
                                               struct po_error *error);
/* PO_BAD_FORMAT when the text is not as it was written; *root is then NULL. */
PO_MUST_CHECK enum po_status sealed_json_read(const char *path, size_t max_bytes,
                                              struct json **root, struct po_error *error);

#endif
