/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/sgm.h"

#include "stereo/coarse_to_fine.h"
#include "stereo/sgm_geometry.h"
#include "stereo/sgm_plan.h"
#include "stereo/sgm_sweep.h"

static enum po_status check_input(const struct match_input *input, struct po_error *error)
{
    if (input->left.width_px != input->right.width_px ||
        input->left.height_px != input->right.height_px)
        return po_fail(error, PO_BAD_IMAGE,
                       "left is %dx%d, right %dx%d; a pair needs one size",
                       input->left.width_px, input->left.height_px, input->right.width_px,
                       input->right.height_px);
    if (input->left.channels != 1 || input->right.channels != 1)
        return po_fail(error, PO_BAD_ARGUMENT, "semi-global matching needs grey images");
    return PO_OK;
}

static enum po_status sgm_run(const struct po_match_settings *settings,
                              const struct match_plan *plan,
                              const struct match_input *input, struct scratch *scratch,
                              struct match_output *output, struct po_error *error)
{
    struct sgm_geometry geometry;
    int guide_channels = input->guide.pixels != NULL ? input->guide.channels : 1;
    enum po_status status = check_input(input, error);
    if (status == PO_OK)
        status = sgm_geometry_make(settings,
                                   &(struct match_size){input->left.width_px,
                                                        input->left.height_px,
                                                        guide_channels, input->range},
                                   &geometry, error);
    if (status != PO_OK)
        return status;
    if (input->prior != NULL && !geometry.takes_prior)
        return po_fail(error, PO_BAD_ARGUMENT, "a prior needs the level `quality`");
    output->evaluations = 0;
    if (plan->tiled)
        return coarse_to_fine(settings, &geometry, input, scratch, output, error);
    return sgm_sweep(settings, &geometry, input, scratch, output, error);
}

const struct matcher sgm_matcher = {
    .name = "sgm",
    .has_right = true,
    .plan = sgm_plan,
    .run = sgm_run,
};
