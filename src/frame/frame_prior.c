/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame's depth prior: a map from a file or from a network that sees the left view,
 * made before the match, used at the end of refinement. Whatever is wrong with it costs
 * the frame its prior, not the frame.
 */
#include "frame/frame_views.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/number.h"
#include "frame/network_apart.h"

/* Below this share of numbers a map is of no use, as one that says one thing only. */
static const double min_finite_share = 0.5;

static size_t map_floats(const struct network_map *map)
{
    return (size_t)map->width_px * (size_t)map->height_px;
}

/* Of a map at full size, the value at the middle of what a pixel stands for. */
static void take_values(const float *full, int full_width, int full_height, int downscale,
                        struct network_map *map)
{
    for (int y = 0; y < map->height_px; y++)
        for (int x = 0; x < map->width_px; x++) {
            int at_y = minimum(y * downscale + downscale / 2, full_height - 1);
            int at_x = minimum(x * downscale + downscale / 2, full_width - 1);
            map->values[(size_t)y * (size_t)map->width_px + (size_t)x] =
                full[(size_t)at_y * (size_t)full_width + (size_t)at_x];
        }
}

static enum po_status check_values(const struct network_map *map, const char *path,
                                   struct po_error *error)
{
    size_t count = map_floats(map), finite = 0;
    float low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(map->values[i]))
            continue;
        finite++;
        low = fminf(low, map->values[i]);
        high = fmaxf(high, map->values[i]);
    }
    if ((double)finite < min_finite_share * (double)count)
        return po_fail(error, PO_BAD_FORMAT,
                       "%.200s: no number for %.1f %% of the pixels", path,
                       100.0 * (double)(count - finite) / (double)count);
    if (!(high > low))
        return po_fail(error, PO_BAD_FORMAT, "%.200s: %g for every pixel", path,
                       (double)low);
    return PO_OK;
}

static enum po_status read_map(const struct frame *frame, struct network_map *map,
                               struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    const char *path = frame->entry->prior_path;
    int width = 0, height = 0;
    float *full = NULL;
    if (path == NULL)
        return po_fail(error, PO_NOT_FOUND, "there is no map for it");
    struct image_header header;
    enum po_status status = image_file_probe(path, &header, error);
    if (status == PO_OK &&
        (header.width_px != plan->width_px || header.height_px != plan->height_px))
        return po_fail(error, PO_BAD_FORMAT,
                       "%.200s has %dx%d pixels, the rectified left image %dx%d", path,
                       header.width_px, header.height_px, plan->width_px,
                       plan->height_px);
    if (status == PO_OK)
        status = image_file_read_float(path, 1.0, &width, &height, &full, error);
    if (status == PO_OK && (width != plan->width_px || height != plan->height_px))
        status = po_fail(error, PO_BAD_FORMAT, "%.200s changed while it was read", path);
    if (status == PO_OK) {
        take_values(full, width, height, plan->downscale, map);
        status = check_values(map, path, error);
    }
    if (status == PO_OK && frame->input_stats[2].inode != 0)
        status = input_file_unchanged(path, &frame->input_stats[2], error);
    free(full);
    return status;
}

static enum po_status evaluate_in(const struct frame *frame, struct scratch *scratch,
                                  float *values, struct po_error *error)
{
    const struct network_use *use = &frame->context->prior->network;
    const struct image_view *left = &frame->left;
    struct network_map map = frame->prior.map;
    struct network_findings findings;
    const struct network_task task = {
        .network = use->network,
        .model = &use->model,
        .views = {{left->width_px, left->height_px, left->channels, left->stride_bytes,
                   left->pixels, false}},
        .cancel = frame->cancel,
    };
    map.values = values;
    return network_evaluate(&task, scratch, &map, &findings, error);
}

static enum po_status evaluate_apart(const void *context, float *values,
                                     struct network_findings *findings,
                                     struct po_error *error)
{
    const struct frame *frame = context;
    *findings = (struct network_findings){0};
    return evaluate_in(frame, frame->scratch, values, error);
}

