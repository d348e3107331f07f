/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/frame_plane.h"

#include <math.h>

#include "base/number.h"
#include "base/scratch.h"

bool frame_plane_is_asked(const struct po_settings *settings)
{
    return settings->output.quality_percent > 0 ||
           settings->output.quality_region_px[2] > 0;
}

struct pixel_region frame_plane_region(const struct po_output_settings *output,
                                       int width_px, int height_px)
{
    const int *given = output->quality_region_px;
    if (output->quality_percent <= 0)
        return (struct pixel_region){given[0], given[1], given[2], given[3]};
    double share = output->quality_percent / 100.0;
    int width = maximum(1, (int)lround(share * width_px));
    int height = maximum(1, (int)lround(share * height_px));
    return (struct pixel_region){(width_px - width) / 2, (height_px - height) / 2, width,
                                 height};
}

enum po_status frame_plane_check(const struct po_settings *settings, int width_px,
                                 int height_px, struct po_error *error)
{
    if (!frame_plane_is_asked(settings))
        return PO_OK;
    struct pixel_region region =
        frame_plane_region(&settings->output, width_px, height_px);
    if (region.x_px + region.width_px <= width_px &&
        region.y_px + region.height_px <= height_px)
        return PO_OK;
    return po_fail(error, PO_BAD_ARGUMENT,
                   "--quality-check %dx%d+%d+%d reaches outside the rectified image of "
                   "%dx%d; give a region inside it, or a percentage of it",
                   region.width_px, region.height_px, region.x_px, region.y_px, width_px,
                   height_px);
}

size_t frame_plane_bytes(const struct po_settings *settings)
{
    return frame_plane_is_asked(settings) ? scratch_size(sizeof(struct plane_totals)) : 0;
}
