/* SPDX-License-Identifier: Apache-2.0 */
/* The one way to run a job over frames: in children, or with --in-process right here. */
#ifndef PROCESS_RUN_FRAMES_H
#define PROCESS_RUN_FRAMES_H

#include "process/engine.h"

/* As engine_run; settings->in_process chooses. */
PO_MUST_CHECK enum po_status
run_frames(const struct engine_settings *settings, const struct engine_job *job,
           struct run_control *control, struct run_state *state,
           struct engine_result *result, struct po_error *error);

#endif
