/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Middlebury 2014 and 2021, ETH3D two-view: "cam0=[f 0 cx; 0 f cy; 0 0 1]", doffs,
 * baseline (mm), width, height, ndisp; blanks around "=" occur. Images are rectified.
 */
#include <stdio.h>
#include <string.h>

#include "calib/format.h"

static bool recognise(const struct calibration_source *source)
{
    const char *value;
    return lines_find(source->text, "cam0", '=', &value) ||
           (lines_find(source->text, "cam1", '=', &value) &&
            lines_find(source->text, "baseline", '=', &value));
}

/* 0 when the line is not there. */
static double optional_number(const struct calibration_source *source, const char *key,
                              bool *present)
{
    const char *value;
    double number = 0;
    *present = lines_find(source->text, key, '=', &value) &&
               line_numbers(value, &number, 1) == 1;
    return *present ? number : 0;
}

static int optional_size(const struct calibration_source *source, const char *key)
{
    bool present;
    double number = optional_number(source, key, &present);
    return number >= 1 && number <= 1000000 ? (int)number : 0;
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    double cameras[2][9];
    double baseline;
    enum po_status status = lines_numbers(source, "cam0", '=', 9, cameras[0], error);
    if (status == PO_OK)
        status = lines_numbers(source, "cam1", '=', 9, cameras[1], error);
    if (status == PO_OK)
        status = lines_numbers(source, "baseline", '=', 1, &baseline, error);
    if (status != PO_OK)
        return status;
    parsed->rectified = true;
    parsed->unit = PARSED_UNIT_MM;
    parsed->baseline_origin = "baseline";
    parsed->width_px = optional_size(source, "width");
    parsed->height_px = optional_size(source, "height");
    parsed->disparity_count = optional_size(source, "ndisp");
    parsed->doffs_px = optional_number(source, "doffs", &parsed->has_doffs);
    for (int side = 0; side < 2; side++)
        projection_set(&parsed->cameras[side], cameras[side][0], cameras[side][4],
                       cameras[side][2], cameras[side][5],
                       side == 0 ? 0 : -cameras[0][0] * baseline);
    return PO_OK;
}

const struct calibration_format format_middlebury = {"middlebury", SYNTAX_LINES,
                                                     recognise, read};
