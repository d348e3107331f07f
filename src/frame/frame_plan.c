/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_plan.h"

#include "base/atomic_file.h"
#include "base/checked.h"
#include "base/number.h"
#include "cloud/cloud_plan.h"
#include "cloud/cloud_totals.h"
#include "frame/frame_plane.h"
#include "frame/frame_view.h"
#include "frame/frame_writers.h"
#include "match/network_match.h"
#include "record/frame_record.h"
#include "refine/refine.h"

/* libpng, deflate and stdio hold about this much while a frame is written. */
enum { WRITER_LIBRARY_BYTES = 1 << 20, TRUTH_BYTES_PER_PX = 12 };

static int scaled(int length_px, int downscale)
{
    return (length_px + downscale - 1) / downscale;
}

/* The range in pixels of the downscaled image, still a multiple of 16 and as wide. */
static struct disparity_range scaled_range(struct disparity_range range, int downscale)
{
    int last = range.min_px + range.count - 1;
    int min = range.min_px >= 0 ? range.min_px / downscale
                                : -((-range.min_px + downscale - 1) / downscale);
    int max = last >= 0 ? (last + downscale - 1) / downscale : -(-last / downscale);
    return (struct disparity_range){min, (max - min + 1 + 15) / 16 * 16};
}

/* The views that live as long as the frame: see frame_views_take. */
static size_t view_bytes(const struct frame_plan *plan)
{
    int width = plan->match_width_px;
    int height = plan->match_height_px;
    size_t grey = image_view_bytes(width, height, 1);
    size_t bytes = scratch_size(sizeof(struct atomic_file));
    bytes = scratch_sum(bytes, image_view_bytes(width, height, plan->channels));
    if (plan->channels != 1)
        bytes = scratch_sum(bytes, grey); /* left grey */
    bytes = scratch_sum(bytes, grey);     /* right grey */
    if (plan->right_channels != 1)
        bytes = scratch_sum(bytes, image_view_bytes(width, height, plan->right_channels));
    if (plan->masks)
        bytes = scratch_sum(bytes, scratch_sum(grey, grey));
    return bytes;
}

/* What loading and rectifying one side takes and gives back: see frame_load.c. */
static size_t load_bytes(const struct frame_plan *plan, const struct image_header *header,
                         const struct rectification *rectification, int channels)
{
    size_t bytes = image_file_scratch_bytes(header);
    int width = plan->width_px;
    int height = plan->height_px;
    /* Grey goes straight to the view where nothing stands in between. */
    bool straight = rectification->identity && plan->downscale == 1;
    if (header->channels != channels && !straight)
        bytes = scratch_sum(
            bytes, image_view_bytes(header->width_px, header->height_px, channels));
    if (plan->downscale > 1 && !rectification->identity)
        bytes = scratch_sum(bytes, image_view_bytes(width, height, channels));
    if (plan->downscale == 4)
        bytes = scratch_sum(
            bytes, image_view_bytes(scaled(width, 2), scaled(height, 2), channels));
    if (plan->masks && plan->downscale > 1)
        bytes = size_maximum(bytes, image_view_bytes(width, height, 1));
    return bytes;
}

/* The view that is warped, or that the mask is warped from. */
static size_t row_warp_bytes(const struct frame_plan *plan,
                             const struct rectification *rectification)
{
    if (!rectification->has_vertical_field)
        return 0;
    return image_view_bytes(plan->match_width_px, plan->match_height_px,
                            plan->right_channels);
}

/* Rows that the tallest strip holds. */
static int strip_height(const struct frame_plan *plan)
{
    int held = plan->strip_rows + (plan->strip_count > 1 ? 2 * STRIP_CONTEXT_ROWS : 0);
    return held < plan->match_height_px ? held : plan->match_height_px;
}

static size_t full_size_bytes(const struct frame_plan *plan)
{
    if (plan->downscale == 1)
        return 0;
    int height = strip_height(plan) * plan->downscale;
    height = height < plan->height_px ? height : plan->height_px;
    size_t plane = image_view_bytes(plan->width_px, height, 1);
    return scratch_sum(disparity_map_bytes(plan->width_px, height),
                       scratch_sum(plane, plane));
}

