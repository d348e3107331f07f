/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ORB-SLAM settings. Version 2: LEFT.K LEFT.D LEFT.R LEFT.P and RIGHT. likewise, or
 * Camera.fx ... alone for rectified images, with Camera.bf in pixels times metres.
 * Version 3: Camera1.fx ... Camera1.k1 ..., Camera2. likewise, Stereo.T_c1_c2 from the
 * second camera to the first (Tlr in earlier files), or Stereo.b for rectified images.
 * Metres.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/matrices.h"
#include "calib/matrix3.h"
#include "calib/rigid_pose.h"

static const char *const pose_keys[] = {"Stereo.T_c1_c2", "Tlr", NULL};

static const struct document_node *get(const struct calibration_source *source,
                                       const char *camera, const char *name)
{
    char key[48];
    (void)snprintf(key, sizeof(key), "%s.%s", camera, name);
    return document_get(source->root, key);
}

/* Part of a rig of raw cameras, which the one of Camera.fx and Camera.bf is not. */
static bool holds_matrices(const struct calibration_source *source)
{
    static const char *const sides[] = {"LEFT", "RIGHT"};
    static const char *const names[] = {"K", "D", "R", "P"};
    for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
        for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
            if (get(source, sides[i], names[k]) != NULL)
                return true;
    return false;
}

static bool recognise(const struct calibration_source *source)
{
    bool stereo = document_get(source->root, "Camera.bf") != NULL ||
                  document_get(source->root, "Stereo.b") != NULL ||
                  document_get_any(source->root, pose_keys) != NULL ||
                  holds_matrices(source);
    return stereo && (get(source, "Camera", "fx") != NULL ||
                      get(source, "Camera1", "fx") != NULL || holds_matrices(source));
}

static void read_size(const struct calibration_source *source,
                      struct parsed_calibration *parsed)
{
    static const char *const camera_keys[] = {"LEFT", "Camera", NULL};
    for (int i = 0; camera_keys[i] != NULL && parsed->width_px == 0; i++) {
        double width = document_number(get(source, camera_keys[i], "width"), 0);
        double height = document_number(get(source, camera_keys[i], "height"), 0);
        if (width >= 1 && width <= 1e6 && height >= 1 && height <= 1e6) {
            parsed->width_px = (int)width;
            parsed->height_px = (int)height;
        }
    }
}

static enum po_status read_numbers(const struct calibration_source *source,
                                   const char *camera, const char *name, int count,
                                   double *values, struct po_error *error)
{
    const struct document_node *node = get(source, camera, name);
    if (node == NULL)
        return po_fail(error, PO_BAD_CALIBRATION, "%s: %s.%s is missing", source->path,
                       camera, name);
    return node_matrix(source, node, count, values, error);
}

/* LEFT.K LEFT.D LEFT.R LEFT.P. */
static enum po_status read_matrices(const struct calibration_source *source,
                                    const char *name, struct parsed_camera *camera,
                                    struct po_error *error)
{
    const struct document_node *distortion = get(source, name, "D");
    enum po_status status = read_numbers(source, name, "K", 9, camera->matrix, error);
    camera->model = DISTORTION_RADTAN;
    camera->lens_stated = true;
    if (status == PO_OK && distortion != NULL)
        status = node_numbers(source, distortion, DISTORTION_MAX, camera->coefficients,
                              &camera->coefficient_count, error);
    if (status == PO_OK)
        status = read_numbers(source, name, "R", 9, camera->rectification, error);
    if (status == PO_OK)
        status = read_numbers(source, name, "P", 12, camera->projection, error);
    camera->has_matrix = camera->has_rectification = camera->has_projection = true;
    return status;
}

static enum po_status read_focal(const struct calibration_source *source,
                                 const char *name, double k[4], struct po_error *error)
{
    static const char *const keys[4] = {"fx", "fy", "cx", "cy"};
    for (int i = 0; i < 4; i++) {
        enum po_status status = read_numbers(source, name, keys[i], 1, &k[i], error);
        if (status != PO_OK)
            return status;
    }
    return PO_OK;
}

/* Camera1.k1 ...: 0 where a key is missing. */
static enum po_status read_lens(const struct calibration_source *source, const char *name,
                                const char *const *keys, double *values,
                                struct po_error *error)
{
    char whole[6][48];
    const char *names[6] = {NULL};
    for (int i = 0; i < 5 && keys[i] != NULL; i++) {
        (void)snprintf(whole[i], sizeof(whole[i]), "%s.%s", name, keys[i]);
        names[i] = whole[i];
    }
    return tree_named_numbers(source, source->root, names, 0, values, error);
}

