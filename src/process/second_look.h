/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Second look: frames that a passing fault ended are run once more, one after the other.
 *
 * A disk that fails once, memory that is short, a killed or stuck child: the next run may
 * find what this one did not, so that nothing may be concluded from what it lacks. Broken
 * images and limits stay as they are.
 */
#ifndef PROCESS_SECOND_LOOK_H
#define PROCESS_SECOND_LOOK_H

#include "process/engine.h"

/* Whether what ended the frame may be gone the next time. */
bool frame_may_pass(const struct frame_state *row);

/*
 * After a run of `state`: again what passed by with one attempt only; after a crash or a
 * hang the engine has made two. Each such row then says how its second run ended, with
 * the attempts and the time of both. `result` is of the second run, zeroed where there
 * was none.
 */
PO_MUST_CHECK enum po_status
second_look_run(const struct engine_settings *settings, const struct engine_job *job,
                struct run_control *control, struct run_state *state,
                struct engine_result *result, struct po_error *error);

#endif
