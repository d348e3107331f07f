/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_plan.h"

#include "base/atomic_file.h"
#include "base/checked.h"
#include "cloud/cloud.h"
#include "frame/frame_views.h"
#include "record/frame_record.h"
#include "refine/refine.h"

/* libpng, zlib and stdio hold about this much while a frame is written. */
enum { WRITER_LIBRARY_BYTES = 1 << 20 };

static size_t largest(size_t a, size_t b)
{
    return a > b ? a : b;
}

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
    if (header->channels != channels)
        bytes = scratch_sum(
            bytes, image_view_bytes(header->width_px, header->height_px, channels));
    if (plan->downscale > 1 && !rectification->identity)
        bytes = scratch_sum(bytes, image_view_bytes(width, height, channels));
    if (plan->downscale == 4)
        bytes = scratch_sum(
            bytes, image_view_bytes(scaled(width, 2), scaled(height, 2), channels));
    if (plan->masks && plan->downscale > 1)
        bytes = largest(bytes, image_view_bytes(width, height, 1));
    return bytes;
}

/* The view that is warped, or that the mask is warped from. */
static size_t row_warp_bytes(const struct frame_plan *plan,
                             const struct rectification *rectification)
{
    if (!rectification->has_row_field)
        return 0;
    return image_view_bytes(plan->match_width_px, plan->match_height_px, 1);
}

static size_t full_size_bytes(const struct frame_plan *plan)
{
    if (plan->downscale == 1)
        return 0;
    size_t plane = image_view_bytes(plan->width_px, plan->height_px, 1);
    return scratch_sum(disparity_map_bytes(plan->width_px, plan->height_px),
                       scratch_sum(plane, plane));
}

static size_t write_bytes(const struct po_settings *settings,
                          const struct frame_plan *plan)
{
    size_t record = scratch_size(sizeof(struct frame_record));
    int step = frame_preview_step(plan->width_px);
    size_t preview =
        image_view_bytes(scaled(plan->width_px, step), scaled(plan->height_px, step), 3);
    size_t cloud = cloud_scratch_bytes(&settings->cloud, plan->match_width_px,
                                       plan->match_height_px);
    return scratch_sum(record, scratch_sum(cloud, preview));
}

/* Scratch is a stack: what lives on adds up, of what comes and goes the largest counts.
 */
static size_t total_scratch(const struct po_settings *settings,
                            const struct frame_plan *plan)
{
    int width = plan->match_width_px;
    int height = plan->match_height_px;
    size_t level = plan->view_bytes;
    size_t peak = plan->pair_bytes;
    level = scratch_sum(level, plan->match.output_bytes);
    peak = largest(peak, scratch_sum(level, plan->match.scratch_bytes));
    level = scratch_sum(level, refine_output_bytes(width, height));
    peak = largest(peak,
                   scratch_sum(level, refine_scratch_bytes(settings, width, height,
                                                           plan->channels, plan->range)));
    level = scratch_sum(level, full_size_bytes(plan));
    return largest(peak, scratch_sum(level, write_bytes(settings, plan)));
}

static size_t total_library(const struct po_settings *settings,
                            const struct frame_plan *plan,
                            const struct image_header *left,
                            const struct image_header *right)
{
    size_t bytes = largest(left->decoder_bytes, right->decoder_bytes);
    bytes = largest(bytes, plan->match.library_bytes);
    bytes = largest(bytes, refine_library_bytes(settings, plan->match_width_px,
                                                plan->match_height_px));
    if (settings->output.ground_truth != NULL)
        bytes = largest(bytes, (size_t)plan->width_px * (size_t)plan->height_px * 12);
    return largest(bytes, WRITER_LIBRARY_BYTES);
}

enum po_status frame_plan_make(const struct po_settings *settings,
                               const struct image_header *left,
                               const struct image_header *right,
                               const struct rectification *rectification,
                               struct disparity_range range, int downscale,
                               size_t budget_bytes, struct frame_plan *plan,
                               struct po_error *error)
{
    *plan = (struct frame_plan){
        .downscale = downscale,
        .range = scaled_range(range, downscale),
        .width_px = rectification->rig.width_px,
        .height_px = rectification->rig.height_px,
        .match_width_px = scaled(rectification->rig.width_px, downscale),
        .match_height_px = scaled(rectification->rig.height_px, downscale),
        .channels = left->channels,
        .masks = !rectification->identity || rectification->has_row_field,
    };
    /* What the matcher may use is what the rest of the frame leaves it. */
    size_t around =
        scratch_sum(view_bytes(plan),
                    refine_output_bytes(plan->match_width_px, plan->match_height_px));
    size_t match_budget = 0;
    if (budget_bytes > 0)
        match_budget = budget_bytes > around ? budget_bytes - around : 1;
    enum po_status status = match_stage_make_plan(
        settings, plan->match_width_px, plan->match_height_px, plan->channels,
        plan->range, match_budget, &plan->match, error);
    if (status != PO_OK)
        return status;
    plan->view_bytes = view_bytes(plan);
    plan->pair_bytes = scratch_sum(
        plan->view_bytes, largest(load_bytes(plan, left, rectification, plan->channels),
                                  scratch_sum(load_bytes(plan, right, rectification, 1),
                                              row_warp_bytes(plan, rectification))));
    plan->scratch_bytes = total_scratch(settings, plan);
    plan->library_bytes = total_library(settings, plan, left, right);
    plan->total_bytes = scratch_sum(plan->scratch_bytes, plan->library_bytes);
    if (plan->total_bytes == SIZE_MAX ||
        (budget_bytes > 0 && plan->total_bytes > budget_bytes))
        return po_fail(
            error, PO_MEMORY_LIMIT,
            "a frame of %dx%d with %d disparities needs %zu MB and may use %zu MB; raise "
            "--memory-limit or use --downscale 4",
            plan->match_width_px, plan->match_height_px, plan->range.count,
            plan->total_bytes >> 20, budget_bytes >> 20);
    return PO_OK;
}
