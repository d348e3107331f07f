/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line asked for, done. Results on stdout, everything else in the log.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/options.h"
#include "session/manifest.h"

/* Runs the command; *exit_status is that of the program when PO_OK is returned. */
PO_MUST_CHECK enum po_status command_run(const struct options *options, int *exit_status,
                                         struct po_error *error);

PO_MUST_CHECK enum po_status command_list(const struct settings_set *set,
                                          struct po_error *error);
/* *exit_status is that of the run where no frame can be processed. */
PO_MUST_CHECK enum po_status command_dry_run(const struct settings_set *set,
                                             int *exit_status, struct po_error *error);

/* `json`: for programs. *exit_status is PO_EXIT_CALIBRATION when it found an error. */
PO_MUST_CHECK enum po_status command_check(const struct settings_set *set, bool json,
                                           int *exit_status, struct po_error *error);

/* *exit_status is that of a signal where one stopped it. */
PO_MUST_CHECK enum po_status command_plan(const struct settings_set *set,
                                          int *exit_status, struct po_error *error);

/* Of several sessions: *exit_status is that of all. */
PO_MUST_CHECK enum po_status command_sessions(const struct options *options,
                                              int *exit_status, struct po_error *error);

/* `argument`: the model's file, and ",WxH" behind it for the size to try it at. */
PO_MUST_CHECK enum po_status command_network_info(const struct settings_set *set,
                                                  const char *argument,
                                                  struct po_error *error);

#endif
