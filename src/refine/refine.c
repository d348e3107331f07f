/* SPDX-License-Identifier: Apache-2.0 */
#include "refine/refine.h"

#include <string.h>

#include "base/number.h"
#include "refine/confidence.h"
#include "refine/depth_prior.h"
#include "refine/fill_holes.h"
#include "refine/steps.h"

static struct bilateral_settings
bilateral_settings_of(const struct po_refine_settings *settings)
{
    return (struct bilateral_settings){settings->bilateral_diameter_px,
                                       settings->bilateral_sigma_color,
                                       settings->bilateral_sigma_space_px};
}

/* OpenCV's wrong matches come in larger islands: 100 instead of 30 takes bad2 of its
 * dense result from 11.0 to 10.5 % over the 30 scenes. */
static int speckle_size_of(const struct po_match_settings *settings)
{
    if (settings->speckle_size_px != PO_AUTO)
        return settings->speckle_size_px;
    return settings->matcher == PO_MATCHER_OPENCV ? 100 : 30;
}

static size_t use_prior_bytes(int width_px, int height_px)
{
    return scratch_sum(disparity_map_bytes(width_px, height_px),
                       size_maximum(depth_prior_align_bytes(),
                                    depth_prior_fill_bytes(width_px, height_px)));
}

/* Of the checks, before there is a surface that stays. */
static size_t check_bytes(const struct po_settings *settings, int width_px, int height_px,
                          struct disparity_range range)
{
    size_t bytes =
        size_maximum(classify_holes_bytes(width_px, range), texture_bytes(width_px));
    if (speckle_size_of(&settings->match) > 0)
        bytes = size_maximum(bytes, speckle_bytes(width_px, height_px));
    return bytes;
}

size_t refine_scratch_bytes(const struct po_settings *settings, int width_px,
                            int height_px, int guide_channels,
                            struct disparity_range range)
{
    size_t bytes =
        size_maximum(confidence_bytes(width_px, height_px, guide_channels),
                     fill_holes_bytes(settings, width_px, height_px, guide_channels));
    if (settings->refine.refine == PO_REFINE_CLASSIC)
        bytes = size_maximum(bytes, bilateral_bytes());
    if (settings->refine.refine == PO_REFINE_FULL)
        bytes = size_maximum(
            bytes, size_maximum(subpixel_bytes(width_px), flat_mean_bytes(width_px)));
    if (fill_way_of(&settings->refine) == FILL_BY_CLASS)
        bytes = size_maximum(bytes, weighted_median_bytes(width_px));
    if (settings->network.prior != NULL)
        bytes = size_maximum(bytes, use_prior_bytes(width_px, height_px));
    bytes = scratch_sum(bytes, surface_support_bytes(width_px, height_px));
    return size_maximum(bytes, check_bytes(settings, width_px, height_px, range));
}

size_t refine_library_bytes(const struct po_settings *settings, int width_px,
                            int height_px)
{
    return fill_way_of(&settings->refine) == FILL_INPAINT
               ? inpaint_holes_library_bytes(width_px, height_px)
               : 0;
}

size_t refine_output_bytes(int width_px, int height_px)
{
    size_t plane = image_view_bytes(width_px, height_px, 1);
    return scratch_sum(disparity_map_bytes(width_px, height_px),
                       scratch_sum(plane, scratch_sum(plane, plane)));
}

enum po_status refine_take_output(struct scratch *scratch, int width_px, int height_px,
                                  struct refine_output *output, struct po_error *error)
{
    struct image_view *views[] = {&output->classes, &output->confidence, &output->sigma};
    enum po_status status =
        disparity_map_take(scratch, width_px, height_px, &output->map, error);
    for (int i = 0; i < 3 && status == PO_OK; i++)
        status = image_view_take(scratch, width_px, height_px, 1, views[i], error);
    return status;
}

/* One refinement on its way: `work` is the raw match, checked, filled and smoothed in
 * place; the output's map takes part as the second map of steps that need two. */
struct refinement {
    const struct refine_input *input;
    const struct po_settings *settings;
    enum fill_way way;
    struct disparity_map *work;
    const struct match_output *match;
    struct refine_output *output;
    struct scratch *scratch;
    struct surface_support support; /* from judging to rating */
    struct count_list *counts;
    struct row_tally tally; /* the rows that are counted */
    bool whole;             /* they are all rows: what steps count is right */
    uint64_t measured;      /* in all rows */
};

