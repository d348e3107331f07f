/* SPDX-License-Identifier: Apache-2.0 */
#include "process/run_frames.h"

#include "process/in_process.h"

enum po_status run_frames(const struct engine_settings *settings,
                          const struct engine_job *job, struct run_control *control,
                          struct run_state *state, struct engine_result *result,
                          struct po_error *error)
{
    return settings->in_process
               ? in_process_run(settings, job, control, state, result, error)
               : engine_run(settings, job, control, state, result, error);
}
