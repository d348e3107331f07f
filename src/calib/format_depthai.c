/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Luxonis OAK (depthai) EEPROM JSON: cameraData [[socket, {cameraType, distortionCoeff,
 * extrinsics {rotationMatrix, translation {x y z}, toCameraSocket}, width, height,
 * intrinsicMatrix}], ...] and stereoRectificationData {leftCameraSocket,
 * rightCameraSocket}. An extrinsic takes points of its camera to the named one; a chain
 * of them leads from one to the other. Centimetres.
 */
#include <string.h>

#include "calib/format.h"
#include "calib/matrix3.h"
#include "calib/rigid_pose.h"

enum { LONGEST_CHAIN = 8, FISHEYE_TYPE = 1, FISHEYE_COEFFICIENTS = 4 };

static bool recognise(const struct calibration_source *source)
{
    return document_get(source->root, "cameraData") != NULL &&
           document_get(source->root, "stereoRectificationData") != NULL;
}

/* The map of a socket: the second of the pair that begins with its number. */
static const struct document_node *camera_of(const struct calibration_source *source,
                                             int socket)
{
    const struct document_node *list = document_get(source->root, "cameraData");
    const struct document_node *pair =
        list != NULL && list->kind == DOCUMENT_LIST ? list->first : NULL;
    for (; socket >= 0 && pair != NULL; pair = pair->next)
        if (pair->kind == DOCUMENT_LIST && pair->first != NULL &&
            document_number(pair->first, -1) == socket)
            return pair->first->next;
    return NULL;
}

static int whole(const struct document_node *node)
{
    double value = document_number(node, -1);
    return value >= 0 && value <= 1e6 ? (int)value : -1;
}

static enum po_status read_camera(const struct calibration_source *source, int socket,
                                  struct parsed_camera *camera, int size[2],
                                  struct po_error *error)
{
    static const char *const matrix_keys[] = {"intrinsicMatrix", NULL};
    static const char *const lens_keys[] = {"distortionCoeff", NULL};
    const struct document_node *map = camera_of(source, socket);
    if (map == NULL)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: cameraData holds no camera of socket %d", source->path,
                       socket);
    enum po_status status =
        tree_matrix(source, map, matrix_keys, 9, camera->matrix, error);
    if (status == PO_OK)
        status = tree_distortion(source, map, lens_keys, camera, error);
    camera->has_matrix = status == PO_OK;
    camera->lens_stated = true;
    camera->model = DISTORTION_RADTAN;
    if (document_number(document_get(map, "cameraType"), 0) == FISHEYE_TYPE) {
        camera->model = DISTORTION_FISHEYE;
        if (camera->coefficient_count > FISHEYE_COEFFICIENTS)
            camera->coefficient_count = FISHEYE_COEFFICIENTS;
    }
    size[0] = whole(document_get(map, "width"));
    size[1] = whole(document_get(map, "height"));
    return status;
}

struct pose {
    double rotation[9];
    double place[3];
};

/* pose <- step pose, to the camera that the extrinsics of `socket` name; -1: the end. */
static int follow(const struct calibration_source *source, int socket, struct pose *pose,
                  enum po_status *status, struct po_error *error)
{
    static const char *const rotation_keys[] = {"rotationMatrix", NULL};
    static const char *const axes[] = {"x", "y", "z", NULL};
    double step[3];
    const struct document_node *map =
        document_get(camera_of(source, socket), "extrinsics");
    int next = whole(document_get(map, "toCameraSocket"));
    double turn[9];
    double before[9];
    if (next < 0 || camera_of(source, next) == NULL)
        return -1;
    *status = tree_matrix(source, map, rotation_keys, 9, turn, error);
    if (*status == PO_OK)
        *status = tree_named_numbers(source, document_get(map, "translation"), axes, 3,
                                     step, error);
    if (*status != PO_OK)
        return -1;
    memcpy(before, pose->rotation, sizeof(before));
    matrix3_multiply(pose->rotation, turn, before);
    matrix3_apply(pose->place, turn, pose->place);
    for (int i = 0; i < 3; i++)
        pose->place[i] += step[i];
    return next;
}

/* From one socket to another along the chain; false when it does not lead there. */
static bool chain(const struct calibration_source *source, int from, int to,
                  struct pose *pose, enum po_status *status, struct po_error *error)
{
    memset(pose, 0, sizeof(*pose));
    memcpy(pose->rotation, matrix3_identity, sizeof(matrix3_identity));
    for (int i = 0; i < LONGEST_CHAIN && from >= 0 && from != to; i++)
        from = follow(source, from, pose, status, error);
    return from == to && *status == PO_OK;
}

/* Straight from left to right, back from right to left, or over a camera both reach. */
static bool find_pose(const struct calibration_source *source, const int sockets[2],
                      struct pose *pose, enum po_status *status, struct po_error *error)
{
    enum { LAST_SOCKET = 16 };
    if (chain(source, sockets[0], sockets[1], pose, status, error))
        return true;
    if (chain(source, sockets[1], sockets[0], pose, status, error)) {
        rigid_pose_invert(pose->rotation, pose->place);
        return true;
    }
    for (int meeting = 0; meeting < LAST_SOCKET && *status == PO_OK; meeting++) {
        struct pose right;
        double before[9];
        if (!chain(source, sockets[0], meeting, pose, status, error) ||
            !chain(source, sockets[1], meeting, &right, status, error))
            continue;
        rigid_pose_invert(right.rotation, right.place);
        memcpy(before, pose->rotation, sizeof(before));
        matrix3_multiply(pose->rotation, right.rotation, before);
        matrix3_apply(pose->place, right.rotation, pose->place);
        for (int i = 0; i < 3; i++)
            pose->place[i] += right.place[i];
        return true;
    }
    return false;
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    static const double MM_A_CENTIMETRE = 10;
    const struct document_node *rig =
        document_get(source->root, "stereoRectificationData");
    int sockets[2] = {whole(document_get(rig, "leftCameraSocket")),
                      whole(document_get(rig, "rightCameraSocket"))};
    int sizes[2][2] = {{0, 0}, {0, 0}};
    struct pose pose;
    enum po_status status = PO_OK;
    if (sockets[0] < 0 || sockets[1] < 0)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: leftCameraSocket and rightCameraSocket of "
                       "stereoRectificationData are to be the cameras' numbers",
                       source->path);
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = read_camera(source, sockets[side], &parsed->cameras[side], sizes[side],
                             error);
    if (status != PO_OK)
        return status;
    if (!find_pose(source, sockets, &pose, &status, error))
        return status != PO_OK
                   ? status
                   : po_fail(error, PO_BAD_CALIBRATION,
                             "%s: no extrinsics lead from socket %d to socket %d",
                             source->path, sockets[0], sockets[1]);
    memcpy(parsed->rotation, pose.rotation, sizeof(pose.rotation));
    for (int i = 0; i < 3; i++)
        parsed->translation[i] = pose.place[i] * MM_A_CENTIMETRE;
    parsed->has_rotation = parsed->has_translation = true;
    parsed->unit = PARSED_UNIT_MM;
    if (sizes[0][0] > 0 && sizes[0][1] > 0 && sizes[0][0] == sizes[1][0]) {
        parsed->width_px = sizes[0][0];
        parsed->height_px = sizes[0][1];
    }
    return PO_OK;
}

const struct calibration_format format_depthai = {"depthai", SYNTAX_TREE, recognise,
                                                  read};
