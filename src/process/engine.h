/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engine: brings every frame of a run to an end, whatever frames do to their process.
 *
 * Parallel phase: a pool process works on all frames; a frame that stalls or a process
 * that crashes ends it, and it is started again without the suspects. Then the sequential
 * phase: what is left, and the suspects, each alone in a child. A frame's last word is
 * always spoken alone, so that one frame's fault is never another's. See engine.c.
 */
#ifndef PROCESS_ENGINE_H
#define PROCESS_ENGINE_H

#include "process/engine_job.h"
#include "process/engine_settings.h"
#include "process/run_control.h"

/* Ends every pending frame of `state`, or leaves it pending when `control` stops the run.
 * PO_OK whatever the frames did. */
PO_MUST_CHECK enum po_status
engine_run(const struct engine_settings *settings, const struct engine_job *job,
           struct run_control *control, struct run_state *state,
           struct engine_result *result, struct po_error *error);

#endif
