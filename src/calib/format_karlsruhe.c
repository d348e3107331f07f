/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Karlsruhe sequences: P1_roi and P2_roi describe the rectified, cropped images (`roi`
 * x0 x1 y0 y1, inclusive) beside the raw K, D, R, T. Metres.
 */
#include <string.h>

#include "calib/format.h"

static bool recognise(const struct calibration_source *source)
{
    const char *value;
    return lines_find(source->text, "P1_roi", ':', &value) ||
           lines_find(source->text, "P2_roi", ':', &value);
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    static const char *const keys[2] = {"P1_roi", "P2_roi"};
    parsed->rectified = true;
    parsed->unit = PARSED_UNIT_M;
    for (int side = 0; side < 2; side++) {
        struct parsed_camera *camera = &parsed->cameras[side];
        enum po_status status =
            lines_numbers(source, keys[side], ':', 12, camera->projection, error);
        if (status != PO_OK)
            return status;
        camera->has_projection = true;
    }
    const char *value;
    double roi[4];
    if (lines_find(source->text, "roi", ':', &value) &&
        line_numbers(value, roi, 4) == 4 && roi[1] > roi[0] && roi[3] > roi[2] &&
        roi[1] - roi[0] < 100000 && roi[3] - roi[2] < 100000) {
        parsed->width_px = (int)(roi[1] - roi[0]) + 1;
        parsed->height_px = (int)(roi[3] - roi[2]) + 1;
    }
    return PO_OK;
}

const struct calibration_format format_karlsruhe = {"karlsruhe", SYNTAX_LINES, recognise,
                                                    read};
