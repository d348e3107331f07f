/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ROS camera_info, as camera_calibration writes it (camera_matrix, distortion_model,
 * rectification_matrix, projection_matrix) or as messages are echoed and recorded (K D R
 * P of ROS 1, k d r p of ROS 2), in two files, as two maps or as two documents of one
 * file. The right P[0][3] is -fx B, metres. K and P are of the whole sensor; roi and
 * binning say what the images show of it. The pose of the raw cameras follows from the
 * rectifications.
 */
#include <string.h>

#include "base/input_file.h"
#include "base/path.h"
#include "calib/matrices.h"
#include "calib/matrix3.h"

static const char *const camera_matrix_keys[] = {"camera_matrix", "K", "k", NULL};
static const char *const distortion_keys[] = {"distortion_coefficients", "D", "d", NULL};
static const char *const rectification_keys[] = {"rectification_matrix", "R", "r", NULL};
static const char *const projection_keys[] = {"projection_matrix", "P", "p", NULL};

static bool is_camera(const struct document_node *map)
{
    return document_get_any(map, camera_matrix_keys) != NULL &&
           document_get_any(map, projection_keys) != NULL;
}

/* The two cameras of one file; `cameras` [0] alone: the other has a file of its own. */
static bool find_cameras(const struct document_node *root,
                         const struct document_node *cameras[2])
{
    cameras[0] = cameras[1] = NULL;
    if (is_camera(root)) {
        cameras[0] = root;
        return true;
    }
    const struct document_node *map = root;
    for (int depth = 0; depth < 2 && map != NULL; depth++) {
        const struct document_node *node = map->kind == DOCUMENT_MAP ? map->first : NULL;
        for (; node != NULL; node = node->next) {
            int side = node->key != NULL ? side_of_name(node->key) : -1;
            if (side >= 0 && is_camera(node) && cameras[side] == NULL)
                cameras[side] = node;
        }
        if (cameras[0] != NULL && cameras[1] != NULL)
            return true;
        map = map->kind == DOCUMENT_MAP ? map->first : NULL;
    }
    return false;
}

static bool recognise(const struct calibration_source *source)
{
    const struct document_node *cameras[2];
    return find_cameras(source->root, cameras);
}

static enum po_status read_lens(const struct calibration_source *source,
                                const struct document_node *map,
                                struct parsed_camera *camera, struct po_error *error)
{
    const char *model = document_text(document_get(map, "distortion_model"));
    enum po_status status =
        lens_model_of(source, model, &camera->model, &camera->lens_stated, error);
    if (status != PO_OK || (document_get_any(map, distortion_keys) == NULL &&
                            (model == NULL || model[0] == '\0')))
        return status; /* drivers of rectified streams state no lens */
    return tree_distortion(source, map, distortion_keys, camera, error);
}

/* Drivers of rectified streams leave R at zero: not set. */
static void set_unset_rotation(double rotation[9])
{
    for (int i = 0; i < 9; i++)
        if (rotation[i] != 0)
            return;
    memcpy(rotation, matrix3_identity, sizeof(matrix3_identity));
}

static enum po_status read_camera(const struct calibration_source *source,
                                  const struct document_node *map,
                                  struct parsed_camera *camera, struct po_error *error)
{
    enum po_status status =
        tree_matrix(source, map, camera_matrix_keys, 9, camera->matrix, error);
    if (status == PO_OK)
        status = read_lens(source, map, camera, error);
    if (status == PO_OK && document_get_any(map, rectification_keys) != NULL)
        status =
            tree_matrix(source, map, rectification_keys, 9, camera->rectification, error);
    if (status == PO_OK)
        status = tree_matrix(source, map, projection_keys, 12, camera->projection, error);
    if (status == PO_OK && camera->matrix[0] == 0)
        status =
            po_fail(error, PO_BAD_CALIBRATION,
                    "%s: K is zero: a camera_info of a camera that is not calibrated",
                    source->path);
    set_unset_rotation(camera->rectification);
    camera->has_matrix = camera->has_rectification = camera->has_projection = true;
    return status;
}

static int whole(const struct document_node *map, const char *key, int least)
{
    double value = document_number(document_get(map, key), 0);
    return value >= least && value <= 1e6 ? (int)value : least;
}

static bool size_of(const struct document_node *map, int size[2])
{
    bool of_file = document_get(map, "image_width") != NULL;
    size[0] = whole(map, of_file ? "image_width" : "width", 0);
    size[1] = whole(map, of_file ? "image_height" : "height", 0);
    return size[0] > 0 && size[1] > 0;
}

static void read_window(const struct document_node *map,
                        struct calibration_window *window)
{
    const struct document_node *roi = document_get(map, "roi");
    window->binning_x = whole(map, "binning_x", 1);
    window->binning_y = whole(map, "binning_y", 1);
    window->x_px = whole(roi, "x_offset", 0);
    window->y_px = whole(roi, "y_offset", 0);
    window->width_px = whole(roi, "width", 0);
    window->height_px = whole(roi, "height", 0);
    bool set = window->binning_x > 1 || window->binning_y > 1 ||
               (window->width_px > 0 && window->height_px > 0);
    if (!set)
        memset(window, 0, sizeof(*window));
}

