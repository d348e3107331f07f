/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KITTI raw calib_cam_to_cam.txt: P_rect_0x and S_rect_0x of the rectified ("sync")
 * images, four cameras, metres. calib_time holds colons.
 */
#include <stdio.h>

#include "calib/format.h"

static bool recognise(const struct calibration_source *source)
{
    const char *value;
    return lines_find(source->text, "P_rect_00", ':', &value) ||
           lines_find(source->text, "P_rect_02", ':', &value);
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    int chosen[2] = {0, 1};
    bool named = source->request != NULL && (source->request->cameras != NULL ||
                                             source->request->camera_hint != NULL);
    enum po_status status = PO_OK;
    if (named)
        status = cameras_choose(source, 4, chosen, error);
    else
        warning_list_add(&parsed->warnings,
                         "%s: cameras 00 and 01 (the grey pair) are used; --cameras 2,3 "
                         "takes the colour pair",
                         source->path);
    parsed->rectified = true;
    parsed->unit = PARSED_UNIT_M;
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        struct parsed_camera *camera = &parsed->cameras[side];
        char key[16];
        (void)snprintf(key, sizeof(key), "P_rect_%02d", chosen[side] % 100);
        status = lines_numbers(source, key, ':', 12, camera->projection, error);
        camera->has_projection = true;
    }
    char key[16];
    double size[2];
    const char *value;
    (void)snprintf(key, sizeof(key), "S_rect_%02d", chosen[0] % 100);
    if (lines_find(source->text, key, ':', &value) && line_numbers(value, size, 2) == 2 &&
        size[0] >= 1 && size[0] <= 1e6 && size[1] >= 1 && size[1] <= 1e6) {
        parsed->width_px = (int)size[0];
        parsed->height_px = (int)size[1];
    }
    return status;
}

const struct calibration_format format_kitti_raw = {"kitti-raw", SYNTAX_LINES, recognise,
                                                    read};