/* Values in the counted rows of a strip; of a whole image nobody needs them. */
static uint64_t count_values(const struct refinement *refinement)
{
    return refinement->whole ? 0 : row_tally_values(refinement->work, &refinement->tally);
}

/* A step took values away, `dropped` of all rows; it found *values in those that count.
 */
static void count_dropped(const struct refinement *refinement, const char *name,
                          uint64_t dropped, uint64_t *values)
{
    uint64_t left = count_values(refinement);
    count_list_add(refinement->counts, name,
                   refinement->whole ? dropped : *values - left);
    *values = left;
}

static void copy_map(const struct disparity_map *source, struct disparity_map *target)
{
    for (int y = 0; y < source->height_px; y++)
        memcpy(disparity_row(target, y), disparity_row(source, y),
               (size_t)source->width_px * sizeof(int16_t));
}

/* Takes the mask from the raw match: what stays is measured. */
static enum po_status check_match(struct refinement *refinement, struct po_error *error)
{
    const struct po_match_settings *settings = &refinement->settings->match;
    const struct match_output *match = refinement->match;
    const struct row_kernels *kernels = row_kernels_find(settings->cpu);
    double max_difference = settings->left_right_max_diff_px * DISPARITY_SCALE;
    uint64_t values = count_values(refinement);
    uint64_t dropped;
    enum po_status status = PO_OK;
    if (match->right.values != NULL && max_difference >= 0) {
        dropped = left_right_check(refinement->work, &match->right, (int)max_difference,
                                   kernels);
        count_dropped(refinement, "left_right_dropped", dropped, &values);
    }
    if (match->uniqueness_margin.pixels != NULL &&
        settings->uniqueness_ratio_percent > 0) {
        dropped = uniqueness_check(refinement->work, &match->uniqueness_margin,
                                   settings->uniqueness_ratio_percent);
        count_dropped(refinement, "uniqueness_dropped", dropped, &values);
    }
    if (refinement->settings->refine.refine != PO_REFINE_CLASSIC) {
        status = texture_check(
            refinement->work, &(struct texture_views){&refinement->input->guide, kernels},
            refinement->scratch, &dropped, error);
        if (status != PO_OK)
            return status;
        count_dropped(refinement, "textureless_dropped", dropped, &values);
    }
    if (speckle_size_of(settings) <= 0)
        return PO_OK;
    status = speckle_filter(refinement->work, speckle_size_of(settings),
                            (int)(settings->speckle_range_px * DISPARITY_SCALE),
                            refinement->scratch, &dropped, error);
    if (status == PO_OK)
        count_dropped(refinement, "speckle_dropped", dropped, &values);
    return status;
}

static struct hole_counts count_classes(const struct refinement *refinement)
{
    struct hole_counts holes = {0};
    const struct image_view *classes = &refinement->output->classes;
    for (int y = refinement->tally.first_row; y < refinement->tally.end_row; y++) {
        const uint8_t *row = image_row(classes, y);
        uint32_t measured = 0, occlusions = 0, mismatches = 0;
        for (int x = 0; x < classes->width_px; x++) {
            uint8_t class = row[x] & PIXEL_CLASS_MASK;
            measured += class == PIXEL_MEASURED;
            occlusions += class == PIXEL_FILLED_OCCLUSION;
            mismatches += class == PIXEL_FILLED_MISMATCH;
        }
        holes.measured += measured;
        holes.occlusions += occlusions;
        holes.mismatches += mismatches;
    }
    return holes;
}

static enum po_status classify(struct refinement *refinement, struct po_error *error)
{
    struct hole_counts holes;
    enum po_status status = classify_holes(
        &(struct hole_maps){refinement->work, &refinement->match->right,
                            refinement->input->range,
                            row_kernels_find(refinement->settings->match.cpu)},
        refinement->scratch, &refinement->output->classes, &holes, error);
    if (status != PO_OK)
        return status;
    refinement->measured = holes.measured;
    return PO_OK;
}

static enum po_status smooth_measured(struct refinement *refinement,
                                      struct po_error *error)
{
    if (refinement->settings->refine.refine != PO_REFINE_CLASSIC)
        return PO_OK;
    struct bilateral_settings settings =
        bilateral_settings_of(&refinement->settings->refine);
    copy_map(refinement->work, &refinement->output->map);
    return bilateral_filter(&refinement->output->map, &settings, refinement->scratch,
                            refinement->work, error);
}

