/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_pipeline.h"

#include <string.h>

#include "frame/frame_plane.h"

static enum po_status probe_pair(const struct frame_entry *entry, struct frame_job *job,
                                 struct po_error *error)
{
    enum po_status status = image_file_probe(entry->left_path, &job->left, error);
    if (status == PO_OK)
        status = image_file_probe(entry->right_path, &job->right, error);
    if (status != PO_OK)
        return status;
    if (job->left.width_px != job->right.width_px ||
        job->left.height_px != job->right.height_px)
        return po_fail(error, PO_BAD_IMAGE,
                       "%s is %dx%d but %s is %dx%d: both images of a pair need one size",
                       entry->left_path, job->left.width_px, job->left.height_px,
                       entry->right_path, job->right.width_px, job->right.height_px);
    return PO_OK;
}

static struct rectification uncalibrated(int width_px, int height_px)
{
    struct rectification none;
    memset(&none, 0, sizeof(none));
    none.identity = true;
    none.rig.width_px = width_px;
    none.rig.height_px = height_px;
    none.rig.unit = RIG_NONE;
    return none;
}

static enum po_status rectification_of(const struct frame_context *context, int index,
                                       int width_px, int height_px,
                                       struct rectification *rectification,
                                       struct po_error *error)
{
    const struct calibration *calibration = &context->manifest->calibrations[index];
    const struct frame_rectifiers *made = context->rectifiers;
    if (made->rectifiers[index] != NULL && made->sizes[index].width_px == width_px &&
        made->sizes[index].height_px == height_px) {
        *rectification = made->rectifications[index];
        return PO_OK;
    }
    enum po_status status = rectification_memo_make(NULL, calibration, width_px,
                                                    height_px, rectification, error);
    if (status != PO_OK || rectification->identity)
        return status;
    const struct rectified_rig *shared = &made->rectifications[index].rig;
    if (made->rectifiers[index] == NULL ||
        shared->width_px != rectification->rig.width_px ||
        shared->height_px != rectification->rig.height_px)
        return po_fail(
            error, PO_BAD_IMAGE,
            "the image is %dx%d, other frames of the calibration %s are %dx%d: "
            "process them as a session of their own",
            width_px, height_px, calibration->path, shared->width_px, shared->height_px);
    return PO_OK;
}

struct disparity_range frame_range(const struct frame_context *context, int frame)
{
    if (context->frame_ranges != NULL)
        return context->frame_ranges[frame];
    return context->ranges[context->manifest->frames[frame].calibration + 1];
}

void frame_set_vertical_field(const struct vertical_field *vertical_fields,
                              int calibration, struct rectification *rectification)
{
    if (vertical_fields == NULL)
        return;
    const struct vertical_field *field = &vertical_fields[calibration + 1];
    rectification->vertical_field_px[0] = field->a_px;
    rectification->vertical_field_px[1] = field->b_px;
    rectification->vertical_field_px[2] = field->c_px;
    rectification->has_vertical_field =
        field->a_px != 0.0 || field->b_px != 0.0 || field->c_px != 0.0;
}

enum po_status frame_pipeline_prepare(const struct frame_context *context, int frame,
                                      struct frame_job *job, struct po_error *error)
{
    const struct frame_entry *entry = &context->manifest->frames[frame];
    memset(job, 0, sizeof(*job));
    job->frame = frame;
    if (entry->problem != NULL)
        return po_fail(error, entry->problem_cause, "%s", entry->problem);
    enum po_status status = probe_pair(entry, job, error);
    if (status != PO_OK)
        return status;
    int width_px = entry->side_by_side ? job->left.width_px / 2 : job->left.width_px;
    int height_px = job->left.height_px;
    if (entry->calibration < 0)
        job->rectification = uncalibrated(width_px, height_px);
    else
        status = rectification_of(context, entry->calibration, width_px, height_px,
                                  &job->rectification, error);
    if (status != PO_OK)
        return status;
    frame_set_vertical_field(context->vertical_fields, entry->calibration,
                             &job->rectification);
    struct po_error cause = {0};
    const struct frame_plan_request request = {
        .settings = context->settings,
        .left = &job->left,
        .right = &job->right,
        .rectification = &job->rectification,
        .range = frame_range(context, frame),
        .downscale = context->downscale,
        .budget_bytes = context->frame_budget_bytes,
        .network = context->network,
        .prior = context->prior,
    };
    status = frame_plan_make(&request, &job->plan, &cause);
    if (status == PO_OK)
        status = frame_plane_check(context->settings, job->plan.width_px,
                                   job->plan.height_px, &cause);
    if (status != PO_OK)
        return po_fail(error, status, "%s: %s", entry->left_path, cause.message);
    return PO_OK;
}
