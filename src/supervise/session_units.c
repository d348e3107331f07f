/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_units.h"

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

enum po_status session_units_check(const struct po_settings *settings,
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
