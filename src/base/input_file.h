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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "process_offline/status.h"

/* What stat says of an input: enough to tell that it did not change. Clocks that were set
 * back and tools that set times make equal mtimes of different contents; the time of the
 * last change is the kernel's own. */
struct input_stat {
    uint64_t size_bytes;
    int64_t mtime_ns;
    int64_t ctime_ns;
    uint64_t inode;
};

bool input_stat_equal(const struct input_stat *a, const struct input_stat *b);

/* A descriptor of a regular file; the caller closes it. */
PO_MUST_CHECK enum po_status input_file_open(const char *path, int *descriptor,
                                             struct input_stat *info,
                                             struct po_error *error);

/* Has the system begin to read the file, for somebody who reads it before long; what
 * fails, he is told. */
void input_file_expect(const char *path);

/*
 * What read(2) and pread(2) give, short reads and signals outlived: fewer than `bytes` at
 * the end of the file; -1 and errno when it cannot be read.
 */
ssize_t input_read(int descriptor, void *target, size_t bytes);
ssize_t input_read_at(int descriptor, void *target, size_t bytes, uint64_t offset);

/* What cannot be read, by errno: PO_OUT_OF_MEMORY for ENOMEM, PO_IO for all else. */
PO_MUST_CHECK enum po_status input_read_failed(const char *path, struct po_error *error);

/* Failures that say nothing of a file's content: it may be good the next time, so nothing
 * is put in its place. */
bool input_status_is_passing(enum po_status status);

/*
 * The whole file, NUL-terminated, malloc'ed: the caller frees it. A file above
 * `max_bytes` or an empty one is an error. *size_bytes excludes the terminator.
 */
PO_MUST_CHECK enum po_status input_file_read(const char *path, size_t max_bytes,
                                             char **content, size_t *size_bytes,
                                             struct po_error *error);

/* Bytes that one file after another is read into. Starts zeroed; free(room.bytes) ends
 * it.
 */
struct input_room {
    char *bytes;
    size_t capacity;
};

/* The same into `room`, which is made larger where it has to be. */
PO_MUST_CHECK enum po_status input_file_read_into(const char *path, size_t max_bytes,
                                                  struct input_room *room,
                                                  size_t *size_bytes,
                                                  struct po_error *error);
/* As input_file_read, for text: BOM removed, CRLF to LF, UTF-16 and NUL bytes refused by
 * name. */
PO_MUST_CHECK enum po_status input_file_read_text(const char *path, size_t max_bytes,
                                                  char **content, size_t *size_bytes,
                                                  struct po_error *error);

PO_MUST_CHECK enum po_status input_file_stat(const char *path, struct input_stat *info,
                                             struct po_error *error);

/* Whether the file's own permissions keep this user from reading it: a fact of the file,
 * as its content is, where an error of a read may pass. False where it cannot be looked
 * at. */
bool input_file_is_forbidden(const char *path);

/* PO_CHANGED, with both sizes, where the file is not what it was at `before`: somebody
 * writes it, and what was read of it may be of two contents. */
PO_MUST_CHECK enum po_status input_file_unchanged(const char *path,
                                                  const struct input_stat *before,
                                                  struct po_error *error);

#endif
