/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/match_stage.h"

enum po_status match_stage_make_plan(const struct po_settings *settings, int width_px,
                                     int height_px, int guide_channels,
                                     struct disparity_range range, size_t budget_bytes,
                                     struct match_stage_plan *plan,
                                     struct po_error *error)
{
    *plan = (struct match_stage_plan){.matcher = matcher_find(settings->match.matcher)};
    enum po_status status =
        plan->matcher->plan(&settings->match, width_px, height_px, guide_channels, range,
                            budget_bytes, &plan->pass, error);
    if (status != PO_OK)
        return status;
    plan->scratch_bytes = plan->pass.scratch_bytes;
    plan->library_bytes = plan->pass.library_bytes;
    plan->output_bytes = plan->pass.output_bytes;
    return PO_OK;
}

enum po_status match_stage_take_output(const struct match_stage_plan *plan,
                                       struct scratch *scratch, int width_px,
                                       int height_px, struct match_output *output,
                                       struct po_error *error)
{
    return matcher_take_output(plan->matcher, scratch, width_px, height_px, output,
                               error);
}

enum po_status match_stage_run(const struct match_stage_plan *plan,
                               const struct match_stage_input *input,
                               struct scratch *scratch, struct match_output *output,
                               struct row_offset *row_offset, struct count_list *counts,
                               struct po_error *error)
{
    *row_offset = (struct row_offset){0};
    (void)counts;
    struct match_input pass = {
        .left = input->left,
        .right = input->right,
        .guide = input->guide,
        .range = input->range,
        .cancel = input->cancel,
    };
    size_t mark = scratch_mark(scratch);
    enum po_status status = plan->matcher->run(&input->settings->match, &plan->pass,
                                               &pass, scratch, output, error);
    scratch_rewind(scratch, mark);
    return status;
}
