/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_pair.h"

#include <string.h>

#include "frame/frame_views.h"

enum po_status frame_pair_load(const struct frame_context *context,
                               const struct frame_job *job, struct scratch *scratch,
                               const struct cancel *cancel, struct frame_pair *pair,
                               struct po_error *error)
{
    struct frame_result result;
    memset(&result, 0, sizeof(result));
    struct frame frame = {
        .context = context,
        .job = job,
        .entry = &context->manifest->frames[job->frame],
        .scratch = scratch,
        .cancel = cancel,
        .result = &result,
    };
    enum po_status status = frame_views_take(&frame, error);
    if (status == PO_OK)
        status = frame_load_left(&frame, error);
    if (status == PO_OK)
        status = frame_rectify_left(&frame, error);
    if (status == PO_OK)
        status = frame_load_right(&frame, error);
    if (status == PO_OK)
        status = frame_rectify_right(&frame, error);
    if (status == PO_OK)
        frame_keep_pair(&frame);
    *pair = (struct frame_pair){frame.left_grey, frame.right_grey, frame.left_valid,
                                frame.right_valid, context->settings->match.cpu};
    return status;
}
