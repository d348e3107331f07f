/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remap tables: leftMapX leftMapY rightMapX rightMapY, stereoMapL_x ..., map1_left ... in
 * YAML, XML, .npz or a folder of .npy, with Q or P1 and P2 for the rig; or one camera a
 * file (map1, map2). The tables are used as they are. The unit is not stated.
 */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/path.h"
#include "calib/matrices.h"
#include "calib/text_tables.h"

enum { MAX_SIDE_PX = 32767 };

static bool recognise(const struct calibration_source *source)
{
    struct matrix_names names;
    matrix_names_find(source->root, &names);
    return names.of[ROLE_MAP_1][0] != NULL && names.of[ROLE_MAP_1][1] != NULL &&
           !(matrices_hold_cameras(&names) && matrices_hold_pose(&names));
}

/* What an array is, whichever file it stands in. */
struct table_shape {
    size_t rows;
    size_t columns;
    int channels;
    char kind; /* 'f' float, 'i' 16 bit whole pixels, 'u' fractions; 0: none of them */
};

/* "f", "2f", "d", "2s", "w": cv::FileStorage's element types. */
static void shape_of_text(const struct document_node *node, struct table_shape *shape)
{
    const char *type = document_text(document_get(node, "dt"));
    double rows = document_number(document_get(node, "rows"), 0);
    double columns = document_number(document_get(node, "cols"), 0);
    if (type == NULL || rows < 1 || rows > MAX_SIDE_PX || columns < 1 ||
        columns > MAX_SIDE_PX)
        return;
    shape->rows = (size_t)rows;
    shape->columns = (size_t)columns;
    shape->channels = type[0] == '2' ? 2 : 1;
    char letter = type[strspn(type, "12")];
    shape->kind = letter == 'f' || letter == 'd' ? 'f'
                  : letter == 's'                ? 'i'
                  : letter == 'w'                ? 'u'
                                                 : '\0';
}

static struct table_shape shape_of(const struct document_node *node)
{
    struct table_shape shape = {0};
    if (node == NULL)
        return shape;
    if (node->kind == DOCUMENT_MAP) {
        shape_of_text(node, &shape);
    } else if (node->kind == DOCUMENT_ARRAY && node->dimensions >= 2) {
        shape.rows = node->shape[0];
        shape.columns = node->shape[1];
        shape.channels = node->dimensions == 3 ? (int)(node->shape[2] % 1000) : 1;
        shape.kind = node->text != NULL &&
                             (node->text[0] == 'f' || strcmp(node->text, "i2") == 0 ||
                              strcmp(node->text, "u2") == 0)
                         ? node->text[0]
                         : '\0';
    }
    return shape;
}

static enum po_status refuse(const struct calibration_source *source, const char *key,
                             struct po_error *error)
{
    return po_fail(error, PO_BAD_CALIBRATION,
                   "%s: %s is no pair of remap tables of one size: want x and y as "
                   "floats, or whole pixels (int16, two channels) and fractions (uint16)",
                   source->path, key);
}

/* Checks the two tables of a side against those read before. */
static enum po_status take_shapes(const struct calibration_source *source,
                                  const struct document_node *first,
                                  const struct document_node *second,
                                  struct calibration_maps *maps, struct po_error *error)
{
    struct table_shape a = shape_of(first);
    struct table_shape b = shape_of(second);
    bool floats =
        a.kind == 'f' && ((a.channels == 1 && b.kind == 'f' && b.channels == 1) ||
                          (a.channels == 2 && second == NULL));
    bool fixed = a.kind == 'i' && a.channels == 2 &&
                 (second == NULL || (b.kind == 'u' && b.channels == 1));
    bool one_size = second == NULL || (a.rows == b.rows && a.columns == b.columns);
    if ((!floats && !fixed) || !one_size || a.rows < 2 || a.columns < 2 ||
        a.rows > MAX_SIDE_PX || a.columns > MAX_SIDE_PX)
        return refuse(source, first->key, error);
    bool as_before =
        !maps->present ||
        (maps->width_px == (int)a.columns && maps->height_px == (int)a.rows &&
         maps->is_fixed_point == fixed && maps->array_count == (second != NULL ? 2 : 1));
    if (!as_before)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: the remap tables of left and right differ in size or kind",
                       source->path);
    maps->present = true;
    maps->width_px = (int)a.columns;
    maps->height_px = (int)a.rows;
    maps->channels = a.channels;
    maps->is_fixed_point = fixed;
    maps->array_count = second != NULL ? 2 : 1;
    return PO_OK;
}

