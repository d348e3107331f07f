/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/sgm_plan.h"

#include "stereo/coarse_to_fine.h"
#include "stereo/sgm_geometry.h"
#include "stereo/sgm_workspace.h"

/* Both disparity maps, margin and cost: matcher_take_output. */
static size_t output_bytes(int width_px, int height_px)
{
    size_t map = disparity_map_bytes(width_px, height_px);
    size_t image = image_view_bytes(width_px, height_px, 1);
    return scratch_sum(scratch_sum(map, map), scratch_sum(image, image));
}

enum po_status sgm_plan(const struct po_match_settings *settings,
                        const struct match_size *size, size_t budget_bytes,
                        struct match_plan *plan, struct po_error *error)
{
    struct sgm_geometry geometry;
    enum po_status status = sgm_geometry_make(settings, size, &geometry, error);
    if (status != PO_OK)
        return status;
    *plan = (struct match_plan){
        .scratch_bytes = sgm_workspace_bytes(&geometry),
        .output_bytes = output_bytes(size->width_px, size->height_px),
        .strip_rows = geometry.paths == 4 ? geometry.block_rows : size->height_px,
    };
    if (budget_bytes == 0 || plan->scratch_bytes <= budget_bytes)
        return PO_OK;
    size_t tiled_bytes = coarse_to_fine_bytes(&geometry);
    if (tiled_bytes < plan->scratch_bytes) {
        plan->scratch_bytes = tiled_bytes;
        plan->tiled = true;
    }
    if (plan->scratch_bytes <= budget_bytes)
        return PO_OK;
    return po_fail(
        error, PO_MEMORY_LIMIT,
        "matching %dx%d with %d disparities needs %zu bytes beside the images; "
        "the limit leaves %zu",
        size->width_px, size->height_px, size->range.count, plan->scratch_bytes,
        budget_bytes);
}