static bool has_view(const struct po_settings *settings)
{
    return (settings->output.artefacts & PO_OUT_VIEW) != 0;
}

static struct view_size view_size(const struct frame_plan *plan)
{
    return frame_view_size(plan->width_px, plan->height_px, plan->strip_count > 1);
}

static size_t report_view_bytes(const struct po_settings *settings,
                                const struct frame_plan *plan)
{
    const struct view_size size = view_size(plan);
    return has_view(settings) ? scratch_sum(scratch_size(sizeof(struct frame_view)),
                                            frame_view_bytes(&size))
                              : 0;
}

static size_t view_page_bytes(const struct po_settings *settings,
                              const struct frame_plan *plan)
{
    const struct view_size size = view_size(plan);
    return has_view(settings) ? frame_view_page_bytes(&size) : 0;
}

/* What writing holds from the first strip to the last: see frame_writers_take. */
static size_t writer_bytes(const struct po_settings *settings,
                           const struct frame_plan *plan)
{
    int step = frame_preview_step(plan->width_px);
    int width = scaled(plan->width_px, step);
    int height = scaled(plan->height_px, step);
    size_t bytes = scratch_size(sizeof(struct frame_record));
    bytes = scratch_sum(bytes, scratch_size(sizeof(struct frame_writers)));
    bytes = scratch_sum(bytes, scratch_size(sizeof(struct cloud_totals)));
    bytes = scratch_sum(bytes, disparity_map_bytes(width, height));
    bytes = scratch_sum(bytes, report_view_bytes(settings, plan));
    bytes = scratch_sum(bytes, frame_plane_bytes(settings));
    return scratch_sum(bytes, image_view_bytes(width, height, 1));
}

/* Match, refinement, cloud and maps of one strip. */
static size_t strip_bytes(const struct po_settings *settings,
                          const struct frame_plan *plan)
{
    int width = plan->match_width_px;
    int height = strip_height(plan);
    size_t level = plan->match.output_bytes;
    size_t peak = scratch_sum(level, plan->match.scratch_bytes);
    level = scratch_sum(level, refine_output_bytes(width, height));
    peak = size_maximum(
        peak, scratch_sum(level, refine_scratch_bytes(settings, width, height,
                                                      plan->channels, plan->range)));
    level = scratch_sum(level, full_size_bytes(plan));
    size_t row = scratch_sum(scratch_array_size((size_t)plan->width_px, sizeof(uint16_t)),
                             scratch_array_size(FRAME_DEPTH_STEPS, sizeof(uint16_t)));
    size_t cloud = cloud_scratch_bytes(&settings->cloud, width, height);
    return size_maximum(peak, scratch_sum(level, scratch_sum(cloud, row)));
}

static size_t preview_bytes(const struct frame_plan *plan)
{
    int step = frame_preview_step(plan->width_px);
    return image_view_bytes(scaled(plan->width_px, step), scaled(plan->height_px, step),
                            3);
}

/* Scratch is a stack: what lives on adds up, of what comes and goes the largest counts.
 */
static size_t total_scratch(const struct po_settings *settings,
                            const struct frame_plan *plan)
{
    size_t level = scratch_sum(plan->view_bytes, plan->network_map_bytes);
    level = scratch_sum(level, plan->prior_map_bytes);
    /* A carried one is there before the pair is loaded. */
    size_t pair = scratch_sum(plan->pair_bytes, plan->prior_map_bytes);
    size_t peak = size_maximum(pair, scratch_sum(level, plan->correction.scratch_bytes));
    level = scratch_sum(level, writer_bytes(settings, plan));
    peak = size_maximum(peak, scratch_sum(level, plan->network_work_bytes));
    /* Its network may run on until the first strip is matched. */
    level = scratch_sum(level, plan->prior_work_bytes);
    size_t work = size_maximum(strip_bytes(settings, plan), preview_bytes(plan));
    work = size_maximum(work, view_page_bytes(settings, plan));
    return size_maximum(peak, scratch_sum(level, work));
}

