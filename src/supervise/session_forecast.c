/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_forecast.h"

#include "budget/disk_forecast.h"
#include "store/disk_space.h"
#include "supervise/planned_session.h"
#include "supervise/session_load.h"
#include "supervise/session_network.h"
#include "supervise/session_prepare.h"
#include "supervise/session_progress.h"
#include "supervise/session_uncalibrated.h"

enum po_status session_forecast_make(const struct settings_set *settings,
                                     enum survey_kind kind, struct session_run *run,
                                     struct po_error *error)
{
    session_run_init(run, settings, RUN_LOOK);
    enum po_status status = session_load(run, error);
    if (status == PO_OK)
        status = session_rectify_uncalibrated(run, false, error);
    if (status != PO_OK)
        return status;
    if (kind == SURVEY_RANGES) /* what an earlier run left in the output holds */
        status = session_values_take(run, error);
    if (status != PO_OK)
        return status;
    session_setups_make(run);
    session_end_problems(run);
    planned_session_end_frames(run);
    for (int i = 0; i < run->manifest->frame_count; i++)
        run->probes.frames[i].wanted = PROBE_HEADERS | PROBE_SAMPLE;
    status = session_probe(run, error);
    if (status != PO_OK)
        return status;
    status = session_look(run, kind, error);
    if (status != PO_OK)
        return status;
    status = session_network_probe(run, error);
    if (status != PO_OK)
        return status;
    if (run->state.ended == run->state.frame_count)
        return PO_OK;
    return session_plan(run, error);
}

/* Seconds of one core until the first frame starts, and nanoseconds a byte written. */
static const double start_s = 0.15;
static const double written_ns = 2.0;
/* Of a pixel's cost, what its full size costs whatever is matched: loading, maps. */
static const double full_size_ns = 100;

struct cost {
    double pixel_ns;
    double disparity_ns;
};

/* Nanoseconds of one core a pixel, and a pixel and disparity: processor time of the
 * sessions of five rigs from 0.37 to 0.92 Mpx, on a 2.5 GHz x86-64 with AVX2. */
static struct cost cost_of(const struct po_settings *settings)
{
    static const struct cost sgm[] = {[PO_SGM_FAST] = {200, 1.0},
                                      [PO_SGM_BALANCED] = {270, 1.0},
                                      [PO_SGM_QUALITY] = {350, 3.4}};
    static const struct cost opencv = {270, 3.0};
    static const struct cost classic = {450, 3.0}; /* inpainting */
    if (settings->match.matcher == PO_MATCHER_SGM)
        return sgm[settings->match.level];
    return settings->refine.refine == PO_REFINE_CLASSIC ? classic : opencv;
}

uint64_t session_forecast_disk_bytes(const struct session_run *run)
{
    const struct probed_session session = session_probed(run);
    return disk_forecast(&session, &run->setups[0], &run->state);
}

uint64_t session_forecast_disk_left(const struct session_run *run)
{
    return disk_space_left(
        disk_space_place(run->effective.values.output.output, run->manifest->root));
}

double session_forecast_seconds(const struct session_run *run)
{
    const struct frame_setup *setup = session_setup(run, 0);
    struct cost cost = cost_of(&setup->settings);
    const struct probed_session session = session_probed(run);
    double sum_ns = written_ns * (double)session_forecast_disk_bytes(run);
    for (int i = 0; i < run->manifest->frame_count; i++) {
        int width_px;
        int height_px;
        if (run->state.frames[i].status != PO_FRAME_PENDING)
            continue;
        frame_planner_size(&session, i, &width_px, &height_px);
        double scale = setup->context.downscale;
        double pixels = (double)width_px * height_px;
        double disparities = frame_range(&setup->context, i).count / scale;
        double matched_ns =
            cost.pixel_ns - full_size_ns + disparities * cost.disparity_ns;
        sum_ns += pixels * (full_size_ns + matched_ns / (scale * scale));
    }
    int workers = run->memory.workers > 0 ? run->memory.workers : 1;
    return start_s + sum_ns * 1e-9 / workers;
}

uint64_t session_forecast_frame_bytes(const struct session_run *run, int frame)
{
    struct frame_planner planner;
    struct frame_plan plan;
    if ((run->probes.frames[frame].known & PROBE_HEADERS) == 0)
        return 0;
    const struct probed_session session = session_probed(run);
    frame_planner_init(&planner, &session, &run->setups[0]);
    if (frame_planner_plan(&planner, frame, &plan, NULL) != PO_OK)
        return 0;
    return plan.total_bytes;
}
