/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_units.h"

#include <math.h>

/* The first option that is a length, as it was given; NULL: none is. */
static const char *length_option(const struct po_settings *settings)
{
    if (settings->match.min_depth_mm > 0)
        return "--min-depth";
    if (settings->match.max_depth_mm > 0)
        return "--max-depth";
    if (settings->cloud.roi_given)
        return "--roi";
    if (settings->cloud.voxel_mm > 0)
        return "--voxel";
    return settings->cloud.unit == PO_UNIT_M ? "--unit m" : NULL;
}

/* The depth at which a point moves by the whole width of the image: nothing nearer is
 * seen by both cameras. 0: the calibration does not say. */
static double nearest_depth_mm(const struct calibration *calibration)
{
    const double *t = calibration->translation_mm;
    const struct rectified_rig *rig = &calibration->rig;
    double focal_px = calibration->rectified ? rig->focal_px : calibration->cameras[0].fx;
    double baseline_mm = calibration->rectified
                             ? rig->baseline_mm
                             : sqrt(t[0] * t[0] + t[1] * t[1] + t[2] * t[2]);
    int width_px = calibration->rectified ? rig->width_px : calibration->width_px;
    if (calibration->unit != RIG_MM || width_px <= 0)
        return 0.0;
    return focal_px * baseline_mm / width_px;
}

static enum po_status ask_for_metres(const char *option, double limit_mm,
                                     double nearest_mm, const char *path,
                                     struct po_error *error)
{
    return po_fail(error, PO_BAD_ARGUMENT,
                   "%s %g is %g mm, and nothing nearer than %.0f mm is seen by both "
                   "cameras of %s: were metres meant? give %gm, or leave it out",
                   option, limit_mm, limit_mm, nearest_mm, path, limit_mm);
}

/* A far limit before all that can be seen leaves nothing; a near one by far before it is
 * a number without its unit. */
static enum po_status check_depth_limits(const struct po_match_settings *match,
                                         const struct calibration *calibration,
                                         struct po_error *error)
{
    static const double FAR_BEFORE = 0.1;
    double nearest_mm = nearest_depth_mm(calibration);
    double max_mm = match->max_depth_mm;
    double min_mm = match->min_depth_mm;
    if (max_mm > 0 && max_mm < nearest_mm)
        return ask_for_metres("--max-depth", max_mm, nearest_mm, calibration->path,
                              error);
    if (min_mm > 0 && min_mm < FAR_BEFORE * nearest_mm)
        return ask_for_metres("--min-depth", min_mm, nearest_mm, calibration->path,
                              error);
    return PO_OK;
}

static enum po_status check_squares(const struct po_settings *settings,
                                    const struct manifest *manifest,
                                    struct po_error *error)
{
    const char *option = length_option(settings);
    for (int i = 0; i < manifest->calibration_count && option != NULL; i++)
        if (manifest->calibrations[i].unit == RIG_SQUARES)
            return po_fail(error, PO_BAD_ARGUMENT,
                           "%s needs lengths in millimetres, and %s gives them in "
                           "chessboard squares of unknown size; say --calibration-unit "
                           "square:MM (the side of a square), or leave %s out",
                           option, manifest->calibrations[i].path, option);
    return PO_OK;
}

enum po_status session_units_check(const struct po_settings *settings,
                                   const struct manifest *manifest,
                                   struct po_error *error)
{
    enum po_status status = check_squares(settings, manifest, error);
    for (int i = 0; i < manifest->calibration_count && status == PO_OK; i++)
        status = check_depth_limits(&settings->match, &manifest->calibrations[i], error);
    return status;
}
