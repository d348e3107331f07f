/* SPDX-License-Identifier: Apache-2.0 */
#include "match/match_stage.h"

#include "base/number.h"
#include "match/first_pass.h"
#include "match/prior_trust.h"
#include "refine/refine.h"
#include "refine/steps.h"
#include "stereo/matchers.h"

enum {
    HALF_MAX_DIFFERENCE = 24, /* 1.5 px of the half-size image, in sixteenths */
    HALF_SPECKLE_PX = 30,
    SECOND_PASS_P2 = 60, /* the prior holds surfaces together, so penalties may drop */
};

/* What a prior loses is matched again, what it gets wrong is believed: it is checked more
 * strictly than the second pass. With 1.5 px bad2 of 2001-2006 rises from 4.2 to 4.6 %.
 */
static const double PRIOR_LEFT_RIGHT_MAX_DIFF_PX = 1.25;

/* What the half-size match searches. */
static struct disparity_range half_range(struct disparity_range range)
{
    int min_px = range.min_px >= 0 ? range.min_px / 2 : -((1 - range.min_px) / 2);
    int last_px = (range.min_px + range.count) / 2;
    return (struct disparity_range){min_px, (last_px - min_px + 16) / 16 * 16};
}

static struct po_match_settings half_settings(const struct po_settings *settings)
{
    struct po_match_settings half = settings->match;
    half.level = PO_SGM_FAST;
    return half;
}

static struct po_match_settings second_settings(const struct po_settings *settings)
{
    struct po_match_settings second = settings->match;
    if (second.p2 == PO_AUTO && (second.p1 == PO_AUTO || second.p1 < SECOND_PASS_P2))
        second.p2 = SECOND_PASS_P2;
    return second;
}

/* The first pass is refined at a lower quality preset: it is only a prior. */
static struct po_settings prior_settings(const struct po_settings *settings)
{
    struct po_settings prior = *settings;
    prior.match.level = PO_SGM_BALANCED;
    if (prior.match.left_right_max_diff_px > PRIOR_LEFT_RIGHT_MAX_DIFF_PX)
        prior.match.left_right_max_diff_px = PRIOR_LEFT_RIGHT_MAX_DIFF_PX;
    prior.refine.refine = PO_REFINE_FULL;
    prior.refine.fill = PO_FILL_AUTO;
    return prior;
}

/* Half images, their match, and the larger of matching, checking, measuring, warping. */
static size_t correction_bytes(const struct match_stage_plan *plan, int width_px,
                               int height_px)
{
    int half_width = half_side(width_px), half_height = half_side(height_px);
    size_t image = image_view_bytes(half_width, half_height, 1);
    size_t held = scratch_sum(scratch_sum(image, image), plan->half.output_bytes);
    size_t work =
        size_maximum(plan->half.scratch_bytes, speckle_bytes(half_width, half_height));
    work = size_maximum(work, vertical_disparity_measure_bytes(width_px, height_px));
    return size_maximum(scratch_sum(held, work),
                        vertical_disparity_warp_bytes(width_px, height_px));
}

/* The prior lives beside the second pass. */
static size_t prior_bytes(const struct po_settings *settings,
                          const struct match_size *size, size_t *scratch_bytes)
{
    struct po_settings prior = prior_settings(settings);
    *scratch_bytes = refine_scratch_bytes(&prior, size->width_px, size->height_px,
                                          size->guide_channels, size->range);
    return refine_output_bytes(size->width_px, size->height_px);
}

/* The correction is a help, not a need: images too small for it go without. */
static void plan_correction(const struct po_settings *settings,
                            const struct match_size *size, size_t budget_bytes,
                            struct match_stage_plan *plan)
{
    if (!settings->refine.vertical_correction)
        return;
    struct po_match_settings half = half_settings(settings);
    const struct match_size half_size = {half_side(size->width_px),
                                         half_side(size->height_px), 1,
                                         half_range(size->range)};
    plan->vertical_correction =
        plan->matcher->plan(&half, &half_size, budget_bytes, &plan->half, NULL) == PO_OK;
}

