/* SPDX-License-Identifier: Apache-2.0 */
/* Matrices under one of several names in a document. */
#include <stdio.h>
#include <string.h>

#include "calib/matrices.h"
#include "calib/matrix3.h"

static void join_keys(char *text, size_t bytes, const char *const *keys)
{
    size_t used = 0;
    text[0] = '\0';
    for (; *keys != NULL; keys++) {
        int wrote =
            snprintf(text + used, bytes - used, "%s%s", used > 0 ? ", " : "", *keys);
        if (wrote < 0 || (size_t)wrote >= bytes - used)
            return;
        used += (size_t)wrote;
    }
}

void join_members(char *text, size_t bytes, const struct document_node *map)
{
    size_t used = 0;
    text[0] = '\0';
    const struct document_node *node = map != NULL ? map->first : NULL;
    for (; node != NULL; node = node->next) {
        int wrote = snprintf(text + used, bytes - used, "%s%.40s", used > 0 ? ", " : "",
                             node->key != NULL ? node->key : "?");
        if (wrote < 0 || (size_t)wrote >= bytes - used)
            return;
        used += (size_t)wrote;
    }
}

enum po_status node_numbers(const struct calibration_source *source,
                            const struct document_node *node, int max, double *values,
                            int *count, struct po_error *error)
{
    const char *key = node->key != NULL ? node->key : "a value";
    if (!document_numbers(node, values, max, count))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: %s holds something that is no number", source->path, key);
    if (*count > max)
        return po_fail(error, PO_BAD_CALIBRATION, "%s: %s has %d numbers; want %d",
                       source->path, key, *count, max);
    return PO_OK;
}

enum po_status node_matrix(const struct calibration_source *source,
                           const struct document_node *node, int count, double *values,
                           struct po_error *error)
{
    int got;
    enum po_status status = node_numbers(source, node, count, values, &got, error);
    if (status != PO_OK || got == count)
        return status;
    return po_fail(error, PO_BAD_CALIBRATION, "%s: %s has %d numbers; want %d",
                   source->path, node->key != NULL ? node->key : "a value", got, count);
}

enum po_status tree_numbers(const struct calibration_source *source,
                            const struct document_node *map, const char *const *keys,
                            const struct number_list *to, struct po_error *error)
{
    *to->count = 0;
    const struct document_node *node = document_get_any(map, keys);
    return node != NULL
               ? node_numbers(source, node, to->max, to->values, to->count, error)
               : PO_OK;
}

enum po_status tree_matrix(const struct calibration_source *source,
                           const struct document_node *map, const char *const *keys,
                           int count, double *values, struct po_error *error)
{
    int got;
    enum po_status status = tree_numbers(
        source, map, keys, &(struct number_list){count, values, &got}, error);
    if (status != PO_OK || got == count)
        return status;
    char tried[160];
    char present[400];
    join_keys(tried, sizeof(tried), keys);
    join_members(present, sizeof(present), map);
    if (document_get_any(map, keys) == NULL)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: a matrix is missing; keys tried: %s; the file holds: %s",
                       source->path, tried, present);
    return po_fail(error, PO_BAD_CALIBRATION, "%s: %s has %d numbers; want %d",
                   source->path, tried, got, count);
}

enum po_status tree_distortion(const struct calibration_source *source,
                               const struct document_node *map, const char *const *keys,
                               struct parsed_camera *camera, struct po_error *error)
{
    if (document_get_any(map, keys) == NULL) /* fails, naming the keys */
        return tree_matrix(source, map, keys, DISTORTION_MAX, camera->coefficients,
                           error);
    return tree_numbers(source, map, keys,
                        &(struct number_list){DISTORTION_MAX, camera->coefficients,
                                              &camera->coefficient_count},
                        error);
}