static enum po_status take_place(const struct calibration_source *source,
                                 const struct document_node *node,
                                 struct remap_array *array, struct po_error *error)
{
    const char *name = path_name(source->path);
    bool zip = strcmp(path_extension(name), "npz") == 0;
    int length = 0;
    if (node->kind == DOCUMENT_MAP) {
        const struct document_node *data = document_get(node, "data");
        if (data != NULL && data->kind == DOCUMENT_LIST && data->first != NULL &&
            data->first->next == NULL)
            data = data->first;
        if (!text_table_parse(document_text(data), &array->text_offset,
                              &array->text_bytes))
            return po_fail(error, PO_BAD_CALIBRATION,
                           "%s: %s is too small for a remap table", source->path,
                           node->key);
        length = snprintf(array->file, sizeof(array->file), "%s", name);
    } else if (zip) {
        length = snprintf(array->file, sizeof(array->file), "%s", name);
        (void)snprintf(array->member, sizeof(array->member), "%s.npy", node->key);
    } else {
        length = snprintf(array->file, sizeof(array->file), "%s.npy", node->key);
    }
    if (length < 0 || (size_t)length >= sizeof(array->file))
        return po_fail(error, PO_BAD_CALIBRATION, "%s: its name is too long",
                       source->path);
    return PO_OK;
}

/* Results depend on every number of the tables. */
static enum po_status hash_tables(const struct calibration_source *source,
                                  struct calibration_maps *maps, struct po_error *error)
{
    char folder[CALIBRATION_PATH];
    char path[CALIBRATION_PATH];
    char last[sizeof(maps->arrays[0][0].file)] = "";
    if (!path_directory(folder, sizeof(folder), source->path))
        return po_fail(error, PO_NOT_FOUND, "%s: the path is too long", source->path);
    for (int i = 0; i < 2 * maps->array_count; i++) {
        struct hash hash;
        const char *file = maps->arrays[i % 2][i / 2].file;
        if (strcmp(file, last) == 0)
            continue;
        (void)snprintf(last, sizeof(last), "%s", file);
        if (!path_join(path, sizeof(path), folder, file))
            continue;
        enum po_status status = hash_file(path, &hash, error);
        if (status != PO_OK)
            return status;
        maps->content = hash_combine(maps->content, hash);
    }
    return PO_OK;
}

static enum po_status read_rig(const struct calibration_source *source,
                               const struct matrix_names *names,
                               struct parsed_calibration *parsed, struct po_error *error)
{
    const struct document_node *q = names->of[ROLE_Q][0];
    const struct document_node *const *p = names->of[ROLE_PROJECTION];
    double values[16];
    enum po_status status = PO_OK;
    if (q != NULL) {
        status = node_matrix(source, q, 16, values, error);
        return status == PO_OK ? parsed_from_q(source, values, parsed, error) : status;
    }
    if (p[0] == NULL || p[1] == NULL)
        return po_fail(
            error, PO_BAD_CALIBRATION,
            "%s: holds remap tables, but neither Q nor P1 and P2: images could "
            "be rectified and nothing measured; write Q beside them",
            source->path);
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        status =
            node_matrix(source, p[side], 12, parsed->cameras[side].projection, error);
        parsed->cameras[side].has_projection = true;
    }
    parsed->rectified = true;
    return status;
}

static enum po_status read(const struct calibration_source *source,
                           struct parsed_calibration *parsed, struct po_error *error)
{
    struct matrix_names names;
    struct calibration_maps *maps = &parsed->maps;
    enum po_status status = PO_OK;
    matrix_names_find(source->root, &names);
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        const struct document_node *const nodes[2] = {names.of[ROLE_MAP_1][side],
                                                      names.of[ROLE_MAP_2][side]};
        status = take_shapes(source, nodes[0], nodes[1], maps, error);
        for (int i = 0; i < 2 && status == PO_OK && nodes[i] != NULL; i++)
            status = take_place(source, nodes[i], &maps->arrays[side][i], error);
    }
    if (status == PO_OK)
        status = read_rig(source, &names, parsed, error);
    if (status == PO_OK)
        status = hash_tables(source, maps, error);
    matrices_read_size(&names, parsed);
    return status;
}

const struct calibration_format format_remap = {"remap", SYNTAX_TREE, recognise, read};
