/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session growth: a session that is still being copied while a run reads it.
 *
 * What had not arrived is left for the next run and said: frames whose files were written
 * during the run, and pairs that came after the session was listed. What all frames share
 * is not kept then, so the next run finds it on the whole session. No clock is asked:
 * what stat said before is compared with what it says now.
 */
#ifndef SUPERVISE_SESSION_GROWTH_H
#define SUPERVISE_SESSION_GROWTH_H

#include "supervise/session_run.h"

/* Remembers the folders of the session; when the output folder is there. */
void session_growth_begin(struct session_run *run);
/* Once no child runs any more. */
void session_growth_end(struct session_run *run);

#endif
