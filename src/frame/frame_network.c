/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame's network: run on the whole views, before the match. What goes wrong in it
 * costs the frame its network, not the frame: it is matched by sgm and says so.
 */
#include "frame/frame_views.h"

#include "frame/network_apart.h"

bool frame_network_wanted(const struct frame *frame)
{
    const struct network_use *use = frame->context->network;
    return use != NULL && use->wanted && !frame->network_failed;
}

static void note_failure(struct frame *frame, const char *reason)
{
    frame->network_failed = true;
    frame->result->network_failed = true;
    count_list_add(&frame->result->counts, "network_failed", 1);
    warning_list_add(&frame->result->warnings,
                     "matched without the network, by sgm: %.200s", reason);
}

static enum po_status run_here(const struct frame *frame, struct network_maps *maps,
                               struct network_findings *findings, struct po_error *error)
{
    const struct network_pair pair = {
        .left = &frame->left,
        .right = frame->job->plan.right_channels > 1 ? &frame->right : &frame->right_grey,
        .cancel = frame->cancel,
    };
    return network_maps_evaluate(frame->context->network, &pair, frame->scratch, maps,
                                 findings, error);
}

static size_t map_floats(const struct network_map *map)
{
    return (size_t)map->width_px * (size_t)map->height_px;
}

/* In a child: both maps in one block. */
static enum po_status run_into(const void *context, float *values,
                               struct network_findings *findings, struct po_error *error)
{
    const struct frame *frame = context;
    struct network_maps maps = frame->network_maps;
    maps.left.values = values;
    if (maps.right.values != NULL)
        maps.right.values = values + map_floats(&maps.left);
    return run_here(frame, &maps, findings, error);
}

/* The maps of a run that may take its process with it. */
static enum po_status run_apart(const struct frame *frame, struct network_maps *maps,
                                struct network_findings *findings, struct po_error *error)
{
    const struct apart_evaluation evaluation = {
        .run = run_into,
        .context = frame,
        .floats = map_floats(&maps->left),
        .parts = maps->right.values != NULL ? 2 : 1,
        .targets = {maps->left.values, maps->right.values},
        .timeout_s = frame->context->network->apart_timeout_s,
    };
    return network_apart_run(&evaluation, findings, error);
}

static enum po_status evaluate(struct frame *frame, struct po_error *error)
{
    const struct network_use *use = frame->context->network;
    const struct frame_plan *plan = &frame->job->plan;
    struct network_maps *maps = &frame->network_maps;
    struct network_findings findings;
    enum po_status status = network_maps_take(use, frame->scratch, plan->match_width_px,
                                              plan->match_height_px, maps, error);
    if (status == PO_OK)
        status = frame->job->network_apart ? run_apart(frame, maps, &findings, error)
                                           : run_here(frame, maps, &findings, error);
    if (status == PO_OK && findings.sign_turned)
        warning_list_add(&frame->result->warnings,
                         "the network's disparities are negative: their sign is turned; "
                         "say so with \"output_scale\": -1");
    return status;
}

enum po_status frame_network_run(struct frame *frame, struct po_error *error)
{
    struct po_error cause = {0};
    if (!frame_network_wanted(frame))
        return PO_OK;
    if (frame->context->network->network == NULL) {
        note_failure(frame, "it cannot be loaded in this process");
        return PO_OK;
    }
    enum po_status status = evaluate(frame, &cause);
    if (status == PO_CANCELLED || status == PO_INTERNAL)
        return po_fail(error, status, "%s", cause.message);
    if (status != PO_OK)
        note_failure(frame, cause.message);
    return PO_OK;
}

enum po_status frame_network_of_strips(struct frame *frame, struct po_error *error)
{
    return frame->job->plan.strip_count > 1 ? frame_network_run(frame, error) : PO_OK;
}
