/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML and HTML into an atomic file. Invariant: the first error sticks in `status`; text
 * is escaped, control bytes and broken UTF-8 become '?'. Ownership: borrows the file.
 */
#ifndef REPORT_MARKUP_H
#define REPORT_MARKUP_H

#include <stdbool.h>

#include "base/atomic_file.h"

struct markup {
    struct atomic_file *file;
    struct po_error *error;
    enum po_status status;
};

/* As given: for tags. */
void markup_raw(struct markup *markup, const char *text);
void markup_bytes(struct markup *markup, const char *text, size_t bytes);
/* printf of what needs no escape: numbers and literals. */
void markup_print(struct markup *markup, const char *format, ...) PO_PRINTF(2, 3);
/* Escaped, for content and for values in double quotes. NULL is nothing. */
void markup_text(struct markup *markup, const char *text);
/* The disk takes what was handed to the system so far: of a page of many megabytes. */
void markup_send(struct markup *markup);
/* So much will be written at least. */
void markup_expect(struct markup *markup, unsigned long long bytes);

#endif
