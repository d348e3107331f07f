/* SPDX-License-Identifier: Apache-2.0 */
#include "budget/disk_forecast.h"

#include "cloud/cloud_file.h"
#include "cloud/mesh_formats.h"
#include "frame/frame_view.h"

enum {
    REPORT_BYTES = 1 << 16,
    RECORD_BYTES = 8192, /* frame.json, and a frame's part of the reports */
    MATCH_PIXEL_BYTES = 8,
    PREVIEW_WIDTH_PX = 800,
    PREVIEW_PIXEL_BYTES = 2,       /* deflated colours, as they mostly turn out */
    REPORT_VIEWS_BYTES = 40 << 20, /* at most, in report.html */
    VIEW_POINT_BYTES = 11,
    VIEW_PIXEL_BYTES = 1, /* of all four pictures, as JPEG */
};

/* Bytes a pixel: a float; deflated images as they mostly turn out at most. */
static const struct {
    enum po_artefact artefact;
    uint64_t bytes;
} map_costs[] = {
    {PO_OUT_DISPARITY, 4}, {PO_OUT_DEPTH, 2}, {PO_OUT_CONFIDENCE, 1}, {PO_OUT_CLASS, 1}};
/* prior.pfm, and a little for its preview. */
enum { PRIOR_PIXEL_BYTES = 5 };

/* Points and four pictures, as base64. */
static uint64_t view_bytes(uint64_t pixels, int width_px)
{
    if (width_px <= 0)
        return 0;
    uint64_t step = (uint64_t)frame_view_size(width_px, 1, false).step;
    uint64_t points = pixels < VIEW_MAX_POINTS ? pixels : VIEW_MAX_POINTS;
    uint64_t bytes = points * VIEW_POINT_BYTES;
    bytes += pixels / (step * step) * VIEW_PIXEL_BYTES;
    return bytes / 3 * 4;
}

static uint64_t maps_bytes(unsigned artefacts, enum rig_unit unit, int width_px,
                           int height_px)
{
    uint64_t pixels = (uint64_t)width_px * (uint64_t)height_px;
    uint64_t step = ((uint64_t)width_px + PREVIEW_WIDTH_PX - 1) / PREVIEW_WIDTH_PX;
    uint64_t bytes = 0;
    for (size_t i = 0; i < sizeof(map_costs) / sizeof(map_costs[0]); i++)
        if ((artefacts & (unsigned)map_costs[i].artefact) != 0 &&
            (map_costs[i].artefact != PO_OUT_DEPTH || unit == RIG_MM))
            bytes += pixels * map_costs[i].bytes;
    if ((artefacts & PO_OUT_PREVIEW) != 0 && step > 0)
        bytes += pixels / (step * step) * PREVIEW_PIXEL_BYTES;
    if ((artefacts & PO_OUT_VIEW) != 0)
        bytes += view_bytes(pixels, width_px);
    return bytes;
}

/* As if every pixel became a point. */
static uint64_t frame_bytes(const struct probed_session *session,
                            const struct frame_setup *setup, int frame)
{
    const struct po_settings *settings = &setup->settings;
    int calibration = session->manifest->frames[frame].calibration;
    int downscale = setup->context.downscale;
    uint64_t scale = downscale > 1 ? (uint64_t)downscale : 1;
    int width_px;
    int height_px;
    frame_planner_size(session, frame, &width_px, &height_px);
    uint64_t points = (uint64_t)width_px * (uint64_t)height_px / (scale * scale);
    enum rig_unit unit =
        calibration >= 0 ? session->manifest->calibrations[calibration].unit : RIG_NONE;
    uint64_t bytes =
        RECORD_BYTES + maps_bytes(settings->output.artefacts, unit, width_px, height_px);
    if (settings->network.prior != NULL &&
        (settings->output.artefacts & PO_OUT_PRIOR) != 0)
        bytes += (uint64_t)width_px * (uint64_t)height_px * PRIOR_PIXEL_BYTES;
    uint64_t match = points * MATCH_PIXEL_BYTES;
    if (unit != RIG_NONE && (settings->output.artefacts & PO_OUT_CLOUD) != 0)
        bytes += cloud_likely_bytes(&settings->cloud, points);
    if (unit != RIG_NONE && settings->cloud.surface_reconstruction)
        bytes += mesh_likely_bytes(&settings->cloud, points);
    return bytes +
           (match < settings->run.cache_bytes ? match : settings->run.cache_bytes);
}

uint64_t disk_forecast(const struct probed_session *session,
                       const struct frame_setup *setup, const struct run_state *state)
{
    uint64_t bytes = REPORT_BYTES;
    uint64_t views = 0; /* those that the report holds, too */
    for (int i = 0; i < state->frame_count; i++) {
        int width_px;
        int height_px;
        if (state->frames[i].status != PO_FRAME_PENDING)
            continue;
        bytes += frame_bytes(session, setup, i);
        frame_planner_size(session, i, &width_px, &height_px);
        if ((setup->settings.output.artefacts & PO_OUT_VIEW) != 0)
            views += view_bytes((uint64_t)width_px * (uint64_t)height_px, width_px);
    }
    return bytes + (views < REPORT_VIEWS_BYTES ? views : REPORT_VIEWS_BYTES);
}
