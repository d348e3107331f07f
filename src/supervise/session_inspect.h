/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of a session's images, made in a child: a broken or hostile image ends the
 * child, and is one finding more.
 */
#ifndef SUPERVISE_SESSION_INSPECT_H
#define SUPERVISE_SESSION_INSPECT_H

#include "check/session_check.h"
#include "supervise/session_run.h"

/* `run` as session_forecast_make left it. Errors: none could be looked at, and why. */
PO_MUST_CHECK enum po_status session_inspect(struct session_run *run,
                                             struct session_check *check,
                                             struct po_error *error);

#endif