/* Camera1.fx ... with k1 k2 p1 p2 k3, or k1 .. k4 of a fisheye lens. */
static enum po_status read_camera(const struct calibration_source *source,
                                  const char *name, struct parsed_camera *camera,
                                  struct po_error *error)
{
    static const char *const radtan_keys[] = {"k1", "k2", "p1", "p2", "k3", NULL};
    static const char *const fisheye_keys[] = {"k1", "k2", "k3", "k4", NULL};
    const char *type = document_text(document_get(source->root, "Camera.type"));
    double k[4];
    enum po_status status = read_focal(source, name, k, error);
    if (status == PO_OK)
        status = lens_model_of(source, type, &camera->model, &camera->lens_stated, error);
    if (status != PO_OK)
        return status;
    camera->lens_stated = true; /* PinHole has tangential terms, by their names */
    const char *const *names =
        camera->model == DISTORTION_FISHEYE ? fisheye_keys : radtan_keys;
    status = read_lens(source, name, names, camera->coefficients, error);
    while (names[camera->coefficient_count] != NULL)
        camera->coefficient_count++;
    matrix_set(camera, k[0], k[1], k[2], k[3]);
    return status;
}

/* T_c1_c2 takes points of the second camera to the first: its inverse is R, T. */
static enum po_status read_pose(const struct calibration_source *source,
                                struct parsed_calibration *parsed, struct po_error *error)
{
    double transform[16];
    int count;
    const struct document_node *node = document_get_any(source->root, pose_keys);
    enum po_status status = node_numbers(source, node, 16, transform, &count, error);
    if (status == PO_OK && count != 12 && count != 16)
        status = po_fail(error, PO_BAD_CALIBRATION, "%s: %s has %d numbers; want 16",
                         source->path, node->key, count);
    if (status != PO_OK)
        return status;
    transform_split(transform, parsed->rotation, parsed->translation);
    rigid_pose_invert(parsed->rotation, parsed->translation);
    parsed->has_rotation = parsed->has_translation = true;
    return PO_OK;
}

/* One camera for both, and the baseline: bf = fx B, or b = B. */
static enum po_status read_rectified(const struct calibration_source *source,
                                     struct parsed_calibration *parsed,
                                     struct po_error *error)
{
    static const char *const lens_keys[] = {"k1", "k2", "p1", "p2", NULL};
    static const char *const base_keys[] = {"Camera.bf", "Stereo.b", NULL};
    const char *name = get(source, "Camera1", "fx") != NULL ? "Camera1" : "Camera";
    double k[4];
    double lens[4];
    double bases[2];
    enum po_status status = read_focal(source, name, k, error);
    if (status == PO_OK)
        status = read_lens(source, name, lens_keys, lens, error);
    for (int i = 0; lens_keys[i] != NULL && status == PO_OK; i++)
        if (lens[i] != 0)
            status =
                po_fail(error, PO_BAD_CALIBRATION,
                        "%s: a lens (%s.%s) and one camera alone: no settings of a "
                        "stereo rig (LEFT.K and RIGHT.K, or Camera2.fx, are missing)",
                        source->path, name, lens_keys[i]);
    if (status == PO_OK)
        status = tree_named_numbers(source, source->root, base_keys, 0, bases, error);
    if (status != PO_OK)
        return status;
    double bf = bases[0];
    double b = bases[1];
    projection_set(&parsed->cameras[0], k[0], k[1], k[2], k[3], 0);
    projection_set(&parsed->cameras[1], k[0], k[1], k[2], k[3], b > 0 ? -b * k[0] : -bf);
    parsed->rectified = true;
    parsed->baseline_origin = b > 0 ? "Stereo.b" : "Camera.bf";
    return PO_OK;
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    static const char *const sides[2] = {"LEFT", "RIGHT"};
    enum po_status status = PO_OK;
    parsed->unit = PARSED_UNIT_M;
    read_size(source, parsed);
    if (holds_matrices(source)) {
        for (int side = 0; side < 2 && status == PO_OK; side++)
            status = read_matrices(source, sides[side], &parsed->cameras[side], error);
        return status == PO_OK ? parsed_pose_from_projections(source->path, parsed, error)
                               : status;
    }
    if (document_get_any(source->root, pose_keys) == NULL)
        return read_rectified(source, parsed, error);
    bool numbered = get(source, "Camera1", "fx") != NULL;
    status =
        read_camera(source, numbered ? "Camera1" : "Camera", &parsed->cameras[0], error);
    if (status == PO_OK)
        status = read_camera(source, "Camera2", &parsed->cameras[1], error);
    return status == PO_OK ? read_pose(source, parsed, error) : status;
}

const struct calibration_format format_orb_slam = {"orb-slam", SYNTAX_TREE, recognise,
                                                   read};
