/* SPDX-License-Identifier: Apache-2.0 */
#include "process/engine_settings.h"

static const double KILL_WAIT_S = 10;

struct engine_settings engine_settings_alone(const struct po_run_settings *settings)
{
    return (struct engine_settings){
        .workers = 1,
        .batch_size = 1,
        .in_process = settings->in_process,
        .frame_timeout_s = settings->frame_timeout_s,
        .grace_s = settings->grace_s,
        .kill_wait_s = KILL_WAIT_S,
    };
}

struct engine_settings engine_settings_pool(const struct po_run_settings *settings)
{
    struct engine_settings engine = engine_settings_alone(settings);
    engine.parallel = settings->parallel;
    engine.pool_timeout_s = settings->pool_timeout_s;
    engine.pool_restarts = settings->pool_restarts;
    return engine;
}
