/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BoofCV stereo.yaml: left and right with pinhole {fx fy cx cy skew width height} and
 * radial_tangential {radial, t1, t2}; rightToLeft {rotation [9], x, y, z}, so that R is
 * the transposed rotation and T = -R (x, y, z). The unit is that of the target.
 */
#include "calib/format.h"
#include "calib/matrix3.h"
#include "calib/rigid_pose.h"

static const char *const sides[2] = {"left", "right"};

static bool recognise(const struct calibration_source *source)
{
    return document_get(source->root, "rightToLeft") != NULL &&
           document_get(document_get(source->root, "left"), "pinhole") != NULL;
}

static enum po_status read_camera(const struct calibration_source *source, int side,
                                  struct parsed_calibration *parsed,
                                  struct po_error *error)
{
    static const char *const radial_keys[] = {"radial", NULL};
    const struct document_node *map = document_get(source->root, sides[side]);
    const struct document_node *pinhole = document_get(map, "pinhole");
    const struct document_node *lens = document_get(map, "radial_tangential");
    struct parsed_camera *camera = &parsed->cameras[side];
    double radial[3] = {0, 0, 0};
    int count;
    double fx = document_number(document_get(pinhole, "fx"), 0);
    double fy = document_number(document_get(pinhole, "fy"), 0);
    if (fx <= 0 || fy <= 0)
        return po_fail(error, PO_BAD_CALIBRATION, "%s: %s.pinhole has no fx and fy",
                       source->path, sides[side]);
    enum po_status status = tree_numbers(source, lens, radial_keys,
                                         &(struct number_list){3, radial, &count}, error);
    matrix_set(camera, fx, fy, document_number(document_get(pinhole, "cx"), 0),
               document_number(document_get(pinhole, "cy"), 0));
    camera->matrix[1] = document_number(document_get(pinhole, "skew"), 0);
    camera->model = DISTORTION_RADTAN;
    camera->lens_stated = true;
    camera->coefficient_count = lens != NULL ? 5 : 0;
    camera->coefficients[0] = radial[0];
    camera->coefficients[1] = radial[1];
    camera->coefficients[2] = document_number(document_get(lens, "t1"), 0);
    camera->coefficients[3] = document_number(document_get(lens, "t2"), 0);
    camera->coefficients[4] = radial[2];
    double width = document_number(document_get(pinhole, "width"), 0);
    double height = document_number(document_get(pinhole, "height"), 0);
    if (width >= 1 && width <= 1e6 && height >= 1 && height <= 1e6) {
        parsed->width_px = (int)width;
        parsed->height_px = (int)height;
    }
    return status;
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    static const char *const rotation_keys[] = {"rotation", NULL};
    static const char *const axes[3] = {"x", "y", "z"};
    const struct document_node *pose = document_get(source->root, "rightToLeft");
    enum po_status status =
        tree_matrix(source, pose, rotation_keys, 9, parsed->rotation, error);
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = read_camera(source, side, parsed, error);
    if (status != PO_OK)
        return status;
    for (int i = 0; i < 3; i++)
        parsed->translation[i] = document_number(document_get(pose, axes[i]), 0);
    rigid_pose_invert(parsed->rotation, parsed->translation);
    parsed->has_rotation = parsed->has_translation = true;
    return PO_OK;
}

const struct calibration_format format_boofcv = {"boofcv", SYNTAX_TREE, recognise, read};