enum po_status frame_prior_evaluate(const struct frame *frame, struct po_error *error)
{
    const struct network_use *use = &frame->context->prior->network;
    const struct network_map *map = &frame->prior.map;
    struct network_findings findings;
    const struct apart_evaluation apart = {
        .run = evaluate_apart,
        .context = frame,
        .floats = map_floats(map),
        .parts = 1,
        .targets = {map->values},
        .timeout_s = use->apart_timeout_s,
    };
    if (use->network == NULL)
        return po_fail(error, PO_UNSUPPORTED, "its network cannot be loaded here");
    return frame->job->network_apart
               ? network_apart_run(&apart, &findings, error)
               : evaluate_in(frame, frame->scratch, map->values, error);
}

enum po_status frame_prior_take_map(struct frame *frame, struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    struct network_map *map = &frame->prior.map;
    if (map->values != NULL)
        return PO_OK;
    *map = (struct network_map){plan->match_width_px, plan->match_height_px, NULL};
    map->values = scratch_take_array(frame->scratch, map_floats(map), sizeof(float));
    return map->values != NULL
               ? PO_OK
               : scratch_exhausted(frame->scratch, "a prior's map", error);
}

enum po_status frame_prior_end(struct frame *frame, enum po_status status,
                               const struct po_error *cause, struct po_error *error)
{
    if (status == PO_CANCELLED || status == PO_INTERNAL)
        return po_fail(error, status, "%s", cause->message);
    if (status != PO_OK)
        frame_prior_fail(frame, cause->message);
    else
        frame->prior.values = frame->prior.map.values;
    return PO_OK;
}

/* On a thread of its own; the frame is only read there. */
static void run_beside(void *context)
{
    struct frame *frame = context;
    struct prior_beside *beside = &frame->prior.beside;
    int64_t start_ns = clock_monotonic_ns();
    beside->status =
        evaluate_in(frame, &beside->scratch, frame->prior.map.values, &beside->cause);
    beside->taken_us = (uint32_t)((clock_monotonic_ns() - start_ns) / 1000);
}

/* Its own piece of the arena, so that the match and the network take from two. */
static bool start_beside(struct frame *frame)
{
    struct prior_beside *beside = &frame->prior.beside;
    size_t bytes = frame->job->plan.prior_work_bytes;
    bool asked = frame->context->prior_beside && !frame->job->network_apart &&
                 frame->context->prior->network.network != NULL;
    size_t mark = scratch_mark(frame->scratch);
    unsigned char *base = asked ? scratch_take(frame->scratch, bytes) : NULL;
    if (base == NULL)
        return false;
    *beside = (struct prior_beside){.scratch = {.base = base, .capacity = bytes}};
    if (thread_start(run_beside, frame, &beside->thread, &beside->cause) == PO_OK)
        return true;
    scratch_rewind(frame->scratch, mark);
    return false;
}

enum po_status frame_prior_make(struct frame *frame, struct po_error *error)
{
    struct po_error cause = {0};
    if (!frame_prior_wanted(frame) || frame->prior.values != NULL)
        return PO_OK;
    enum po_status status = frame_prior_take_map(frame, error);
    if (status != PO_OK)
        return status;
    bool is_map = frame->context->prior->source == PRIOR_MAPS;
    if (!is_map && start_beside(frame))
        return PO_OK;
    status = is_map ? read_map(frame, &frame->prior.map, &cause)
                    : frame_prior_evaluate(frame, &cause);
    if (status == PO_OK && !is_map)
        frame_prior_keep(frame);
    return frame_prior_end(frame, status, &cause, error);
}

enum po_status frame_prior_wait(struct frame *frame, struct po_error *error)
{
    struct prior_beside *beside = &frame->prior.beside;
    if (beside->thread == NULL)
        return PO_OK;
    frame_prior_release(frame);
    frame->result->stage_us[STAGE_NETWORK] += beside->taken_us;
    if (beside->status == PO_OK)
        frame_prior_keep(frame);
    return frame_prior_end(frame, beside->status, &beside->cause, error);
}
