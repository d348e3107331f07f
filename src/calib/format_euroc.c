/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EuRoC MAV: cam<N>/sensor.yaml a camera, with T_BS from the sensor to the body
 * (metres), intrinsics fu fv cu cv and radial-tangential or equidistant distortion.
 */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "calib/format.h"
#include "calib/matrix3.h"
#include "calib/rigid_pose.h"

static const char *const t_bs_keys[] = {"T_BS", NULL};
static const char *const intrinsics_keys[] = {"intrinsics", NULL};
static const char *const distortion_keys[] = {"distortion_coefficients", NULL};
static const char *const resolution_keys[] = {"resolution", NULL};

static bool recognise(const struct calibration_source *source)
{
    return document_get(source->root, "T_BS") != NULL &&
           document_get(source->root, "intrinsics") != NULL;
}

/* ".../cam0/sensor.yaml" to ".../cam<number>/sensor.yaml". */
static bool sibling_path(char out[CALIBRATION_PATH], const char *path, int number)
{
    char folder[CALIBRATION_PATH];
    if (!path_directory(folder, sizeof(folder), path))
        return false;
    const char *name = path_name(folder);
    bool by_name = strncmp(name, "cam", 3) == 0;
    int keep = by_name ? (int)(name - folder) : (int)strlen(folder);
    int length = snprintf(out, CALIBRATION_PATH, "%.*s%scam%d/%s", keep, folder,
                          by_name ? "" : "/../", number, path_name(path));
    return length > 0 && length < CALIBRATION_PATH;
}

static enum po_status read_distortion(const struct calibration_source *source,
                                      struct parsed_camera *camera,
                                      struct po_error *error)
{
    const char *model = document_text(document_get(source->root, "distortion_model"));
    const char *camera_model = document_text(document_get(source->root, "camera_model"));
    camera->lens_stated = true; /* radial-tangential where it is silent */
    if (camera_model != NULL && strcmp(camera_model, "pinhole") != 0)
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: camera_model %s is not supported; want pinhole", source->path,
                       camera_model);
    if (model == NULL || strcmp(model, "radial-tangential") == 0 ||
        strcmp(model, "radtan") == 0)
        camera->model = DISTORTION_RADTAN;
    else if (strcmp(model, "equidistant") == 0)
        camera->model = DISTORTION_FISHEYE;
    else
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: distortion_model %s is not supported; want "
                       "radial-tangential or equidistant",
                       source->path, model);
    if (model == NULL && document_get_any(source->root, distortion_keys) == NULL)
        return PO_OK;
    return tree_distortion(source, source->root, distortion_keys, camera, error);
}

static enum po_status read_camera(const struct calibration_source *source,
                                  struct parsed_camera *camera, double pose[16],
                                  double size[2], struct po_error *error)
{
    double k[4];
    enum po_status status = tree_matrix(source, source->root, t_bs_keys, 16, pose, error);
    if (status == PO_OK)
        status = tree_matrix(source, source->root, intrinsics_keys, 4, k, error);
    if (status == PO_OK)
        status = tree_matrix(source, source->root, resolution_keys, 2, size, error);
    if (status == PO_OK)
        status = read_distortion(source, camera, error);
    if (status == PO_OK)
        matrix_set(camera, k[0], k[1], k[2], k[3]);
    return status;
}

/* T_right_left = inv(T_BS_right) T_BS_left. */
static void relative_pose(const double left[16], const double right[16],
                          struct parsed_calibration *parsed)
{
    double rotations[2][9];
    double places[2][3];
    transform_split(left, rotations[0], places[0]);
    transform_split(right, rotations[1], places[1]);
    rigid_pose_between(rotations, places, parsed->rotation, parsed->translation);
    parsed->has_rotation = parsed->has_translation = true;
}

static enum po_status load_camera(const struct calibration_source *source, int number,
                                  struct parsed_camera *camera, double pose[16],
                                  double size[2], struct po_error *error)
{
    struct calibration_source other = {0};
    char path[CALIBRATION_PATH];
    if (!sibling_path(path, source->path, number))
        return po_fail(error, PO_NOT_FOUND, "%s: the path is too long", source->path);
    enum po_status status = calibration_source_load(&other, path, error);
    if (status == PO_OK)
        status = calibration_source_parse(&other, error);
    if (status == PO_OK)
        status = read_camera(&other, camera, pose, size, error);
    if (status == PO_NOT_FOUND)
        status = po_fail(error, PO_BAD_CALIBRATION,
                         "%s: the other camera's file %s is missing", source->path, path);
    calibration_source_release(&other);
    return status;
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    int chosen[2] = {0, 1};
    double poses[2][16] = {{0}, {0}};
    double sizes[2][2] = {{0, 0}, {0, 0}};
    enum po_status status = PO_OK;
    if (source->request != NULL && source->request->cameras != NULL)
        status = cameras_choose(source, 1000, chosen, error);
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = load_camera(source, chosen[side], &parsed->cameras[side], poses[side],
                             sizes[side], error);
    if (status != PO_OK)
        return status;
    parsed->unit = PARSED_UNIT_M;
    parsed->numbered = true;
    relative_pose(poses[0], poses[1], parsed);
    return parsed_set_sizes(source, sizes, parsed, error);
}

const struct calibration_format format_euroc = {"euroc", SYNTAX_TREE, recognise, read};
