/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is given and has no effect in this run is told. On the command line it is refused,
 * as an option that the command does not use is; files of settings and the environment
 * are there for many runs, so theirs is a warning.
 */
#ifndef CLI_UNSERVED_OPTIONS_H
#define CLI_UNSERVED_OPTIONS_H

#include "settings/settings_table.h"

/* PO_BAD_ARGUMENT that names the option and what it needs. */
PO_MUST_CHECK enum po_status unserved_options_check(const struct settings_set *set,
                                                    struct po_error *error);

#endif