static enum po_status fill(struct refinement *refinement, struct po_error *error)
{
    struct hole_fill job = {.settings = refinement->settings,
                            .map = refinement->work,
                            .right = &refinement->match->right,
                            .classes = &refinement->output->classes,
                            .guide = &refinement->input->guide,
                            .range = refinement->input->range,
                            .counted = refinement->whole ? NULL : &refinement->tally,
                            .counts = refinement->counts,
                            .scratch = refinement->scratch};
    return fill_holes(&job, error);
}

static int median_lattices(const struct refinement *refinement)
{
    if (refinement->input->whole_windows)
        return MEDIAN_LATTICES_MAX;
    return quality_preset_of(refinement->settings->match.level)->median_lattices;
}

/* Medians of the dense map, into the output. */
static enum po_status smooth_dense(struct refinement *refinement, struct po_error *error)
{
    struct disparity_map *map = &refinement->output->map;
    bool medians = refinement->settings->refine.refine == PO_REFINE_FULL;
    enum po_status status = PO_OK;
    if (medians && refinement->way == FILL_BY_CLASS) {
        struct row_tally visited = refinement->tally;
        copy_map(refinement->work, map);
        status = weighted_median(
            &(struct median_views){map, &refinement->output->classes,
                                   &refinement->input->guide,
                                   row_kernels_find(refinement->settings->match.cpu)},
            median_lattices(refinement), refinement->scratch, refinement->work, &visited,
            error);
        count_list_add(refinement->counts, "weighted_median", visited.pixels);
    }
    if (status != PO_OK)
        return status;
    if (medians)
        median_5x5(refinement->work, row_kernels_find(refinement->settings->match.cpu),
                   map);
    else
        copy_map(refinement->work, map);
    return PO_OK;
}

static void doubt(struct refinement *refinement)
{
    struct row_tally doubted = refinement->tally;
    doubt_unlikely(&refinement->output->confidence, &refinement->output->classes,
                   &doubted);
    count_list_add(refinement->counts, "doubted", doubted.pixels);
}

/* Counts what is measured in the end: the cloud and depth.png do without what is doubted.
 */
static enum po_status finish_classes(struct refinement *refinement,
                                     struct po_error *error)
{
    (void)error;
    if (refinement->settings->refine.refine == PO_REFINE_FULL)
        doubt(refinement);
    struct hole_counts holes = count_classes(refinement);
    count_list_add(refinement->counts, "measured", holes.measured);
    count_list_add(refinement->counts, "occlusion_holes", holes.occlusions);
    count_list_add(refinement->counts, "mismatch_holes", holes.mismatches);
    return PO_OK;
}

/* Takes away what nobody asked for: filled pixels, and those rectification never saw. */
static void cut_row(const uint8_t *valid, bool keep_filled, int width_px,
                    int16_t *restrict values, uint8_t *restrict classes)
{
    for (int x = 0; x < width_px; x++) {
        uint8_t class = classes[x] & PIXEL_CLASS_MASK;
        bool keep =
            (class == PIXEL_MEASURED || keep_filled) & (valid == NULL || valid[x] != 0);
        values[x] = keep ? values[x] : (int16_t)DISPARITY_INVALID;
        classes[x] = keep ? class : (uint8_t)PIXEL_NONE;
    }
}

static enum po_status cut_output(struct refinement *refinement, struct po_error *error)
{
    struct refine_output *output = refinement->output;
    const struct image_view *valid = &refinement->input->valid;
    bool keep_filled = refinement->way != FILL_NOTHING && refinement->measured > 0 &&
                       refinement->settings->refine.fill != PO_FILL_NONE;
    for (int y = 0; y < output->map.height_px; y++)
        cut_row(valid->pixels != NULL ? image_row(valid, y) : NULL, keep_filled,
                output->map.width_px, disparity_row(&output->map, y),
                image_row(&output->classes, y));
    (void)error;
    return PO_OK;
}

static struct confidence_job confidence_job_of(struct refinement *refinement,
                                               const struct disparity_map *map)
{
    return (struct confidence_job){
        .input = {.map = map,
                  .work = refinement->work,
                  .classes = &refinement->output->classes,
                  .match = refinement->match,
                  .guide = &refinement->input->guide},
        .settings = &refinement->settings->match,
        .probe = refinement->input->probe,
        .scratch = refinement->scratch,
    };
}