static size_t total_library(const struct po_settings *settings,
                            const struct frame_plan *plan,
                            const struct image_header *left,
                            const struct image_header *right)
{
    size_t bytes = size_maximum(left->decoder_bytes, right->decoder_bytes);
    size_t truth = 0;
    if (settings->output.ground_truth != NULL)
        truth = (size_t)plan->width_px * (size_t)plan->height_px * TRUTH_BYTES_PER_PX;
    size_t work = size_maximum(plan->match.library_bytes, plan->correction.library_bytes);
    work = size_maximum(
        work, refine_library_bytes(settings, plan->match_width_px, strip_height(plan)));
    work = size_maximum(work, plan->network_library_bytes);
    work = scratch_sum(work, plan->prior_library_bytes);
    if (plan->strip_count == 1)
        return size_maximum(size_maximum(size_maximum(bytes, work), truth),
                            WRITER_LIBRARY_BYTES);
    /* Writers and ground truth stay while strips are matched. */
    return size_maximum(bytes,
                        scratch_sum(truth, scratch_sum(work, WRITER_LIBRARY_BYTES)));
}

static bool uses_network(const struct frame_plan_request *request)
{
    return request->network != NULL && request->network->wanted;
}

static int right_channels(const struct frame_plan_request *request)
{
    return uses_network(request) && request->network->model.channels == 3
               ? request->right->channels
               : 1;
}

static void plan_network(const struct frame_plan_request *request,
                         struct frame_plan *plan)
{
    if (!uses_network(request))
        return;
    int width = plan->match_width_px, height = plan->match_height_px;
    int channels =
        size_maximum((size_t)plan->channels, (size_t)plan->right_channels) > 1 ? 3 : 1;
    plan->network_map_bytes = network_maps_bytes(request->network, width, height);
    plan->network_work_bytes =
        network_match_bytes(request->network, width, height, channels);
    plan->network_library_bytes = request->network->run_bytes;
}

/* A map is read as floats at full size; a network sees the left view. */
static void plan_prior(const struct frame_plan_request *request, struct frame_plan *plan)
{
    int width = plan->match_width_px, height = plan->match_height_px;
    if (request->prior == NULL || request->prior->source == PRIOR_NONE)
        return;
    size_t pixels = (size_t)width * (size_t)height;
    plan->prior_map_bytes = scratch_array_size(pixels, sizeof(float));
    plan->prior_library_bytes =
        (size_t)plan->width_px * (size_t)plan->height_px * sizeof(float) +
        WRITER_LIBRARY_BYTES;
    if (!request->prior->network.wanted)
        return;
    const struct network_use *network = &request->prior->network;
    plan->prior_work_bytes =
        network_evaluate_bytes(&network->model, width, height, plan->channels);
    plan->prior_library_bytes = network->run_bytes;
}

static enum po_status too_large(const struct frame_plan *plan, size_t budget_bytes,
                                struct po_error *error)
{
    return po_fail(
        error, PO_MEMORY_LIMIT,
        "a frame of %dx%d with %d disparities needs %zu MB and may use %zu MB; raise "
        "--memory-limit or use --downscale 4",
        plan->match_width_px, plan->match_height_px, plan->range.count,
        plan->total_bytes >> 20, budget_bytes >> 20);
}