enum po_status match_stage_make_plan(const struct po_settings *settings,
                                     const struct match_size *size, size_t budget_bytes,
                                     struct match_stage_plan *plan,
                                     struct po_error *error)
{
    *plan = (struct match_stage_plan){.matcher = matcher_find(settings->match.matcher)};
    plan->second_pass = settings->match.matcher == PO_MATCHER_SGM &&
                        settings->match.level == PO_SGM_QUALITY;
    size_t held = 0, refining = 0;
    if (plan->second_pass)
        held = prior_bytes(settings, size, &refining);
    size_t pass_budget = 0;
    if (budget_bytes > 0)
        pass_budget = budget_bytes > held ? budget_bytes - held : 1;
    enum po_status status =
        plan->matcher->plan(&settings->match, size, pass_budget, &plan->pass, error);
    if (status != PO_OK)
        return status;
    plan_correction(settings, size, pass_budget, plan);
    plan->scratch_bytes =
        scratch_sum(held, size_maximum(plan->pass.scratch_bytes, refining));
    plan->library_bytes = plan->pass.library_bytes;
    plan->output_bytes = plan->pass.output_bytes;
    if (plan->second_pass)
        plan->output_bytes = scratch_sum(
            plan->output_bytes, image_view_bytes(size->width_px, size->height_px, 1));
    if (plan->vertical_correction) {
        plan->scratch_bytes = size_maximum(
            plan->scratch_bytes, correction_bytes(plan, size->width_px, size->height_px));
        plan->library_bytes = size_maximum(plan->library_bytes, plan->half.library_bytes);
    }
    return PO_OK;
}

void match_stage_plan_correction(const struct po_settings *settings,
                                 const struct match_size *size, size_t budget_bytes,
                                 struct match_stage_plan *plan)
{
    *plan = (struct match_stage_plan){.matcher = matcher_find(settings->match.matcher)};
    plan_correction(settings, size, budget_bytes, plan);
    if (!plan->vertical_correction)
        return;
    plan->scratch_bytes = correction_bytes(plan, size->width_px, size->height_px);
    plan->library_bytes = plan->half.library_bytes;
    if (budget_bytes > 0 &&
        scratch_sum(plan->scratch_bytes, plan->library_bytes) > budget_bytes)
        *plan = (struct match_stage_plan){.matcher = plan->matcher};
}

enum po_status match_stage_take_output(const struct match_stage_plan *plan,
                                       struct scratch *scratch, int width_px,
                                       int height_px, struct match_output *output,
                                       struct po_error *error)
{
    enum po_status status =
        matcher_take_output(plan->matcher, scratch, width_px, height_px, output, error);
    if (status == PO_OK && plan->second_pass)
        status =
            first_pass_take(scratch, width_px, height_px, &output->first_pass, error);
    return status;
}

/* A stage on its way. */
struct stage {
    const struct match_stage_plan *plan;
    const struct match_stage_input *input;
    struct scratch *scratch;
    struct match_output *output;
};

static enum po_status check_half(struct stage *stage, struct match_output *half,
                                 struct po_error *error)
{
    uint64_t dropped;
    if (half->right.values != NULL)
        (void)left_right_check(&half->left, &half->right, HALF_MAX_DIFFERENCE,
                               row_kernels_find(stage->input->settings->match.cpu));
    return speckle_filter(&half->left, HALF_SPECKLE_PX, DISPARITY_SCALE, stage->scratch,
                          &dropped, error);
}

/* Matches at half size: a quarter of the pixels, half the disparities. */
static enum po_status match_half(struct stage *stage,
                                 struct vertical_disparity_views *views,
                                 struct po_error *error)
{
    const struct match_stage_input *input = stage->input;
    int width_px = half_side(input->left.width_px);
    int height_px = half_side(input->left.height_px);
    struct po_match_settings settings = half_settings(input->settings);
    struct match_output half;
    struct image_view right;
    enum po_status status =
        image_view_take(stage->scratch, width_px, height_px, 1, &views->half_left, error);
    if (status == PO_OK)
        status = image_view_take(stage->scratch, width_px, height_px, 1, &right, error);
    if (status == PO_OK)
        status = matcher_take_output(stage->plan->matcher, stage->scratch, width_px,
                                     height_px, &half, error);
    if (status != PO_OK)
        return status;
    image_halve(&input->left, &views->half_left);
    image_halve(&input->right, &right);
    struct match_input pass = {
        .left = views->half_left,
        .right = right,
        .guide = views->half_left,
        .range = half_range(input->range),
        .cancel = input->cancel,
    };
    status = stage->plan->matcher->run(&settings, &stage->plan->half, &pass,
                                       stage->scratch, &half, error);
    if (status == PO_OK)
        status = check_half(stage, &half, error);
    views->half_map = half.left;
    return status;
}

