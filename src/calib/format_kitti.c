/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KITTI stereo and odometry: rows P0 .. P3 of a rectified 3x4 projection each, metres.
 * P0 and P1 are the grey pair, P2 and P3 the colour pair; Pi[3] = -f times the place
 * along x. One file for all frames or one a frame.
 */
#include <stdio.h>

#include "calib/format.h"

enum { KITTI_CAMERAS = 4 };

static int count_rows(const struct calibration_source *source)
{
    int count = 0;
    char key[8];
    const char *value;
    for (int i = 0; i < KITTI_CAMERAS; i++) {
        (void)snprintf(key, sizeof(key), "P%d", i);
        if (!lines_find(source->text, key, ':', &value))
            break;
        count++;
    }
    return count;
}

static bool recognise(const struct calibration_source *source)
{
    const char *value;
    double numbers[12];
    return (lines_find(source->text, "P0", ':', &value) ||
            lines_find(source->text, "P1", ':', &value)) &&
           line_numbers(value, numbers, 12) > 1;
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    static const struct calibration_request grey = {.camera_hint = "0,1"};
    struct calibration_source chooser = *source;
    int chosen[2];
    int count = count_rows(source);
    bool named = source->request != NULL && (source->request->cameras != NULL ||
                                             source->request->camera_hint != NULL);
    if (!named)
        chooser.request = &grey;
    if (!named && count > 2)
        warning_list_add(&parsed->warnings,
                         "%s: rows P0 and P1 (the grey pair) are used; --cameras 2,3 "
                         "takes the colour pair",
                         source->path);
    enum po_status status = cameras_choose(&chooser, count, chosen, error);
    parsed->rectified = true;
    parsed->unit = PARSED_UNIT_M;
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        struct parsed_camera *camera = &parsed->cameras[side];
        char key[8];
        (void)snprintf(key, sizeof(key), "P%d", chosen[side] % KITTI_CAMERAS);
        status = lines_numbers(source, key, ':', 12, camera->projection, error);
        camera->has_projection = true;
    }
    return status;
}

const struct calibration_format format_kitti = {"kitti", SYNTAX_LINES, recognise, read};
