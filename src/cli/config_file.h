/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration: a JSON object whose keys are the names of settings. "$schema" and
 * "description" are allowed beside them; any other key is an error with a suggestion.
 */
#ifndef CLI_CONFIG_FILE_H
#define CLI_CONFIG_FILE_H

#include "settings/settings_table.h"

/* Errors name the file, the key and the remedy. */
PO_MUST_CHECK enum po_status config_file_read(const char *path, struct settings_set *set,
                                              struct po_error *error);

#endif
