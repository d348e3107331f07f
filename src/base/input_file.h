/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded reading of files that somebody else wrote.
 *
 * Opened with O_NONBLOCK|O_NOCTTY|O_CLOEXEC and checked to be regular: a FIFO, device,
 * socket or directory is PO_UNSUPPORTED and named, never a hang. PO_NOT_FOUND is only
 * what is not there; whatever else keeps a file from being read is PO_IO.
 */
#ifndef BASE_INPUT_FILE_H
#define BASE_INPUT_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "process_offline/status.h"

/* What stat says of an input: enough to tell that it did not change. */
struct input_stat {
    uint64_t size_bytes;
    int64_t mtime_ns;
    uint64_t inode;
};

/* A descriptor of a regular file; the caller closes it. */
PO_MUST_CHECK enum po_status input_file_open(const char *path, int *descriptor,
                                             struct input_stat *info,
                                             struct po_error *error);

/*
 * The whole file, NUL-terminated, malloc'ed: the caller frees it. A file above
 * `max_bytes` or an empty one is an error. *size_bytes excludes the terminator.
 */
PO_MUST_CHECK enum po_status input_file_read(const char *path, size_t max_bytes,
                                             char **content, size_t *size_bytes,
                                             struct po_error *error);

/* As above for text: BOM removed, CRLF to LF, UTF-16 and NUL bytes refused by name. */
PO_MUST_CHECK enum po_status input_file_read_text(const char *path, size_t max_bytes,
                                                  char **content, size_t *size_bytes,
                                                  struct po_error *error);

PO_MUST_CHECK enum po_status input_file_stat(const char *path, struct input_stat *info,
                                             struct po_error *error);

#endif
