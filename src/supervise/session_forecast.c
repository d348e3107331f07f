/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_forecast.h"

#include "supervise/frame_planner.h"
#include "supervise/session_choose.h"
#include "supervise/session_survey.h"

enum po_status session_forecast_make(const struct settings_set *settings,
                                     struct session_run *run, struct po_error *error)
{
    session_run_init(run, settings);
    enum po_status status = session_run_load(run, error);
    if (status != PO_OK)
        return status;
    session_setups_make(run);
    for (int i = 0; i < run->manifest->frame_count; i++)
        run->facts.frames[i].wanted = FACT_PROBE | FACT_SAMPLE;
    status = frame_facts_examine(run, error);
    if (status != PO_OK)
        return status;
    session_choose(run);
    session_setups_make(run);
    status = session_survey(run, false, error);
    if (status != PO_OK)
        return status;
    if (run->state.ended == run->state.frame_count)
        return PO_OK;
    return memory_plan_make(run, error);
}

uint64_t session_forecast_frame_bytes(const struct session_run *run, int frame)
{
    struct frame_planner planner;
    struct frame_plan plan;
    if ((run->facts.frames[frame].known & FACT_PROBE) == 0)
        return 0;
    frame_planner_init(&planner, run, 0);
    if (frame_planner_plan(&planner, frame, &plan, NULL) != PO_OK)
        return 0;
    return plan.total_bytes;
}
