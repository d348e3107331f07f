/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame's depth prior: a map from a file or from a network that sees the left view,
 * made before the match, used at the end of refinement. Whatever is wrong with it costs
 * the frame its prior, not the frame.
 */
#include "frame/frame_views.h"

#include <math.h>
#include <stdlib.h>

#include "base/number.h"
#include "frame/network_apart.h"

/* Below this share of numbers a map is of no use, as one that says one thing only. */
static const double min_finite_share = 0.5;

static bool is_wanted(const struct frame *frame)
{
    const struct prior_use *use = frame->context->prior;
    return use != NULL && use->source != PRIOR_NONE && !frame->result->prior_failed;
}

void frame_prior_fail(struct frame *frame, const char *reason)
{
    frame->result->prior_failed = true;
    frame->prior.values = NULL;
    count_list_add(&frame->result->counts, "prior_failed", 1);
    warning_list_add(&frame->result->warnings, "done without a depth prior: %.250s",
                     reason);
}

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
    free(full);
    return status;
}

static enum po_status evaluate(const void *context, float *values,
                               struct network_findings *findings, struct po_error *error)
{
    const struct frame *frame = context;
    const struct network_use *use = &frame->context->prior->network;
    struct network_map map = frame->prior.map;
    const struct image_view *left = &frame->left;
    const struct network_task task = {
        .network = use->network,
        .model = &use->model,
        .views = {{left->width_px, left->height_px, left->channels, left->stride_bytes,
                   left->pixels, false}},
        .cancel = frame->cancel,
    };
    map.values = values;
    return network_evaluate(&task, frame->scratch, &map, findings, error);
}

static enum po_status run_network(const struct frame *frame, struct network_map *map,
                                  struct po_error *error)
{
    const struct network_use *use = &frame->context->prior->network;
    struct network_findings findings;
    const struct apart_evaluation apart = {
        .run = evaluate,
        .context = frame,
        .floats = map_floats(map),
        .parts = 1,
        .targets = {map->values},
        .timeout_s = use->apart_timeout_s,
    };
    if (use->network == NULL)
        return po_fail(error, PO_UNSUPPORTED, "its network cannot be loaded here");
    return frame->job->network_apart ? network_apart_run(&apart, &findings, error)
                                     : evaluate(frame, map->values, &findings, error);
}

enum po_status frame_prior_make(struct frame *frame, struct po_error *error)
{
    const struct frame_plan *plan = &frame->job->plan;
    struct network_map *map = &frame->prior.map;
    struct po_error cause = {0};
    if (!is_wanted(frame))
        return PO_OK;
    *map = (struct network_map){plan->match_width_px, plan->match_height_px, NULL};
    map->values = scratch_take_array(frame->scratch, map_floats(map), sizeof(float));
    if (map->values == NULL)
        return scratch_exhausted(frame->scratch, "a prior's map", error);
    enum po_status status = frame->context->prior->source == PRIOR_MAPS
                                ? read_map(frame, map, &cause)
                                : run_network(frame, map, &cause);
    if (status == PO_CANCELLED || status == PO_INTERNAL)
        return po_fail(error, status, "%s", cause.message);
    frame->prior.values = map->values;
    if (status != PO_OK)
        frame_prior_fail(frame, cause.message);
    return PO_OK;
}

struct depth_prior *frame_prior_of_strip(struct frame *frame)
{
    struct frame_prior *prior = &frame->prior;
    if (prior->values == NULL)
        return NULL;
    size_t row = (size_t)frame->job->plan.match_width_px;
    prior->of_strip =
        (struct depth_prior){.values = prior->values + (size_t)frame->strip.top * row};
    return &prior->of_strip;
}

/* The fit that a frame in strips answers for: a refused one, or the loosest. */
static bool is_worse(const struct prior_fit *fit, const struct prior_fit *than)
{
    if (fit->accepted != than->accepted)
        return !fit->accepted;
    return fit->inlier_share < than->inlier_share;
}

static void warn_of_refusal(struct frame *frame)
{
    const struct prior_fit *fit = &frame->prior.worst;
    if (fit->accepted)
        return;
    warning_list_add(&frame->result->warnings,
                     "the depth prior is not used: %s (%.0f %% of %d within 1.5 px, %.2f "
                     "px off)",
                     fit->refusal, 100.0 * fit->inlier_share, fit->samples,
                     fit->residual_px);
}

void frame_prior_note(struct frame *frame)
{
    struct frame_prior *prior = &frame->prior;
    if (prior->values == NULL)
        return;
    if (!prior->begun || is_worse(&prior->of_strip.fit, &prior->worst))
        prior->worst = prior->of_strip.fit;
    prior->begun = true;
    prior->filled += prior->of_strip.filled;
    if (!prior->of_strip.fit.accepted)
        count_list_add(&frame->result->counts, "prior_refused", 1);
    if (frame->strip.last)
        warn_of_refusal(frame);
}
