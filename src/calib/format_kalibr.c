/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kalibr camchain.yaml: cam0, cam1, ... with camera_model pinhole, intrinsics
 * [fu fv pu pv], radtan or equidistant distortion, resolution, and T_cn_cnm1 that takes
 * the camera before to this one. Metres.
 */
#include <stdio.h>
#include <string.h>

#include "calib/format.h"
#include "calib/matrix3.h"
#include "calib/rigid_pose.h"

enum { MAX_CAMERAS = 16 };

static const struct document_node *camera_node(const struct calibration_source *source,
                                               int index)
{
    char key[16];
    (void)snprintf(key, sizeof(key), "cam%d", index);
    return document_get(source->root, key);
}

static bool recognise(const struct calibration_source *source)
{
    const struct document_node *first = camera_node(source, 0);
    return document_get(first, "camera_model") != NULL ||
           document_get(first, "intrinsics") != NULL;
}

static enum po_status check_models(const struct calibration_source *source, int index,
                                   const struct document_node *node,
                                   struct parsed_camera *camera, struct po_error *error)
{
    const char *model = document_text(document_get(node, "camera_model"));
    const char *distortion = document_text(document_get(node, "distortion_model"));
    camera->lens_stated = true; /* radtan where it is silent */
    if (model != NULL && strcmp(model, "pinhole") != 0)
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: cam%d has camera_model %s, which is not supported; calibrate "
                       "with pinhole-radtan or pinhole-equi",
                       source->path, index, model);
    if (distortion == NULL || strcmp(distortion, "none") == 0) {
        camera->model = DISTORTION_NONE;
        return PO_OK;
    }
    camera->model = DISTORTION_RADTAN;
    if (strcmp(distortion, "radtan") == 0)
        return PO_OK;
    camera->model = DISTORTION_FISHEYE;
    if (strcmp(distortion, "equidistant") == 0)
        return PO_OK;
    return po_fail(error, PO_UNSUPPORTED,
                   "%s: cam%d has distortion_model %s, which is not supported; want "
                   "radtan or equidistant",
                   source->path, index, distortion);
}

static enum po_status read_camera(const struct calibration_source *source, int index,
                                  struct parsed_camera *camera, double size[2],
                                  struct po_error *error)
{
    static const char *const intrinsics_keys[] = {"intrinsics", NULL};
    static const char *const coefficient_keys[] = {"distortion_coeffs", NULL};
    static const char *const resolution_keys[] = {"resolution", NULL};
    const struct document_node *node = camera_node(source, index);
    double k[4];
    enum po_status status = check_models(source, index, node, camera, error);
    if (status == PO_OK)
        status = tree_matrix(source, node, intrinsics_keys, 4, k, error);
    if (status == PO_OK && camera->model != DISTORTION_NONE)
        status = tree_distortion(source, node, coefficient_keys, camera, error);
    if (status == PO_OK)
        status = tree_matrix(source, node, resolution_keys, 2, size, error);
    if (status == PO_OK)
        matrix_set(camera, k[0], k[1], k[2], k[3]);
    return status;
}

/* (R, T) <- step (R, T), step = T_cn_cnm1. */
static enum po_status append_step(const struct calibration_source *source, int index,
                                  double rotation[9], double translation[3],
                                  struct po_error *error)
{
    static const char *const step_keys[] = {"T_cn_cnm1", NULL};
    double step[16];
    double turn[9];
    double offset[3];
    double before[9];
    enum po_status status =
        tree_matrix(source, camera_node(source, index), step_keys, 16, step, error);
    if (status != PO_OK)
        return status;
    transform_split(step, turn, offset);
    memcpy(before, rotation, sizeof(before));
    matrix3_multiply(rotation, turn, before);
    matrix3_apply(translation, turn, translation);
    for (int i = 0; i < 3; i++)
        translation[i] += offset[i];
    return PO_OK;
}

/* From the lower to the higher number along the chain; inverted when asked backwards. */
static enum po_status chain_pose(const struct calibration_source *source,
                                 const int chosen[2], struct parsed_calibration *parsed,
                                 struct po_error *error)
{
    bool backwards = chosen[0] > chosen[1];
    int from = chosen[backwards];
    int to = chosen[!backwards];
    memcpy(parsed->rotation, matrix3_identity, sizeof(matrix3_identity));
    for (int i = from + 1; i <= to; i++) {
        enum po_status status =
            append_step(source, i, parsed->rotation, parsed->translation, error);
        if (status != PO_OK)
            return status;
    }
    if (backwards)
        rigid_pose_invert(parsed->rotation, parsed->translation);
    parsed->has_rotation = parsed->has_translation = true;
    return PO_OK;
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    int count = 0;
    int chosen[2];
    double sizes[2][2] = {{0, 0}, {0, 0}};
    while (count < MAX_CAMERAS && camera_node(source, count) != NULL)
        count++;
    enum po_status status = cameras_choose(source, count, chosen, error);
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status =
            read_camera(source, chosen[side], &parsed->cameras[side], sizes[side], error);
    if (status == PO_OK)
        status = chain_pose(source, chosen, parsed, error);
    parsed->unit = PARSED_UNIT_M;
    parsed->numbered = true;
    return status == PO_OK ? parsed_set_sizes(source, sizes, parsed, error) : status;
}

const struct calibration_format format_kalibr = {"kalibr", SYNTAX_TREE, recognise, read};
