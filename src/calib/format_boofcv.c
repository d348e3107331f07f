/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BoofCV stereo.yaml: left and right with pinhole {fx fy cx cy skew width height} and
 * radial_tangential {radial, t1, t2}; rightToLeft {rotation [9], x, y, z}, so that R is
 * the transposed rotation and T = -R (x, y, z). The unit is that of the target.
 */
#include <string.h>

#include "calib/format.h"
#include "calib/matrix3.h"
#include "calib/rigid_pose.h"

static const char *const sides[2] = {"left", "right"};

static bool recognise(const struct calibration_source *source)
{
    return document_get(source->root, "rightToLeft") != NULL &&
           document_get(document_get(source->root, "left"), "pinhole") != NULL;
}

/* radial_tangential {radial [2 or 3], t1, t2}; a pinhole alone has none. */
static enum po_status read_lens(const struct calibration_source *source,
                                const struct document_node *map,
                                const struct document_node *lens,
                                struct parsed_camera *camera, struct po_error *error)
{
    static const char *const radial_keys[] = {"radial", NULL};
    static const char *const tangential_keys[] = {"t1", "t2", NULL};
    const char *model = document_text(document_get(map, "model"));
    double radial[3] = {0, 0, 0};
    int count = 0;
    camera->model = DISTORTION_RADTAN;
    camera->lens_stated = true;
    if (lens == NULL && model != NULL && strcmp(model, "pinhole") == 0)
        return PO_OK;
    if (document_get_any(lens, radial_keys) == NULL)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: %s.radial_tangential.radial is missing", source->path,
                       map->key);
    enum po_status status = tree_numbers(source, lens, radial_keys,
                                         &(struct number_list){3, radial, &count}, error);
    if (status == PO_OK)
        status = tree_named_numbers(source, lens, tangential_keys, 0,
                                    camera->coefficients + 2, error);
    camera->coefficients[0] = radial[0];
    camera->coefficients[1] = radial[1];
    camera->coefficients[4] = radial[2];
    camera->coefficient_count = 5;
    return status;
}

static enum po_status read_camera(const struct calibration_source *source, int side,
                                  struct parsed_calibration *parsed,
                                  struct po_error *error)
{
    static const char *const pinhole_keys[] = {"fx", "fy", "cx", "cy", "skew", NULL};
    const struct document_node *map = document_get(source->root, sides[side]);
    const struct document_node *pinhole = document_get(map, "pinhole");
    const struct document_node *lens = document_get(map, "radial_tangential");
    struct parsed_camera *camera = &parsed->cameras[side];
    double k[5];
    enum po_status status =
        tree_named_numbers(source, pinhole, pinhole_keys, 4, k, error);
    if (status == PO_OK)
        status = read_lens(source, map, lens, camera, error);
    if (status != PO_OK)
        return status;
    matrix_set(camera, k[0], k[1], k[2], k[3]);
    camera->matrix[1] = k[4];
    double width = document_number(document_get(pinhole, "width"), 0);
    double height = document_number(document_get(pinhole, "height"), 0);
    if (width >= 1 && width <= 1e6 && height >= 1 && height <= 1e6) {
        parsed->width_px = (int)width;
        parsed->height_px = (int)height;
    }
    return PO_OK;
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    static const char *const rotation_keys[] = {"rotation", NULL};
    static const char *const axes[] = {"x", "y", "z", NULL};
    const struct document_node *pose = document_get(source->root, "rightToLeft");
    enum po_status status =
        tree_matrix(source, pose, rotation_keys, 9, parsed->rotation, error);
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = read_camera(source, side, parsed, error);
    if (status == PO_OK)
        status = tree_named_numbers(source, pose, axes, 3, parsed->translation, error);
    if (status != PO_OK)
        return status;
    rigid_pose_invert(parsed->rotation, parsed->translation);
    parsed->has_rotation = parsed->has_translation = true;
    return PO_OK;
}

const struct calibration_format format_boofcv = {"boofcv", SYNTAX_TREE, recognise, read};