/* Plans strips of `rows` rows: the whole image when it has no more. */
static enum po_status plan_rows(const struct frame_plan_request *request, int rows,
                                struct frame_plan *plan, struct po_error *error)
{
    struct po_settings settings = *request->settings;
    size_t budget_bytes = request->budget_bytes;
    plan->strip_rows = rows < plan->match_height_px ? rows : plan->match_height_px;
    plan->strip_count = (plan->match_height_px + plan->strip_rows - 1) / plan->strip_rows;
    plan->correction = (struct match_stage_plan){0};
    int height = strip_height(plan);
    size_t around = scratch_sum(plan->view_bytes, plan->network_map_bytes);
    around = scratch_sum(around, plan->prior_map_bytes);
    around = scratch_sum(around, plan->prior_work_bytes);
    if (plan->strip_count > 1) {
        size_t left_over = budget_bytes > around ? budget_bytes - around : 1;
        match_stage_plan_correction(&settings,
                                    &(struct match_size){plan->match_width_px,
                                                         plan->match_height_px, 1,
                                                         plan->range},
                                    left_over, &plan->correction);
        settings.refine.vertical_correction = false;
    }
    /* What the matcher may use is what the rest of the frame leaves it. */
    around = scratch_sum(around, refine_output_bytes(plan->match_width_px, height));
    size_t match_budget = 0;
    if (budget_bytes > 0)
        match_budget = budget_bytes > around ? budget_bytes - around : 1;
    enum po_status status = match_stage_make_plan(
        &settings,
        &(struct match_size){plan->match_width_px, height, plan->channels, plan->range},
        match_budget, &plan->match, error);
    if (status != PO_OK)
        return status;
    plan->scratch_bytes = total_scratch(&settings, plan);
    plan->library_bytes = total_library(&settings, plan, request->left, request->right);
    plan->total_bytes = scratch_sum(plan->scratch_bytes, plan->library_bytes);
    if (plan->total_bytes == SIZE_MAX ||
        (budget_bytes > 0 && plan->total_bytes > budget_bytes))
        return too_large(plan, budget_bytes, error);
    return PO_OK;
}

/* A surface joins points across rows, thinning looks at all points: both need all rows.
 */
static bool needs_all_rows(const struct po_settings *settings)
{
    return settings->cloud.surface_reconstruction || settings->cloud.voxel_mm > 0;
}

/* The tallest strips that fit; bytes grow with the rows, so halving finds them. */
static enum po_status plan_strips(const struct frame_plan_request *request,
                                  struct frame_plan *plan, struct po_error *error)
{
    struct frame_plan best = *plan;
    int fits = MIN_STRIP_ROWS / STRIP_ROWS_STEP;
    int too_many = (plan->match_height_px + STRIP_ROWS_STEP - 1) / STRIP_ROWS_STEP;
    enum po_status status = plan_rows(request, MIN_STRIP_ROWS, &best, error);
    if (status != PO_OK) {
        *plan = best;
        return status;
    }
    while (too_many - fits > 1) {
        struct frame_plan trial = *plan;
        int middle = (fits + too_many) / 2;
        if (plan_rows(request, middle * STRIP_ROWS_STEP, &trial, NULL) == PO_OK) {
            best = trial;
            fits = middle;
        } else {
            too_many = middle;
        }
    }
    *plan = best;
    return PO_OK;
}

enum po_status frame_plan_make(const struct frame_plan_request *request,
                               struct frame_plan *plan, struct po_error *error)
{
    const struct rectification *rectification = request->rectification;
    int downscale = request->downscale;
    struct po_error cause = {0};
    *plan = (struct frame_plan){
        .downscale = downscale,
        .range = scaled_range(request->range, downscale),
        .width_px = rectification->rig.width_px,
        .height_px = rectification->rig.height_px,
        .match_width_px = scaled(rectification->rig.width_px, downscale),
        .match_height_px = scaled(rectification->rig.height_px, downscale),
        .channels = request->left->channels,
        .right_channels = right_channels(request),
        .masks = !rectification->identity || rectification->has_vertical_field,
    };
    plan_network(request, plan);
    plan_prior(request, plan);
    plan->view_bytes = view_bytes(plan);
    plan->pair_bytes = scratch_sum(
        plan->view_bytes,
        size_maximum(load_bytes(plan, request->left, rectification, plan->channels),
                     scratch_sum(load_bytes(plan, request->right, rectification,
                                            plan->right_channels),
                                 row_warp_bytes(plan, rectification))));
    enum po_status status = plan_rows(request, plan->match_height_px, plan, &cause);
    if (status != PO_MEMORY_LIMIT || request->budget_bytes == 0 ||
        plan->match_height_px <= MIN_STRIP_ROWS)
        return status == PO_OK ? PO_OK : po_fail(error, status, "%s", cause.message);
    if (needs_all_rows(request->settings))
        return po_fail(error, status,
                       "%.300s; row strips would need less, but a surface or thinned "
                       "voxels need all rows: do without --surface-reconstruction and "
                       "--voxel",
                       cause.message);
    return plan_strips(request, plan, error);
}
