/* SPDX-License-Identifier: Apache-2.0 */
#include "check/session_range.h"

#include <math.h>

#include "frame/frame_pair.h"

/* What a rig sees has d + doffs > 0; without a calibration nothing is known. */
static double floor_of(const struct frame_job *job)
{
    const struct rectified_rig *rig = &job->rectification.rig;
    return rig->unit == RIG_NONE ? -INFINITY : -rig->doffs_px / job->plan.downscale;
}

static enum po_status estimate_job(const struct frame_context *context,
                                   const struct frame_job *job,
                                   const struct cancel *cancel, struct scratch *scratch,
                                   struct range_estimate *estimate,
                                   struct po_error *error)
{
    struct frame_pair pair;
    enum po_status status = frame_pair_load(context, job, scratch, cancel, &pair, error);
    if (status != PO_OK)
        return status;
    struct range_estimate_request request = {
        .left = pair.left,
        .right = pair.right,
        .left_seen = pair.left_seen,
        .right_seen = pair.right_seen,
        .floor_px = floor_of(job),
        .cancel = cancel,
    };
    status = range_estimate(&request, scratch, estimate, error);
    estimate->low_px *= job->plan.downscale;
    estimate->high_px *= job->plan.downscale;
    return status;
}

enum po_status session_range_of_frame(const struct frame_context *context, int frame,
                                      const struct cancel *cancel,
                                      struct range_estimate *estimate,
                                      struct po_error *error)
{
    struct frame_job job;
    struct scratch scratch = {0};
    enum po_status status = frame_pipeline_prepare(context, frame, &job, error);
    if (status != PO_OK)
        return status;
    size_t bytes =
        range_estimate_bytes(job.plan.match_width_px, job.plan.match_height_px);
    status = scratch_init(&scratch, scratch_sum(job.plan.scratch_bytes, bytes), error);
    if (status == PO_OK)
        status = estimate_job(context, &job, cancel, &scratch, estimate, error);
    scratch_release(&scratch);
    return status;
}

/* The k-th of `wanted` frames spread over those of the calibration; -1 when there is
 * none. */
static int pick(const struct manifest *manifest, int calibration, int total, int k,
                int wanted)
{
    int rank = (int)((int64_t)k * total / wanted);
    for (int i = 0; i < manifest->frame_count; i++)
        if (manifest->frames[i].calibration == calibration && rank-- == 0)
            return i;
    return -1;
}

enum po_status session_range_find(const struct frame_context *context, int calibration,
                                  const struct cancel *cancel,
                                  struct session_range *range, struct po_error *error)
{
    const struct manifest *manifest = context->manifest;
    int total = 0;
    for (int i = 0; i < manifest->frame_count; i++)
        total += manifest->frames[i].calibration == calibration;
    int wanted = total < SESSION_RANGE_FRAMES ? total : SESSION_RANGE_FRAMES;
    struct range_estimate joined = {0};
    struct po_error cause = {PO_NO_RANGE, "no frame to estimate the disparity range on"};
    *range = (struct session_range){0};
    for (int k = 0; k < wanted; k++) {
        struct range_estimate one;
        int frame = pick(manifest, calibration, total, k, wanted);
        range->frames_tried++;
        enum po_status status =
            session_range_of_frame(context, frame, cancel, &one, &cause);
        if (status == PO_CANCELLED)
            return po_fail(error, status, "%s", cause.message);
        if (status != PO_OK)
            continue;
        if (range->frames_used == 0 || one.low_px < joined.low_px)
            joined.low_px = one.low_px;
        if (range->frames_used == 0 || one.high_px > joined.high_px)
            joined.high_px = one.high_px;
        range->frames_used++;
    }
    if (range->frames_used == 0)
        return po_fail(error, cause.status, "%s", cause.message);
    return range_estimate_to_range(&joined, &range->range, error);
}
