/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame's network: run on the whole views, before the match. What goes wrong in it
 * costs the frame its network, not the frame: it is matched by sgm and says so.
 */
#include "frame/frame_views.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "process/child_call.h"

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

/* A run in a child of its own: its maps in shared memory, its words in a small struct. */
struct run_apart {
    const struct frame *frame;
    struct network_maps maps;
};

struct run_apart_end {
    enum po_status status;
    struct network_findings findings;
    char message[256];
};

static void run_in_child(const void *request, void *result)
{
    struct run_apart apart = *(const struct run_apart *)request;
    struct run_apart_end *end = result;
    struct po_error error = {0};
    end->status = run_here(apart.frame, &apart.maps, &end->findings, &error);
    (void)snprintf(end->message, sizeof(end->message), "%.255s", error.message);
}

static enum po_status call_child(const struct frame *frame,
                                 const struct network_maps *maps,
                                 struct network_findings *findings,
                                 struct po_error *error)
{
    const struct run_apart apart = {frame, *maps};
    struct run_apart_end end;
    const struct child_call call = {
        .run = run_in_child,
        .request = &apart,
        .result = &end,
        .result_bytes = sizeof(end),
        .timeout_s = frame->context->network->apart_timeout_s,
    };
    struct po_error cause = {0};
    /* However the child ends, the frame goes on without its network. */
    if (child_call_run(&call, &cause) != PO_OK)
        return po_fail(error, PO_UNSUPPORTED, "alone in a process, it %.200s",
                       cause.message);
    *findings = end.findings;
    return end.status == PO_OK ? PO_OK : po_fail(error, end.status, "%s", end.message);
}

/* The maps of a run that may take its process with it. */
static enum po_status run_apart(const struct frame *frame, struct network_maps *maps,
                                struct network_findings *findings, struct po_error *error)
{
    size_t count = (size_t)maps->left.width_px * (size_t)maps->left.height_px;
    size_t bytes = count * sizeof(float) * (maps->right.values != NULL ? 2 : 1);
    float *values =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (values == MAP_FAILED)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to run a network apart");
    struct network_maps shared = *maps;
    shared.left.values = values;
    if (maps->right.values != NULL)
        shared.right.values = values + count;
    enum po_status status = call_child(frame, &shared, findings, error);
    if (status == PO_OK)
        memcpy(maps->left.values, values, count * sizeof(float));
    if (status == PO_OK && maps->right.values != NULL)
        memcpy(maps->right.values, values + count, count * sizeof(float));
    (void)munmap(values, bytes);
    return status;
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
