/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors of a file that an option names: "--calibration rig.yml: no such file". Where the
 * same file can be met in several ways, a path alone does not say what to change.
 */
#ifndef BASE_OPTION_ERROR_H
#define BASE_OPTION_ERROR_H

#include "process_offline/status.h"

/* Fails with `status` and the message of `cause`, "--option" before one that begins with
 * `path`. `error` may be NULL; PO_OK passes. */
PO_MUST_CHECK enum po_status fail_of_option(enum po_status status, const char *option,
                                            const char *path,
                                            const struct po_error *cause,
                                            struct po_error *error);

#endif
