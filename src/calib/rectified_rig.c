/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/rectified_rig.h"

#include <math.h>

/* Pixel centres are at integers: x' = (x + 1/2) / factor - 1/2. */
static double scaled_centre(double centre_px, int factor)
{
    return (centre_px + 0.5) / factor - 0.5;
}

struct rectified_rig rectified_rig_scaled(const struct rectified_rig *rig, int factor)
{
    struct rectified_rig scaled = *rig;
    if (factor <= 1)
        return scaled;
    /* An odd last column is halved with itself: sizes round up. */
    scaled.width_px = (rig->width_px + factor - 1) / factor;
    scaled.height_px = (rig->height_px + factor - 1) / factor;
    scaled.focal_px = rig->focal_px / factor;
    scaled.focal_y_px = rig->focal_y_px / factor;
    scaled.cx_px = scaled_centre(rig->cx_px, factor);
    scaled.cy_px = scaled_centre(rig->cy_px, factor);
    scaled.doffs_px = rig->doffs_px / factor;
    scaled.disparity_count_hint = (rig->disparity_count_hint + factor - 1) / factor;
    return scaled;
}

double rectified_rig_depth(const struct rectified_rig *rig, double disparity_px)
{
    if (!(disparity_px + rig->doffs_px > 0))
        return INFINITY;
    return depth_from_disparity(rig->focal_px * rig->baseline_mm, disparity_px,
                                rig->doffs_px);
}

double rectified_rig_disparity(const struct rectified_rig *rig, double depth)
{
    return depth > 0 ? rig->focal_px * rig->baseline_mm / depth - rig->doffs_px
                     : INFINITY;
}
