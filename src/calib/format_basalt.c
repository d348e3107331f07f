/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Basalt calibration JSON: value0 with T_imu_cam [{px py pz qx qy qz qw}, ...] from each
 * camera to the IMU, intrinsics [{camera_type, intrinsics {...}}, ...] and resolution
 * [[width, height], ...]. Metres. Cameras of type pinhole, pinhole-radtan8 and kb4.
 */
#include <math.h>
#include <string.h>

#include "calib/format.h"
#include "calib/matrix3.h"
#include "calib/rigid_pose.h"

enum { MAX_CAMERAS = 16 };

static const struct document_node *top(const struct calibration_source *source)
{
    const struct document_node *inner = document_get(source->root, "value0");
    return inner != NULL ? inner : source->root;
}

static bool recognise(const struct calibration_source *source)
{
    return document_get(top(source), "T_imu_cam") != NULL &&
           document_get(top(source), "intrinsics") != NULL;
}

static const struct document_node *item(const struct document_node *list, int index)
{
    const struct document_node *node =
        list != NULL && list->kind == DOCUMENT_LIST ? list->first : NULL;
    while (node != NULL && index-- > 0)
        node = node->next;
    return node;
}

struct lens_kind {
    const char *name;
    enum distortion_model model;
    int key_count;
    const char *keys[9]; /* in OpenCV's order */
};

static const struct lens_kind lenses[] = {
    {"pinhole", DISTORTION_NONE, 0, {NULL}},
    {"kb4", DISTORTION_FISHEYE, 4, {"k1", "k2", "k3", "k4", NULL}},
    {"pinhole-radtan8",
     DISTORTION_RADTAN,
     8,
     {"k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6", NULL}},
};

static enum po_status read_camera(const struct calibration_source *source, int index,
                                  struct parsed_camera *camera, struct po_error *error)
{
    const struct document_node *node =
        item(document_get(top(source), "intrinsics"), index);
    static const char *const focal_keys[] = {"fx", "fy", "cx", "cy", NULL};
    const struct document_node *values = document_get(node, "intrinsics");
    double k[4];
    const char *type = document_text(document_get(node, "camera_type"));
    const struct lens_kind *kind = NULL;
    for (size_t i = 0; i < sizeof(lenses) / sizeof(lenses[0]); i++)
        if (type != NULL && strcmp(type, lenses[i].name) == 0)
            kind = &lenses[i];
    if (kind == NULL)
        return po_fail(
            error, PO_UNSUPPORTED,
            "%s: camera %d is of type %.40s, which is not supported; calibrate "
            "with kb4, pinhole or pinhole-radtan8",
            source->path, index, type != NULL ? type : "unknown");
    enum po_status status = tree_named_numbers(source, values, focal_keys, 4, k, error);
    if (status == PO_OK)
        status = tree_named_numbers(source, values, kind->keys, kind->key_count,
                                    camera->coefficients, error);
    if (status != PO_OK)
        return status;
    matrix_set(camera, k[0], k[1], k[2], k[3]);
    camera->model = kind->model;
    camera->lens_stated = true;
    camera->coefficient_count = kind->key_count;
    return PO_OK;
}

/* The rotation of a unit quaternion (x, y, z, w). */
static void rotation_of(const double q[4], double r[9])
{
    double n = q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3];
    double s = n > 0 ? 2 / n : 0;
    const double rotation[9] = {
        1 - s * (q[1] * q[1] + q[2] * q[2]), s * (q[0] * q[1] - q[2] * q[3]),
        s * (q[0] * q[2] + q[1] * q[3]),     s * (q[0] * q[1] + q[2] * q[3]),
        1 - s * (q[0] * q[0] + q[2] * q[2]), s * (q[1] * q[2] - q[0] * q[3]),
        s * (q[0] * q[2] - q[1] * q[3]),     s * (q[1] * q[2] + q[0] * q[3]),
        1 - s * (q[0] * q[0] + q[1] * q[1])};
    memcpy(r, rotation, sizeof(rotation));
}

static enum po_status read_pose(const struct calibration_source *source, int index,
                                double rotation[9], double place[3],
                                struct po_error *error)
{
    static const char *const pose_keys[] = {"qx", "qy", "qz", "qw",
                                            "px", "py", "pz", NULL};
    const struct document_node *node =
        item(document_get(top(source), "T_imu_cam"), index);
    double v[7] = {0};
    enum po_status status = tree_named_numbers(source, node, pose_keys, 7, v, error);
    rotation_of(v, rotation);
    memcpy(place, v + 4, 3 * sizeof(double));
    return status;
}

/* T_right_left = inv(T_imu_right) T_imu_left. */
static enum po_status relative_pose(const struct calibration_source *source,
                                    const int chosen[2],
                                    struct parsed_calibration *parsed,
                                    struct po_error *error)
{
    double rotations[2][9];
    double places[2][3];
    for (int side = 0; side < 2; side++) {
        enum po_status status =
            read_pose(source, chosen[side], rotations[side], places[side], error);
        if (status != PO_OK)
            return status;
    }
    rigid_pose_between(rotations, places, parsed->rotation, parsed->translation);
    parsed->has_rotation = parsed->has_translation = true;
    return PO_OK;
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    int count = 0;
    int chosen[2];
    double size[2];
    int got;
    while (count < MAX_CAMERAS && item(document_get(top(source), "T_imu_cam"), count))
        count++;
    enum po_status status = cameras_choose(source, count, chosen, error);
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = read_camera(source, chosen[side], &parsed->cameras[side], error);
    if (status != PO_OK)
        return status;
    const struct document_node *resolution =
        item(document_get(top(source), "resolution"), chosen[0]);
    if (document_numbers(resolution, size, 2, &got) && got == 2 && size[0] >= 1 &&
        size[0] <= 1e6 && size[1] >= 1 && size[1] <= 1e6) {
        parsed->width_px = (int)size[0];
        parsed->height_px = (int)size[1];
    }
    parsed->unit = PARSED_UNIT_M;
    parsed->numbered = true;
    return relative_pose(source, chosen, parsed, error);
}

const struct calibration_format format_basalt = {"basalt", SYNTAX_TREE, recognise, read};
