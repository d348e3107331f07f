/* SPDX-License-Identifier: Apache-2.0 */
/* Session begin: from settings to a session that is loaded and an output directory that
 * is this run's own, or of a shard its part of it. */
#ifndef SUPERVISE_SESSION_BEGIN_H
#define SUPERVISE_SESSION_BEGIN_H

#include "supervise/session_run.h"

/* Loads, takes the output by the run's role, watches signals, begins the progress. */
PO_MUST_CHECK enum po_status session_begin(struct session_run *run,
                                           struct po_error *error);

#endif
