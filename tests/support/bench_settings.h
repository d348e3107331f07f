/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A setting of the program as an argument of a benchmark: "--name value".
 */
#ifndef SUPPORT_BENCH_SETTINGS_H
#define SUPPORT_BENCH_SETTINGS_H

#include "settings/settings_table.h"

/* Sets `name` (without dashes); "profile" brings its whole set. Errors: PO_BAD_ARGUMENT
 * for an unknown name or value. */
PO_MUST_CHECK enum po_status bench_set_setting(struct settings_set *set, const char *name,
                                               const char *value, struct po_error *error);

#endif
