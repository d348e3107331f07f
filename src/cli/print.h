/* SPDX-License-Identifier: Apache-2.0 */
/* What is generated from the table of settings: help, man page, completion, schema. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <stdio.h>

#include "base/json_file.h"
#include "process_offline/status.h"
#include "settings/settings_table.h"

/* `section` NULL: one screen; "all": everything. PO_BAD_ARGUMENT for no section. */
PO_MUST_CHECK enum po_status print_help(FILE *stream, const char *section,
                                        struct po_error *error);
void print_version(FILE *stream);
void print_man(FILE *stream);
/* `shell` NULL: bash. PO_BAD_ARGUMENT for one it does not know. */
PO_MUST_CHECK enum po_status print_completion(FILE *stream, const char *shell,
                                              struct po_error *error);
PO_MUST_CHECK enum po_status print_config_schema(FILE *stream, struct po_error *error);
/* Prints a JSON tree, and frees it. What could move a cursor is escaped, so that names
 * come back; bytes that are no UTF-8 cannot. PO_OUT_OF_MEMORY: nothing was printed. */
PO_MUST_CHECK enum po_status print_json(FILE *stream, struct json *root,
                                        struct po_error *error);
/* All settings as a file for --config. Left out are those without a value, and an auto
 * that nobody asked for: a file's auto is a wish (that of num-disparities outdoes the
 * range of the calibration). PO_OUT_OF_MEMORY: nothing was printed. */
PO_MUST_CHECK enum po_status print_config(FILE *stream, const struct settings_set *set,
                                          struct po_error *error);

#endif