static enum po_status correct_rows(struct stage *stage,
                                   struct vertical_disparity *vertical_disparity,
                                   struct po_error *error)
{
    struct vertical_disparity_views views = {.left = stage->input->left,
                                             .right = stage->input->right};
    size_t mark = scratch_mark(stage->scratch);
    enum po_status status = match_half(stage, &views, error);
    if (status == PO_OK)
        status =
            vertical_disparity_measure(&views, stage->scratch, vertical_disparity, error);
    scratch_rewind(stage->scratch, mark);
    if (status != PO_OK || !vertical_disparity_matters(vertical_disparity))
        return status;
    struct image_view right = stage->input->right;
    status = vertical_disparity_warp(vertical_disparity, stage->scratch, &right, error);
    vertical_disparity->corrected = status == PO_OK;
    return status;
}

static enum po_status match_pass(struct stage *stage,
                                 const struct po_match_settings *settings,
                                 const struct disparity_map *prior,
                                 const struct image_view *prior_confidence,
                                 struct po_error *error)
{
    const struct match_stage_input *input = stage->input;
    struct match_input pass = {
        .left = input->left,
        .right = input->right,
        .guide = input->guide,
        .range = input->range,
        .prior = prior,
        .prior_confidence = prior_confidence,
        .cancel = input->cancel,
    };
    return stage->plan->matcher->run(settings, &stage->plan->pass, &pass, stage->scratch,
                                     stage->output, error);
}

/* Refines the first pass into a dense prior and matches again with it. */
static enum po_status match_again(struct stage *stage, struct po_error *error)
{
    const struct match_stage_input *input = stage->input;
    struct po_settings settings = prior_settings(input->settings);
    struct po_match_settings second = second_settings(input->settings);
    struct refine_input refine = {
        .guide = input->guide,
        .range = input->range,
        .settings = &settings,
        .cancel = input->cancel,
        .probe = input->first_probe,
        .whole_windows = true,
    };
    struct refine_output prior;
    struct count_list unused = {0};
    enum po_status status = refine_take_output(stage->scratch, input->left.width_px,
                                               input->left.height_px, &prior, error);
    if (status == PO_OK)
        status =
            refine_run(&refine, stage->output, stage->scratch, &prior, &unused, error);
    if (status != PO_OK)
        return status;
    /* A frame without a single match has no prior, and no need of a second pass. */
    if (disparity_row(&prior.map, 0)[0] == DISPARITY_INVALID)
        return PO_OK;
    /* Nobody needs the prior's sigma: its view takes the trust. */
    prior_trust_make(&prior.classes, &prior.sigma);
    status = match_pass(stage, &second, &prior.map, &prior.sigma, error);
    if (status == PO_OK)
        first_pass_compare(&prior.map, &prior.confidence, &stage->output->left,
                           &stage->output->first_pass);
    return status;
}

enum po_status match_stage_correct(const struct match_stage_plan *plan,
                                   const struct match_stage_input *input,
                                   struct scratch *scratch,
                                   struct vertical_disparity *vertical_disparity,
                                   struct po_error *error)
{
    *vertical_disparity = (struct vertical_disparity){0};
    if (!plan->vertical_correction)
        return PO_OK;
    struct stage stage = {.plan = plan, .input = input, .scratch = scratch};
    size_t mark = scratch_mark(scratch);
    enum po_status status = correct_rows(&stage, vertical_disparity, error);
    scratch_rewind(scratch, mark);
    return status;
}

enum po_status match_stage_run(const struct match_stage_plan *plan,
                               const struct match_stage_input *input,
                               struct scratch *scratch, struct match_output *output,
                               struct vertical_disparity *vertical_disparity,
                               struct po_error *error)
{
    struct stage stage = {
        .plan = plan,
        .input = input,
        .scratch = scratch,
        .output = output,
    };
    size_t mark = scratch_mark(scratch);
    enum po_status status =
        match_stage_correct(plan, input, scratch, vertical_disparity, error);
    if (status == PO_OK)
        status = match_pass(&stage, &input->settings->match, NULL, NULL, error);
    if (status == PO_OK && plan->second_pass)
        status = match_again(&stage, error);
    scratch_rewind(scratch, mark);
    return status;
}

void match_stage_count(const struct match_stage_plan *plan,
                       const struct vertical_disparity *vertical_disparity,
                       struct count_list *counts)
{
    if (!plan->vertical_correction)
        return;
    count_list_add(counts, "row_offset_points", (uint64_t)vertical_disparity->points);
    count_list_add(counts, "rows_corrected", vertical_disparity->corrected);
}
