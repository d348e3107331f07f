/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_forecast.h"

#include "supervise/frame_planner.h"
#include "supervise/session_choose.h"

/* What an earlier run left in the output holds for the next. */
static enum po_status load_kept_values(struct session_run *run, struct po_error *error)
{
    const struct po_settings *asked = &run->asked->values;
    enum po_status status = session_paths_name(&run->paths, asked, run->manifest, error);
    if (status == PO_OK && !asked->run.force)
        session_values_load(&run->values, run->manifest, asked, run->paths.values);
    return status;
}

enum po_status session_forecast_make(const struct settings_set *settings,
                                     enum survey_kind kind, struct session_run *run,
                                     struct po_error *error)
{
    session_run_init(run, settings);
    enum po_status status = session_run_load(run, error);
    if (status != PO_OK)
        return status;
    if (kind == SURVEY_RANGES)
        status = load_kept_values(run, error);
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
    status = session_survey(run, kind, error);
    if (status != PO_OK)
        return status;
    if (run->state.ended == run->state.frame_count)
        return PO_OK;
    return memory_plan_make(run, error);
}

/* Nanoseconds of one core a pixel, and a pixel and disparity; about, as measured on a
 * 2.5 GHz x86-64. */
static void costs_of(const struct po_settings *settings, double *pixel_ns,
                     double *disparity_ns)
{
    static const struct {
        double pixel_ns, disparity_ns;
    } costs[] = {[PO_SGM_FAST] = {150, 0.4},
                 [PO_SGM_BALANCED] = {250, 0.5},
                 [PO_SGM_QUALITY] = {600, 1.5}};
    *pixel_ns = costs[settings->match.level].pixel_ns;
    *disparity_ns = settings->match.matcher == PO_MATCHER_SGM
                        ? costs[settings->match.level].disparity_ns
                        : 2.0;
}

double session_forecast_seconds(const struct session_run *run)
{
    double pixel_ns;
    double disparity_ns;
    double sum_ns = 0;
    const struct frame_setup *setup = session_setup(run, 0);
    costs_of(&setup->settings, &pixel_ns, &disparity_ns);
    for (int i = 0; i < run->manifest->frame_count; i++) {
        int width_px;
        int height_px;
        if (run->state.frames[i].status != PO_FRAME_PENDING)
            continue;
        frame_planner_size(run, i, &width_px, &height_px);
        double scale = setup->context.downscale;
        double pixels = (double)width_px * height_px;
        sum_ns += pixels * pixel_ns;
        sum_ns += pixels * frame_range(&setup->context, i).count * disparity_ns /
                  (scale * scale * scale);
    }
    return sum_ns * 1e-9 / (run->memory.workers > 0 ? run->memory.workers : 1);
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
