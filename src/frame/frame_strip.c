/* SPDX-License-Identifier: Apache-2.0 */
/* Strips of a frame: what is done once for all of them, and the rows each looks at. */
#include "frame/frame_views.h"

#include "base/number.h"

static void report_strips(struct frame *frame)
{
    const struct frame_plan *plan = &frame->job->plan;
    count_list_add(&frame->result->counts, "strips", (uint64_t)plan->strip_count);
    count_list_add(&frame->result->counts, "strip_rows", (uint64_t)plan->strip_rows);
    warning_list_add(&frame->result->warnings,
                     "processed in %d row strips of %d rows to stay inside the memory "
                     "limit: values near their borders may differ a little",
                     plan->strip_count, plan->strip_rows);
    if (frame->context->settings->refine.vertical_correction &&
        !plan->correction.vertical_correction)
        warning_list_add(&frame->result->warnings,
                         "the memory limit leaves no room to correct the rows of the "
                         "right image: they are taken as they are");
}

/* A single strip corrects its rows within its match, and not at all when that is
 * recalled; many must share one correction. */
enum po_status frame_correct_rows(struct frame *frame, struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    if (plan->strip_count == 1)
        return PO_OK;
    report_strips(frame);
    struct match_stage_input input = {
        .left = frame->left_grey,
        .right = frame->right_grey,
        .guide = frame->left,
        .range = plan->range,
        .settings = frame->context->settings,
        .cancel = frame->cancel,
    };
    struct vertical_disparity offset;
    enum po_status status =
        match_stage_correct(&plan->correction, &input, frame->scratch, &offset, error);
    if (status == PO_OK)
        match_stage_count(&plan->correction, &offset, &frame->result->counts);
    return status;
}

enum po_status frame_writers_take(struct frame *frame, struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    struct frame_preview *preview = &frame->preview;
    preview->step = frame_preview_step(plan->width_px);
    preview->span = (struct value_span){INT16_MAX, INT16_MIN};
    int width = (plan->width_px + preview->step - 1) / preview->step;
    int height = (plan->height_px + preview->step - 1) / preview->step;
    enum po_status status =
        disparity_map_take(frame->scratch, width, height, &preview->map, error);
    if (status == PO_OK)
        status =
            image_view_take(frame->scratch, width, height, 1, &preview->classes, error);
    if (status != PO_OK)
        return status;
    frame->record = scratch_take(frame->scratch, sizeof(*frame->record));
    frame->totals = scratch_take(frame->scratch, sizeof(*frame->totals));
    frame->writers = scratch_take_zeroed(frame->scratch, sizeof(*frame->writers));
    if (frame->record == NULL || frame->totals == NULL || frame->writers == NULL)
        return scratch_exhausted(frame->scratch, "a frame's writers", error);
    cloud_totals_init(frame->totals);
    status = frame_plane_take(frame, error);
    if (status != PO_OK)
        return status;
    if ((frame->context->settings->output.artefacts & PO_OUT_VIEW) == 0)
        return PO_OK;
    frame->view = scratch_take(frame->scratch, sizeof(*frame->view));
    if (frame->view == NULL)
        return scratch_exhausted(frame->scratch, "a frame's view", error);
    const struct view_size size =
        frame_view_size(plan->width_px, plan->height_px, plan->strip_count > 1);
    return frame_view_take(frame->scratch, &size, frame->view, error);
}

void frame_writers_release(struct frame *frame)
{
    score_totals_release(&frame->scores);
    if (frame->file != NULL)
        atomic_file_discard(frame->file);
    for (int i = 0; i < ARTEFACT_COUNT && frame->writers != NULL; i++) {
        struct artefact_writer *writer = &frame->writers->artefacts[i];
        png_writer_release(&writer->png);
        if (writer->open)
            atomic_file_discard(&writer->file);
    }
}

void frame_strip_make(struct frame *frame, int index)
{
    const struct frame_plan *plan = &frame->job->plan;
    struct frame_strip *strip = &frame->strip;
    int context = plan->strip_count > 1 ? STRIP_CONTEXT_ROWS : 0;
    int own = index * plan->strip_rows;
    int own_end = minimum(own + plan->strip_rows, plan->match_height_px);
    int top = own > context ? own - context : 0;
    int held = minimum(own_end + context, plan->match_height_px) - top;
    int full_bottom = minimum((top + held) * plan->downscale, plan->height_px);
    *strip = (struct frame_strip){
        .index = index,
        .last = index == plan->strip_count - 1,
        .top = top,
        .first = own - top,
        .end = own_end - top,
        .full_top = top * plan->downscale,
        .full_first = (own - top) * plan->downscale,
        .left = image_rows_view(&frame->left, top, held),
        .left_grey = image_rows_view(&frame->left_grey, top, held),
        .right_grey = image_rows_view(&frame->right_grey, top, held),
        .left_valid = image_rows_view(&frame->left_valid, top, held),
        .right_valid = image_rows_view(&frame->right_valid, top, held),
    };
    strip->full_height = full_bottom - strip->full_top;
    strip->full_end =
        minimum(own_end * plan->downscale, plan->height_px) - strip->full_top;
}
