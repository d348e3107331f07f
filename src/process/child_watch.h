/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child watch: the supervisor's poll() loop over one child, from its start to its end.
 *
 * It takes events into the run state, asks silent frames to cancel, kills a process that
 * does not listen, follows signals and deadlines. What becomes of the frames that were
 * running when the child ended is retry_policy.h's matter.
 */
#ifndef PROCESS_CHILD_WATCH_H
#define PROCESS_CHILD_WATCH_H

#include "process/engine_phase.h"

/* Reads signals, deadlines and the count of failures: is the run to come to its end? */
bool engine_is_stopped(struct engine *engine, int64_t now_ns);

/* `phase_deadline_ns` 0: none. Releases the child. */
void child_watch(struct engine *engine, struct child_process *child,
                 int64_t *phase_deadline_ns, struct child_outcome *outcome);

#endif
