/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as a stream into an atomic file: no tree, no allocation, so a report may be longer
 * than memory.
 *
 * Invariant: the first error sticks in `status` and later calls do nothing; nesting is at
 * most JSON_WRITER_DEPTH. Text is written as UTF-8: a byte that is not part of any
 * becomes %XX, as in frame ids. Ownership: plain value, borrows the file.
 */
#ifndef RECORD_JSON_WRITER_H
#define RECORD_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/atomic_file.h"

enum { JSON_WRITER_DEPTH = 16 };

struct json_writer {
    struct atomic_file *file;
    struct po_error *error;
    enum po_status status;
    int depth;
    char closers[JSON_WRITER_DEPTH];
    bool has_members[JSON_WRITER_DEPTH];
};

/* `file` is open. The root object is opened; json_writer_end closes it. */
void json_writer_begin(struct json_writer *writer, struct atomic_file *file,
                       struct po_error *error);
PO_MUST_CHECK enum po_status json_writer_end(struct json_writer *writer);

/* `key` is NULL inside arrays. */
void json_writer_object(struct json_writer *writer, const char *key);
void json_writer_array(struct json_writer *writer, const char *key);
void json_writer_close(struct json_writer *writer); /* the innermost of both */
void json_writer_text(struct json_writer *writer, const char *key,
                      const char *text); /* NULL: null */
void json_writer_number(struct json_writer *writer, const char *key,
                        double number); /* NaN, inf: null */
void json_writer_integer(struct json_writer *writer, const char *key, uint64_t number);
void json_writer_bool(struct json_writer *writer, const char *key, bool value);
void json_writer_null(struct json_writer *writer, const char *key);
/* An array of numbers on one line. */
void json_writer_numbers(struct json_writer *writer, const char *key,
                         const double *numbers, int count);

#endif
