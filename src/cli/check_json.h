/* SPDX-License-Identifier: Apache-2.0 */
/* What --check says, as JSON on stdout. */
#ifndef CLI_CHECK_JSON_H
#define CLI_CHECK_JSON_H

#include "supervise/session_run.h"

PO_MUST_CHECK enum po_status check_print_json(const struct session_run *run,
                                              struct po_error *error);

/* Of a session that cannot be checked, for the reason in `cause`. */
PO_MUST_CHECK enum po_status check_print_failure_json(const struct po_error *cause,
                                                      int exit_status,
                                                      struct po_error *error);

#endif