/* The confidence of the output holds the raw match's scores until it is rated. */
static enum po_status judge_measured(struct refinement *refinement,
                                     struct po_error *error)
{
    struct confidence_job job = confidence_job_of(refinement, refinement->work);
    return confidence_judge(&job, &refinement->output->confidence, &refinement->support,
                            error);
}

static enum po_status trust_likely(struct refinement *refinement, struct po_error *error)
{
    uint64_t values = count_values(refinement);
    (void)error;
    if (refinement->settings->refine.refine != PO_REFINE_FULL)
        return PO_OK;
    uint64_t dropped = drop_unlikely(&refinement->output->confidence, refinement->work,
                                     &refinement->output->classes);
    refinement->measured -= dropped;
    count_dropped(refinement, "unlikely_dropped", dropped, &values);
    return PO_OK;
}

static enum po_status rate_confidence(struct refinement *refinement,
                                      struct po_error *error)
{
    struct refine_output *output = refinement->output;
    struct confidence_job job = confidence_job_of(refinement, &output->map);
    job.input.support = &refinement->support;
    return confidence_rate(&job, &output->confidence, &output->sigma, error);
}

/* Last of what changes measured values: all that judges them has seen the map before. */
static enum po_status step_between_pixels(struct refinement *refinement,
                                          struct po_error *error)
{
    const struct refine_input *input = refinement->input;
    const struct subpixel_views views = {
        input->left, input->right, &refinement->output->classes,
        row_kernels_find(refinement->settings->match.cpu)};
    if (input->right.pixels == NULL ||
        refinement->settings->refine.refine != PO_REFINE_FULL)
        return PO_OK;
    enum po_status status =
        subpixel_step(&views, refinement->scratch, &refinement->output->map, error);
    if (status != PO_OK)
        return status;
    return flat_mean(&(struct flat_views){views.classes, views.kernels},
                     refinement->scratch, &refinement->output->map, error);
}

/* Holes of the finished map, where a prior knows better than a plain fill. */
static enum po_status use_prior(struct refinement *refinement, struct po_error *error)
{
    struct depth_prior *prior = refinement->input->prior;
    struct refine_output *output = refinement->output;
    struct scratch *scratch = refinement->scratch;
    struct disparity_map aligned;
    if (prior == NULL)
        return PO_OK;
    const struct prior_target target = {&output->map, &output->classes,
                                        &output->confidence, prior->values,
                                        refinement->input->range};
    size_t mark = scratch_mark(scratch);
    enum po_status status = disparity_map_take(scratch, output->map.width_px,
                                               output->map.height_px, &aligned, error);
    if (status == PO_OK)
        status = depth_prior_align(&target, scratch, &prior->fit, &aligned, error);
    if (status == PO_OK && prior->fit.accepted)
        status =
            depth_prior_fill(&target, &prior->fit, &aligned, refinement->tally.first_row,
                             refinement->tally.end_row, scratch, &prior->filled, error);
    scratch_rewind(scratch, mark);
    return status;
}

/* The pipeline: one step a line, in the order that must not change. */
static enum po_status (*const steps[])(struct refinement *refinement,
                                       struct po_error *error) = {
    check_match,         classify,
    judge_measured,      trust_likely,
    smooth_measured,     fill,
    smooth_dense,        finish_classes,
    cut_output,          rate_confidence,
    step_between_pixels, use_prior,
};

enum po_status refine_run(const struct refine_input *input, struct match_output *match,
                          struct scratch *scratch, struct refine_output *output,
                          struct count_list *counts, struct po_error *error)
{
    struct refinement refinement = {
        .input = input,
        .settings = input->settings,
        .way = fill_way_of(&input->settings->refine),
        .work = &match->left,
        .match = match,
        .output = output,
        .scratch = scratch,
        .counts = counts,
        .tally = {input->first_row,
                  input->end_row > 0 ? input->end_row : match->left.height_px, 0},
        .whole = input->end_row == 0,
    };
    size_t mark = scratch_mark(scratch);
    enum po_status status = PO_OK;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && status == PO_OK; i++)
        status = cancel_requested(input->cancel)
                     ? po_fail(error, PO_CANCELLED, "cancelled while refining")
                     : steps[i](&refinement, error);
    scratch_rewind(scratch, mark);
    return status;
}
