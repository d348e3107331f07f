/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SUPERVISE_SESSION_CHOOSE_H
#define SUPERVISE_SESSION_CHOOSE_H

#include "supervise/session_run.h"

/* Chooses every session value an earlier run has not left behind, from probed frames.
 * Ranges that only the images can show stay unknown, for session_survey; the level is the
 * memory plan's to choose. */
PO_MUST_CHECK enum po_status session_choose(struct session_run *run,
                                            struct po_error *error);

#endif
