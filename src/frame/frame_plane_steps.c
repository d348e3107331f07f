/* SPDX-License-Identifier: Apache-2.0 */
/* The flat target of --quality-check on its frame's way. */
#include <math.h>

#include "frame/frame_plane.h"
#include "frame/frame_views.h"

enum po_status frame_plane_take(struct frame *frame, struct po_error *error)
{
    const struct po_settings *settings = frame->context->settings;
    const struct frame_plan *plan = &frame->job->plan;
    if (!frame_plane_is_asked(settings))
        return PO_OK;
    frame->plane = scratch_take(frame->scratch, sizeof(*frame->plane));
    if (frame->plane == NULL)
        return scratch_exhausted(frame->scratch, "a flat target", error);
    struct pixel_region region =
        frame_plane_region(&settings->output, plan->width_px, plan->height_px);
    plane_totals_begin(frame->plane, &region);
    return PO_OK;
}

void frame_plane_add(struct frame *frame)
{
    const struct frame_strip *strip = &frame->strip;
    if (frame->plane == NULL)
        return;
    const struct score_views views = {&frame->full.map, &frame->full.classes, NULL};
    const struct score_rows rows = {strip->full_top, strip->full_first, strip->full_end};
    plane_totals_add(frame->plane, &views, &rows);
    if (!strip->last)
        return;
    struct plane_quality *plane = &frame->result->plane;
    *plane = plane_totals_end(frame->plane, &frame->job->rectification.rig,
                              frame->context->settings->output.true_distance_mm);
    if (isnan(plane->subpixel_rms_px))
        warning_list_add(&frame->result->warnings,
                         "no plane fits the region of --quality-check: %llu of its %llu "
                         "pixels are measured",
                         (unsigned long long)plane->measured,
                         (unsigned long long)plane->pixels);
}