static enum po_status read_windows(const struct calibration_source *const sources[2],
                                   const struct document_node *const maps[2],
                                   struct parsed_calibration *parsed,
                                   struct po_error *error)
{
    int sizes[2][2] = {{0, 0}, {0, 0}};
    struct calibration_window windows[2];
    for (int side = 0; side < 2; side++)
        read_window(maps[side], &windows[side]);
    if (size_of(maps[0], sizes[0]) && size_of(maps[1], sizes[1])) {
        if (sizes[0][0] != sizes[1][0] || sizes[0][1] != sizes[1][1])
            return po_fail(error, PO_BAD_CALIBRATION,
                           "%s is for %dx%d and %s for %dx%d; want one size",
                           sources[0]->path, sizes[0][0], sizes[0][1], sources[1]->path,
                           sizes[1][0], sizes[1][1]);
        parsed->width_px = sizes[0][0];
        parsed->height_px = sizes[0][1];
    }
    if (memcmp(&windows[0], &windows[1], sizeof(windows[0])) != 0)
        return po_fail(error, PO_UNSUPPORTED,
                       "%s and %s state different windows (roi, binning) of their "
                       "sensors; want one",
                       sources[0]->path, sources[1]->path);
    parsed->window = windows[0];
    return PO_OK;
}

static enum po_status read_pair(const struct calibration_source *const sources[2],
                                const struct document_node *const maps[2],
                                struct parsed_calibration *parsed, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = read_camera(sources[side], maps[side], &parsed->cameras[side], error);
    if (status == PO_OK)
        status = read_windows(sources, maps, parsed, error);
    parsed->unit = PARSED_UNIT_M;
    if (status == PO_OK)
        status = parsed_pose_from_projections(sources[0]->path, parsed, error);
    return status;
}

static const char *frame_of(const struct document_node *map)
{
    const char *text = document_text(document_get(map, "camera_name"));
    if (text == NULL)
        text = document_text(document_get(document_get(map, "header"), "frame_id"));
    return text != NULL ? text : "";
}

/* The second camera in a later document of the same file: another frame, and a P of its
 * own; repeated messages of one camera are none. */
static const struct document_node *other_document(const struct document_node *root)
{
    double first[12];
    double p[12];
    int count;
    if (!document_numbers(document_get_any(root, projection_keys), first, 12, &count))
        return NULL;
    for (const struct document_node *node = root->next; node != NULL; node = node->next)
        if (is_camera(node) &&
            document_numbers(document_get_any(node, projection_keys), p, 12, &count) &&
            (p[3] != first[3] || p[7] != first[7]))
            return node;
    return NULL;
}

static enum po_status read_documents(const struct calibration_source *source,
                                     const struct document_node *first,
                                     const struct document_node *second,
                                     struct parsed_calibration *parsed,
                                     struct po_error *error)
{
    const struct calibration_source *const sources[2] = {source, source};
    const struct document_node *maps[2] = {first, second};
    if (side_of_name(frame_of(first)) == 1 || side_of_name(frame_of(second)) == 0) {
        maps[0] = second;
        maps[1] = first;
    }
    return read_pair(sources, maps, parsed, error);
}

static enum po_status read_files(const struct calibration_source *source,
                                 struct parsed_calibration *parsed,
                                 struct po_error *error)
{
    struct calibration_source other = {0};
    struct po_error cause = {0};
    int mine = 0;
    enum po_status status =
        calibration_source_load_other_side(&other, source->path, &mine, &cause);
    if (status == PO_OK && !is_camera(other.root))
        status =
            po_fail(&cause, PO_BAD_CALIBRATION, "%s: holds no camera_info", other.path);
    if (status != PO_OK) {
        status =
            po_fail(error, input_status_is_passing(status) ? status : PO_BAD_CALIBRATION,
                    "%s: one camera of a pair; the other's file cannot be read: %s",
                    source->path, cause.message);
    } else {
        const struct calibration_source *const sources[2] = {mine == 0 ? source : &other,
                                                             mine == 0 ? &other : source};
        const struct document_node *const maps[2] = {sources[0]->root, sources[1]->root};
        status = read_pair(sources, maps, parsed, error);
    }
    calibration_source_release(&other);
    return status;
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    const struct calibration_source *const sources[2] = {source, source};
    const struct document_node *cameras[2];
    if (find_cameras(source->root, cameras) && cameras[1] != NULL)
        return read_pair(sources, cameras, parsed, error);
    const struct document_node *second = other_document(source->root);
    if (second != NULL)
        return read_documents(source, source->root, second, parsed, error);
    return read_files(source, parsed, error);
}

const struct calibration_format format_ros = {"ros", SYNTAX_TREE, recognise, read};
