/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retry policy: what becomes of a frame that did not say done: an end, or another
 * attempt.
 *
 * A frame that ran alone ends here; one that shared its process becomes a suspect and
 * runs alone later, or, when it was not to blame, goes back among the pending.
 */
#ifndef PROCESS_RETRY_POLICY_H
#define PROCESS_RETRY_POLICY_H

#include "process/engine_phase.h"

/* The frame said that it failed. `was_cancelled`: the watchdog had asked it to cancel. */
void retry_policy_failed(struct engine *engine, const struct run_event *event,
                         bool was_cancelled);
/* The frames that were running when their child ended; `alone_frame` -1 in the parallel
 * phase. */
void retry_policy_child_ended(struct engine *engine, const struct child_outcome *outcome,
                              int alone_frame);

#endif
