/* SPDX-License-Identifier: Apache-2.0 */
#include "session/calibration_agreement.h"

#include <math.h>

#include "calib/matrix3.h"

enum calibration_fit calibration_fit_of(struct calibration *calibration, int width_px,
                                        int height_px, struct po_error *cause)
{
    int stated_px = calibration->width_px;
    if (width_px == 0)
        return FITS;
    bool exact = stated_px == 0 || stated_px == width_px ||
                 calibration->window.binning_x > 0 || calibration->size_count > 0;
    if (calibration_fit_images(calibration, width_px, height_px, cause) != PO_OK)
        return FITS_NOT;
    return exact ? FITS : FITS_SCALED;
}

static bool differ(double a, double b, double share)
{
    return fabs(a - b) > share * fmax(fabs(a), fabs(b));
}

static double baseline_of(const struct calibration *calibration)
{
    return calibration->rectified ? calibration->rig.baseline_mm
                                  : vector3_length(calibration->translation_mm);
}

bool calibrations_disagree(const struct calibration *a, const struct calibration *b)
{
    if (a->rectified != b->rectified)
        return false;
    double width = fmax(a->width_px, 4 * fabs(a->cameras[0].cx) / 2);
    bool other_lens = false;
    for (int side = 0; side < 2; side++) {
        const struct camera_model *x = &a->cameras[side];
        const struct camera_model *y = &b->cameras[side];
        other_lens |= differ(x->fx, y->fx, 0.03) || differ(x->fy, y->fy, 0.03) ||
                      fabs(x->cx - y->cx) > 0.05 * width ||
                      fabs(x->cy - y->cy) > 0.05 * width;
    }
    return other_lens || (a->unit == RIG_MM && b->unit == RIG_MM &&
                          differ(baseline_of(a), baseline_of(b), 0.05));
}
