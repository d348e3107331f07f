/* SPDX-License-Identifier: Apache-2.0 */
/* One value of the table between its text and its field; no origin, no ownership. */
#ifndef SETTINGS_SETTING_VALUE_H
#define SETTINGS_SETTING_VALUE_H

#include "settings/settings_table.h"

enum { SETTING_TEXT_MAX_BYTES = 4096, SETTING_FORMAT_BYTES = 4160 };

/*
 * Reads `value` into the row's field, bounds checked. TEXT stores the pointer itself.
 * `label` names the setting in errors: "--workers", "workers".
 */
PO_MUST_CHECK enum po_status setting_value_parse(const struct setting_row *row,
                                                 const char *label, const char *value,
                                                 struct po_settings *settings,
                                                 struct po_error *error);
void setting_value_format(const struct setting_row *row,
                          const struct po_settings *settings, char *text,
                          size_t text_bytes);

/* A finite decimal number and nothing else. */
bool number_parse(const char *text, double *number);
/* Millimetres, or with a unit of its own: 3000, 3000mm, 300cm, 3m. */
bool length_parse(const char *text, double *length_mm);
/* The shortest decimal that reads back as the same double. */
void number_format(double number, char *text, size_t text_bytes);
/* 512M, 1.5G, 2GiB, 4096; factors are powers of 1024. */
bool size_parse(const char *text, uint64_t *bytes);
void size_format(uint64_t bytes, char *text, size_t text_bytes);

#endif
