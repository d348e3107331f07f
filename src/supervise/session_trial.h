/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session trial: the frames that a survey leaves in doubt, matched as the run would match
 * them and judged by the same rule, without writing anything. So --check ends as the run.
 */
#ifndef SUPERVISE_SESSION_TRIAL_H
#define SUPERVISE_SESSION_TRIAL_H

#include "supervise/session_run.h"

/* Ends those pending frames that the run would fail. */
PO_MUST_CHECK enum po_status session_trial(struct session_run *run,
                                           struct po_error *error);

#endif
