/* SPDX-License-Identifier: Apache-2.0 */
#include "store/disk_space.h"

#include <sys/statvfs.h>

#include "base/log.h"
#include "budget/frame_planner.h"
#include "cloud/cloud.h"

enum {
    REPORT_BYTES = 1 << 16,
    RECORD_BYTES = 8192, /* frame.json, and a frame's part of the reports */
    MATCH_PIXEL_BYTES = 8,
    PREVIEW_WIDTH_PX = 800,
    PREVIEW_PIXEL_BYTES = 2, /* deflated colours, as they mostly turn out */
};

/* Bytes a pixel: a float; deflated images as they mostly turn out at most. */
static const struct {
    enum po_artefact artefact;
    uint64_t bytes;
} map_costs[] = {
    {PO_OUT_DISPARITY, 4}, {PO_OUT_DEPTH, 2}, {PO_OUT_CONFIDENCE, 1}, {PO_OUT_CLASS, 1}};

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
    return bytes;
}

/* As if every pixel became a point. */
static uint64_t frame_bytes(const struct session_run *run, int frame)
{
    const struct po_settings *settings = &run->effective.values;
    int calibration = run->manifest->frames[frame].calibration;
    int downscale = session_setup(run, 0)->context.downscale;
    uint64_t scale = downscale > 1 ? (uint64_t)downscale : 1;
    int width_px;
    int height_px;
    frame_planner_size(run, frame, &width_px, &height_px);
    uint64_t points = (uint64_t)width_px * (uint64_t)height_px / (scale * scale);
    enum rig_unit unit =
        calibration >= 0 ? run->manifest->calibrations[calibration].unit : RIG_NONE;
    uint64_t bytes =
        RECORD_BYTES + maps_bytes(settings->output.artefacts, unit, width_px, height_px);
    uint64_t match = points * MATCH_PIXEL_BYTES;
    if (unit != RIG_NONE && (settings->output.artefacts & PO_OUT_CLOUD) != 0)
        bytes += cloud_likely_bytes(&settings->cloud, points);
    if (unit != RIG_NONE && settings->cloud.surface_reconstruction)
        bytes += mesh_likely_bytes(&settings->cloud, points);
    return bytes +
           (match < settings->run.cache_bytes ? match : settings->run.cache_bytes);
}

uint64_t disk_space_forecast(const struct session_run *run)
{
    uint64_t bytes = REPORT_BYTES;
    for (int i = 0; i < run->manifest->frame_count; i++)
        if (run->state.frames[i].status == PO_FRAME_PENDING)
            bytes += frame_bytes(run, i);
    return bytes;
}

uint64_t disk_space_left(const char *directory)
{
    struct statvfs space;
    if (statvfs(directory, &space) != 0)
        return UINT64_MAX;
    return (uint64_t)space.f_bavail * space.f_frsize;
}

const char *disk_space_place(const struct session_run *run)
{
    const char *output = run->effective.values.output.output;
    struct statvfs space;
    return output != NULL && statvfs(output, &space) == 0 ? output : run->manifest->root;
}

void disk_space_check(struct session_run *run)
{
    uint64_t wanted = disk_space_forecast(run);
    uint64_t left = disk_space_left(run->paths.output);
    if (wanted <= left)
        return;
    warning_list_add(&run->warnings,
                     "%s: about %llu MB will be written, %llu MB are free; free space, "
                     "choose --output elsewhere or fewer --outputs",
                     run->paths.output, (unsigned long long)(wanted >> 20),
                     (unsigned long long)(left >> 20));
    log_warning("%s", run->warnings.texts[run->warnings.length - 1]);
}
