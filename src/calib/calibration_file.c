/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/calibration_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/format.h"

/* In this order: a row that recognises a file hides the rows below it. */
static const struct calibration_format *const formats[] = {
    &format_middlebury, &format_karlsruhe, &format_kitti_raw,   &format_kitti,
    &format_zed,        &format_q_text,    &format_k_txt,       &format_camera_parameters,
    &format_remap,      &format_numpy,     &format_matlab,      &format_euroc,
    &format_kalibr,     &format_orb_slam,  &format_boofcv,      &format_basalt,
    &format_depthai,    &format_realsense, &format_unlook_json, &format_unlook_yaml,
    &format_ros,        &format_opencv,    &format_q_tree,
};

enum { FORMAT_COUNT = sizeof(formats) / sizeof(formats[0]) };

static const struct calibration_format *recognise(const struct calibration_source *source,
                                                  enum calibration_syntax syntax)
{
    for (int i = 0; i < FORMAT_COUNT; i++)
        if (formats[i]->syntax == syntax && formats[i]->recognise(source))
            return formats[i];
    return NULL;
}

static enum po_status not_recognised(const struct calibration_source *source,
                                     struct po_error *error)
{
    return po_fail(
        error, PO_UNSUPPORTED,
        "%s: no calibration this program knows; it looks for keys such as M1 D1 M2 D2 R "
        "T, "
        "K_left, mtxL, cameraMatrix1, camera_matrix, cam0, P0, P1_roi, P_rect_00, "
        "[LEFT_CAM_HD], T_BS, cam0: camera_model, or a Q matrix",
        source->path);
}

static enum po_status find_format(struct calibration_source *source,
                                  const struct calibration_format **format,
                                  struct po_error *error)
{
    *format = recognise(source, SYNTAX_LINES);
    if (*format != NULL)
        return lines_check_keys(source, error);
    enum po_status status = calibration_source_parse(source, error);
    if (status != PO_OK)
        return status;
    *format = recognise(source, SYNTAX_TREE);
    return *format != NULL ? PO_OK : not_recognised(source, error);
}

static enum po_status read_probes(struct calibration_source *source,
                                  struct calibration *calibration, struct po_error *error)
{
    const struct calibration_format *format = NULL;
    enum po_status status = find_format(source, &format, error);
    if (status != PO_OK)
        return status;
    struct parsed_calibration *parsed = calloc(1, sizeof(*parsed));
    if (parsed == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", source->path);
    (void)snprintf(calibration->format, sizeof(calibration->format), "%s", format->name);
    status = format->read(source, parsed, error);
    if (status == PO_OK)
        status = parsed_assemble(parsed, source->request, calibration, error);
    free(parsed);
    return status;
}

enum po_status calibration_read(const char *path,
                                const struct calibration_request *request,
                                struct calibration *calibration, struct po_error *error)
{
    memset(calibration, 0, sizeof(*calibration));
    (void)snprintf(calibration->path, sizeof(calibration->path), "%s", path);
    if (request != NULL && request->unit == PO_CALIB_UNIT_SQUARE &&
        !(request->square_mm > 0))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "--calibration-unit square:MM: want a side above 0 mm, got %g",
                       request->square_mm);
    struct calibration_source *source = calloc(1, sizeof(*source));
    if (source == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
    source->request = request;
    enum po_status status = calibration_source_load(source, path, error);
    if (status == PO_OK)
        status = read_probes(source, calibration, error);
    calibration_source_release(source);
    free(source);
    return status;
}

const char *const *calibration_format_names(void)
{
    static const char *const names[] = {
        "middlebury", "karlsruhe",   "kitti-raw",   "kitti",
        "zed",        "q-matrix",    "k-txt",       "euroc",
        "kalibr",     "orb-slam",    "boofcv",      "camera-parameters",
        "basalt",     "unlook-json", "unlook-yaml", "remap",
        "depthai",    "realsense",   "numpy",       "matlab",
        "ros",        "opencv",      NULL,
    };
    return names;
}
