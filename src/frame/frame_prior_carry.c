/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A prior that is made for one frame in so many: the others take the map of the frame
 * before them that has one. It is recalled, or made anew from that frame's left image,
 * so that results do not depend on which frame comes first.
 */
#include "frame/frame_pipeline.h"
#include "frame/frame_views.h"

/* The other frame as this one is planned; PO_UNSUPPORTED where it is not alike. */
static enum po_status prepare_other(const struct frame *frame, struct frame_job *job,
                                    struct po_error *error)
{
    const struct frame_plan *own = &frame->job->plan;
    enum po_status status =
        frame_pipeline_prepare(frame->context, frame->entry->prior_frame, job, error);
    if (status != PO_OK)
        return status;
    bool is_alike = job->plan.match_width_px == own->match_width_px &&
                    job->plan.match_height_px == own->match_height_px &&
                    job->plan.channels == own->channels &&
                    job->plan.pair_bytes <= own->pair_bytes;
    return is_alike
               ? PO_OK
               : po_fail(error, PO_UNSUPPORTED,
                         "that of frame %s is of another size or kind of image",
                         frame->context->manifest->frames[frame->entry->prior_frame].id);
}

/* The other frame's left image takes the place of this one's, which is not loaded yet. */
static enum po_status evaluate_other(struct frame *frame, struct po_error *error)
{
    struct frame_job job;
    struct frame other = *frame;
    size_t mark = scratch_mark(frame->scratch);
    enum po_status status = prepare_other(frame, &job, error);
    if (status != PO_OK)
        return status;
    job.network_apart = frame->job->network_apart;
    other.job = &job;
    other.input_stats[0] = frame->input_stats[2];
    other.entry = &frame->context->manifest->frames[job.frame];
    status = frame_load_left(&other, error);
    if (status == PO_OK)
        status = frame_rectify_left(&other, error);
    scratch_rewind(frame->scratch, mark);
    return status == PO_OK ? frame_prior_evaluate(&other, error) : status;
}

enum po_status frame_prior_carry(struct frame *frame, struct po_error *error)
{
    struct po_error cause = {0};
    bool is_network =
        frame_prior_wanted(frame) && frame->context->prior->source == PRIOR_NETWORK;
    if (!is_network || frame->context->settings->network.prior_every < 2)
        return PO_OK;
    enum po_status status = frame_prior_take_map(frame, error);
    if (status != PO_OK)
        return status;
    if (frame_prior_recall(frame))
        return frame_prior_end(frame, PO_OK, &cause, error);
    if (frame->entry->prior_frame == frame->job->frame)
        return PO_OK; /* its own image is to come */
    status = evaluate_other(frame, &cause);
    if (status == PO_OK)
        frame_prior_keep(frame);
    return frame_prior_end(frame, status, &cause, error);
}
