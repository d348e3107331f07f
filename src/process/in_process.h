/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine without processes, for a debugger and for the library: every pending
 * frame in order, right here. A crash or a hang is the caller's; signals still stop the
 * run.
 */
#ifndef PROCESS_IN_PROCESS_H
#define PROCESS_IN_PROCESS_H

#include "process/engine.h"

PO_MUST_CHECK enum po_status
in_process_run(const struct engine_settings *settings, const struct engine_job *job,
               struct run_control *control, struct run_state *state,
               struct engine_result *result, struct po_error *error);

#endif
