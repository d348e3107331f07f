/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/matcher.h"

enum po_status matcher_take_output(const struct matcher *matcher, struct scratch *scratch,
                                   int width_px, int height_px,
                                   struct match_output *output, struct po_error *error)
{
    *output = (struct match_output){0};
    enum po_status status =
        disparity_map_take(scratch, width_px, height_px, &output->left, error);
    if (status != PO_OK || !matcher->has_right)
        return status;
    status = disparity_map_take(scratch, width_px, height_px, &output->right, error);
    if (status == PO_OK)
        status = image_view_take(scratch, width_px, height_px, 1,
                                 &output->uniqueness_margin, error);
    if (status == PO_OK)
        status = image_view_take(scratch, width_px, height_px, 1, &output->cost, error);
    return status;
}