enum po_status tree_named_numbers(const struct calibration_source *source,
                                  const struct document_node *map,
                                  const char *const *keys, int needed, double *values,
                                  struct po_error *error)
{
    const char *of = map != NULL && map->key != NULL ? map->key : "";
    for (int i = 0; keys[i] != NULL; i++) {
        const struct document_node *node = document_get(map, keys[i]);
        const char *text = document_text(node);
        values[i] = 0;
        if (node == NULL && i >= needed)
            continue;
        if (node == NULL)
            return po_fail(error, PO_BAD_CALIBRATION, "%s: %s%s%s is missing",
                           source->path, of, of[0] != '\0' ? "." : "", keys[i]);
        if (text == NULL || !scalar_number(text, &values[i]))
            return po_fail(error, PO_BAD_CALIBRATION, "%s: %s%s%s holds no number",
                           source->path, of, of[0] != '\0' ? "." : "", keys[i]);
    }
    return PO_OK;
}

/* distortion_model, camera_model, fisheye ... of the camera or of both. */
static enum po_status read_lens(const struct calibration_source *source, int side,
                                struct parsed_camera *camera, struct po_error *error)
{
    struct matrix_names names;
    matrix_names_find(source->root, &names);
    const struct document_node *lens = names.of[ROLE_LENS][side] != NULL
                                           ? names.of[ROLE_LENS][side]
                                           : names.single[ROLE_LENS];
    return lens_model_of(source, document_text(lens), &camera->model,
                         &camera->lens_stated, error);
}

static enum po_status read_camera(const struct calibration_source *source,
                                  const struct matrix_keys *keys, int side,
                                  struct parsed_camera *camera, struct po_error *error)
{
    enum po_status status = tree_matrix(source, source->root, keys->camera_matrix[side],
                                        9, camera->matrix, error);
    if (status != PO_OK)
        return status;
    camera->has_matrix = true;
    status = read_lens(source, side, camera, error);
    if (status != PO_OK)
        return status;
    return tree_distortion(source, source->root, keys->distortion[side], camera, error);
}

static enum po_status read_optional(const struct calibration_source *source,
                                    const char *const *keys, int count, double *values,
                                    bool *present, struct po_error *error)
{
    *present = false;
    if (document_get_any(source->root, keys) == NULL)
        return PO_OK;
    enum po_status status = tree_matrix(source, source->root, keys, count, values, error);
    *present = status == PO_OK;
    return status;
}

/* R as a matrix or as a rotation vector. */
static enum po_status read_pose(const struct calibration_source *source,
                                const struct matrix_keys *keys,
                                struct parsed_calibration *parsed, struct po_error *error)
{
    int count;
    double values[9] = {0};
    enum po_status status = tree_numbers(source, source->root, keys->rotation,
                                         &(struct number_list){9, values, &count}, error);
    if (status == PO_OK && count == 3 && all_finite(values, 3))
        rotation_from_vector(parsed->rotation, values);
    else if (status == PO_OK)
        status =
            tree_matrix(source, source->root, keys->rotation, 9, parsed->rotation, error);
    if (status == PO_OK)
        status = tree_matrix(source, source->root, keys->translation, 3,
                             parsed->translation, error);
    parsed->has_rotation = parsed->has_translation = status == PO_OK;
    return status;
}

enum po_status tree_stereo(const struct calibration_source *intrinsics,
                           const struct calibration_source *extrinsics,
                           const struct matrix_keys *keys,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        struct parsed_camera *camera = &parsed->cameras[side];
        status = read_camera(intrinsics, keys, side, camera, error);
        if (status == PO_OK)
            status =
                read_optional(extrinsics, keys->rectification[side], 9,
                              camera->rectification, &camera->has_rectification, error);
        if (status == PO_OK)
            status = read_optional(extrinsics, keys->projection[side], 12,
                                   camera->projection, &camera->has_projection, error);
    }
    if (status == PO_OK)
        status = read_optional(extrinsics, keys->q, 16, parsed->q, &parsed->has_q, error);
    if (status == PO_OK)
        status = read_pose(extrinsics, keys, parsed, error);
    return status;
}
