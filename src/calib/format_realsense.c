/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RealSense intrinsics as librealsense names them, in JSON or YAML: a map a camera with
 * width height fx fy ppx ppy, model and coeffs, called left and right or infrared1 and
 * infrared2; and `baseline` or `extrinsics` {rotation [9] column by column, translation}
 * from left to right. Metres. The infrared streams of D400 cameras are rectified.
 */
#include <math.h>
#include <string.h>

#include "calib/matrices.h"
#include "calib/matrix3.h"

static bool is_camera(const struct document_node *map)
{
    return document_get(map, "ppx") != NULL && document_get(map, "fx") != NULL;
}

/* "left", "infrared_1", "ir2": 0 or 1; -1 for others, such as "color". */
static int side_of_key(const char *key)
{
    size_t length = strlen(key);
    int side = side_of_name(key);
    if (side >= 0 || length == 0)
        return side;
    char last = key[length - 1];
    bool infrared = strncmp(key, "i", 1) == 0 || strncmp(key, "fisheye", 7) == 0;
    return infrared && (last == '1' || last == '2') ? last - '1' : -1;
}

static void find_cameras(const struct document_node *root,
                         const struct document_node *cameras[2])
{
    cameras[0] = cameras[1] = NULL;
    const struct document_node *node =
        root != NULL && root->kind == DOCUMENT_MAP ? root->first : NULL;
    for (; node != NULL; node = node->next) {
        int side = is_camera(node) && node->key != NULL ? side_of_key(node->key) : -1;
        if (side >= 0 && cameras[side] == NULL)
            cameras[side] = node;
    }
}

static bool recognise(const struct calibration_source *source)
{
    const struct document_node *cameras[2];
    find_cameras(source->root, cameras);
    return cameras[0] != NULL && cameras[1] != NULL;
}

static enum po_status read_lens(const struct calibration_source *source,
                                const struct document_node *map,
                                struct parsed_camera *camera, struct po_error *error)
{
    static const char *const coefficient_keys[] = {"coeffs", "coefficients", NULL};
    const char *model = document_text(document_get(map, "model"));
    const char *dot = model != NULL ? strrchr(model, '.') : NULL;
    if (model == NULL && document_get_any(map, coefficient_keys) == NULL)
        return PO_OK;
    enum po_status status = tree_distortion(source, map, coefficient_keys, camera, error);
    bool all_zero = true;
    for (int i = 0; i < camera->coefficient_count; i++)
        all_zero &= camera->coefficients[i] == 0;
    if (all_zero)
        camera->coefficient_count = 0;
    if (status != PO_OK || camera->coefficient_count == 0)
        return status;
    status = lens_model_of(source, dot != NULL ? dot + 1 : model, &camera->model,
                           &camera->lens_stated, error);
    if (camera->model == DISTORTION_FISHEYE && camera->coefficient_count == 5 &&
        camera->coefficients[4] == 0)
        camera->coefficient_count = 4;
    return status;
}

static enum po_status read_camera(const struct calibration_source *source,
                                  const struct document_node *map, int side,
                                  struct parsed_calibration *parsed,
                                  struct po_error *error)
{
    static const char *const lens_keys[] = {"fx", "fy", "ppx", "ppy", NULL};
    struct parsed_camera *camera = &parsed->cameras[side];
    double width = document_number(document_get(map, "width"), 0);
    double height = document_number(document_get(map, "height"), 0);
    double k[4];
    enum po_status status = tree_named_numbers(source, map, lens_keys, 4, k, error);
    if (status != PO_OK)
        return status;
    matrix_set(camera, k[0], k[1], k[2], k[3]);
    if (width >= 1 && width <= 1e6 && height >= 1 && height <= 1e6) {
        parsed->width_px = (int)width;
        parsed->height_px = (int)height;
    }
    return read_lens(source, map, camera, error);
}

/* Rotations are stored column by column: row by row it is the transposed one. */
static enum po_status read_pose(const struct calibration_source *source,
                                struct parsed_calibration *parsed, struct po_error *error)
{
    static const char *const rotation_keys[] = {"rotation", NULL};
    static const char *const translation_keys[] = {"translation", NULL};
    static const char *const baseline_keys[] = {"baseline", NULL};
    const struct document_node *pose = document_get(source->root, "extrinsics");
    double baseline;
    double columns[9];
    enum po_status status =
        tree_named_numbers(source, source->root, baseline_keys, 0, &baseline, error);
    if (status != PO_OK)
        return status;
    memcpy(parsed->rotation, matrix3_identity, sizeof(matrix3_identity));
    parsed->has_rotation = parsed->has_translation = true;
    parsed->unit = PARSED_UNIT_M;
    if (pose == NULL && baseline == 0)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: holds two cameras, but neither baseline nor extrinsics",
                       source->path);
    if (pose == NULL) {
        parsed->translation[0] = baseline > 0 ? -baseline : baseline;
        /* Nobody writes metres above one, as no RealSense is that wide. */
        parsed->unit = fabs(baseline) > 1 ? PARSED_UNIT_MM : PARSED_UNIT_M;
        return PO_OK;
    }
    status = tree_matrix(source, pose, rotation_keys, 9, columns, error);
    if (status == PO_OK)
        status =
            tree_matrix(source, pose, translation_keys, 3, parsed->translation, error);
    if (status == PO_OK)
        matrix3_transpose(parsed->rotation, columns);
    return status;
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    const struct document_node *cameras[2];
    enum po_status status = PO_OK;
    find_cameras(source->root, cameras);
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = read_camera(source, cameras[side], side, parsed, error);
    return status == PO_OK ? read_pose(source, parsed, error) : status;
}

const struct calibration_format format_realsense = {"realsense", SYNTAX_TREE, recognise,
                                                    read};
