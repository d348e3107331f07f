/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ROS camera_info: left.yaml and right.yaml with camera_matrix, distortion_model,
 * rectification_matrix, projection_matrix; the right P[0][3] is -fx B. Metres. The pose
 * between the raw cameras follows from the two rectifications.
 */
#include <string.h>

#include "base/path.h"
#include "calib/format.h"
#include "calib/matrix3.h"

static const char *const CAMERA_MATRIX[] = {"camera_matrix", NULL};
static const char *const DISTORTION[] = {"distortion_coefficients", NULL};
static const char *const RECTIFICATION[] = {"rectification_matrix", NULL};
static const char *const PROJECTION[] = {"projection_matrix", NULL};

static bool recognise(const struct calibration_source *source)
{
    return document_get_any(source->root, CAMERA_MATRIX) != NULL &&
           document_get_any(source->root, PROJECTION) != NULL;
}

static enum po_status read_model(const struct calibration_source *source,
                                 struct parsed_camera *camera, struct po_error *error)
{
    const char *model = document_text(document_get(source->root, "distortion_model"));
    camera->model = DISTORTION_RADTAN;
    if (model == NULL || strcmp(model, "plumb_bob") == 0 ||
        strcmp(model, "rational_polynomial") == 0)
        return PO_OK;
    camera->model = DISTORTION_FISHEYE;
    if (strcmp(model, "equidistant") == 0 || strcmp(model, "fisheye") == 0)
        return PO_OK;
    return po_fail(error, PO_UNSUPPORTED,
                   "%s: distortion_model %s is not supported; want plumb_bob, "
                   "rational_polynomial or equidistant",
                   source->path, model);
}

static enum po_status read_camera(const struct calibration_source *source,
                                  struct parsed_camera *camera, struct po_error *error)
{
    const struct document_node *root = source->root;
    enum po_status status =
        tree_matrix(source, root, CAMERA_MATRIX, 9, camera->matrix, error);
    if (status == PO_OK)
        status = read_model(source, camera, error);
    if (status == PO_OK)
        status = tree_numbers(source, root, DISTORTION, DISTORTION_MAX,
                              camera->coefficients, &camera->coefficient_count, error);
    if (status == PO_OK)
        status =
            tree_matrix(source, root, RECTIFICATION, 9, camera->rectification, error);
    if (status == PO_OK)
        status = tree_matrix(source, root, PROJECTION, 12, camera->projection, error);
    camera->has_matrix = camera->has_rectification = camera->has_projection = true;
    return status;
}

static bool size_of(const struct calibration_source *source, int size[2])
{
    double width = document_number(document_get(source->root, "image_width"), 0);
    double height = document_number(document_get(source->root, "image_height"), 0);
    if (!(width >= 1 && width <= 1e6 && height >= 1 && height <= 1e6))
        return false;
    size[0] = (int)width;
    size[1] = (int)height;
    return true;
}

/* R2 R = R1 and R2 T = (P2[0][3] / f, 0, 0). */
static enum po_status derive_pose(const struct calibration_source *source,
                                  struct parsed_calibration *parsed,
                                  struct po_error *error)
{
    const struct parsed_camera *cameras = parsed->cameras;
    double back[9];
    double focal = cameras[1].projection[0];
    double shift =
        focal > 0 ? (cameras[1].projection[3] - cameras[0].projection[3]) / focal : 0;
    if (shift == 0)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: projection_matrix of the right camera has no -fx B in its "
                       "fourth column: calibrated one by one, not as a pair",
                       source->path);
    const double along[3] = {shift, 0, 0};
    matrix3_transpose(back, cameras[1].rectification);
    matrix3_multiply(parsed->rotation, back, cameras[0].rectification);
    matrix3_apply(parsed->translation, back, along);
    parsed->has_rotation = parsed->has_translation = true;
    return PO_OK;
}

static enum po_status read_pair(const struct calibration_source *left,
                                const struct calibration_source *right,
                                struct parsed_calibration *parsed, struct po_error *error)
{
    int sizes[2][2] = {{0, 0}, {0, 0}};
    enum po_status status = read_camera(left, &parsed->cameras[0], error);
    if (status == PO_OK)
        status = read_camera(right, &parsed->cameras[1], error);
    if (status != PO_OK)
        return status;
    if (size_of(left, sizes[0]) && size_of(right, sizes[1])) {
        if (sizes[0][0] != sizes[1][0] || sizes[0][1] != sizes[1][1])
            return po_fail(error, PO_BAD_CALIBRATION,
                           "%s is for %dx%d and %s for %dx%d; want one size", left->path,
                           sizes[0][0], sizes[0][1], right->path, sizes[1][0],
                           sizes[1][1]);
        parsed->width_px = sizes[0][0];
        parsed->height_px = sizes[0][1];
    }
    parsed->unit = PARSED_UNIT_M;
    return derive_pose(left, parsed, error);
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    struct calibration_source other = {0};
    bool is_right = strstr(path_name(source->path), "right") != NULL;
    struct po_error cause = {0};
    enum po_status status =
        calibration_source_load_partner(&other, source->path, is_right ? "right" : "left",
                                        is_right ? "left" : "right", &cause);
    if (status != PO_OK)
        status = po_fail(error, PO_BAD_CALIBRATION,
                         "%s: one camera of a pair; the other's file cannot be read: %s",
                         source->path, cause.message);
    else if (is_right)
        status = read_pair(&other, source, parsed, error);
    else
        status = read_pair(source, &other, parsed, error);
    calibration_source_release(&other);
    return status;
}

const struct calibration_format format_ros = {"ros", SYNTAX_TREE, recognise, read};
