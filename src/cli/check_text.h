/* SPDX-License-Identifier: Apache-2.0 */
/* What --check says, for a person, on stdout. */
#ifndef CLI_CHECK_TEXT_H
#define CLI_CHECK_TEXT_H

#include "supervise/session_run.h"

void check_print_text(const struct session_run *run);

/* Of a session that cannot be checked, for the reason in `cause`. */
void check_print_failure_text(const struct po_error *cause);

#endif
