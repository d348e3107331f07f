/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text files whose bulk is tables of numbers (remap tables in cv::FileStorage's YAML or
 * XML): the text without them, in which each long run of numbers is a quoted
 * "table OFFSET BYTES" that says where in the file it lies.
 *
 * So a file of 100 MB costs its reader no more than its keys; who needs the numbers reads
 * them from there. Invariant: what is left is at most CALIBRATION_MAX_BYTES.
 */
#ifndef CALIB_TEXT_TABLES_H
#define CALIB_TEXT_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process_offline/status.h"

enum {
    TEXT_TABLE_LEAST_BYTES = 1 << 15, /* shorter runs of numbers stay */
    TEXT_TABLES_MAX_BYTES = 1 << 30   /* of a file */
};

/* Whether a file is large enough to be read so. */
bool text_may_hold_tables(const char *path);
/* malloc'ed, NUL-terminated: the caller frees it. Errors as input_file_read_text. */
PO_MUST_CHECK enum po_status text_without_tables(const char *path, char **text,
                                                 size_t *bytes, struct po_error *error);
/* Parses "table OFFSET BYTES". */
bool text_table_parse(const char *text, uint64_t *offset, uint64_t *bytes);

#endif
