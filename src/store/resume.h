/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resume: which frames of an earlier run on this output are complete and unchanged.
 *
 * A frame is reused when its folder is whole, and its record's key is the one this run
 * would give it: same inputs, calibration, settings, session values, version. What the
 * inputs hold is known by stat from .state/inputs/<id>; where stat differs a child hashes
 * them.
 */
#ifndef STORE_RESUME_H
#define STORE_RESUME_H

#include "supervise/session_run.h"

/* Ends frames that can be reused and asks probes of the others (frame_probes_run). */
void resume_scan(struct session_run *run);
/* Once they are there: ends those that turned out reusable. */
void resume_decide(struct session_run *run);

/* Whether the folder on disk is this frame, as this run makes it, from the inputs its
 * own record names. Fills run->record. */
bool resume_is_committed(const struct session_run *run, int frame);

/* Keeps what stat said of a frame's inputs before they were read. Called in the child. */
void resume_keep_inputs(const struct session_run *run, int frame,
                        const struct input_state *inputs);

#endif
