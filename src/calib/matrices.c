/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/matrices.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "calib/matrix3.h"

static const char *const sides[2] = {"left (first)", "right (second)"};

bool matrices_hold_cameras(const struct matrix_names *names)
{
    return names->of[ROLE_MATRIX][0] != NULL && names->of[ROLE_MATRIX][1] != NULL;
}

bool matrices_hold_one_camera(const struct matrix_names *names)
{
    return !matrices_hold_cameras(names) &&
           (names->single[ROLE_MATRIX] != NULL || names->of[ROLE_MATRIX][0] != NULL ||
            names->of[ROLE_MATRIX][1] != NULL);
}

bool matrices_hold_pose(const struct matrix_names *names)
{
    return names->of[ROLE_ROTATION][0] != NULL && names->of[ROLE_TRANSLATION][0] != NULL;
}

/* R and T by these names, or beside R1 and R2: other files hold a rotation and a
 * translation too (poses of a robot, of the camera). */
static bool holds_extrinsics(const struct matrix_names *names)
{
    if (!matrices_hold_pose(names))
        return false;
    const char *r = names->of[ROLE_ROTATION][0]->key;
    const char *t = names->of[ROLE_TRANSLATION][0]->key;
    return (strcmp(r, "R") == 0 && strcmp(t, "T") == 0) ||
           (names->of[ROLE_RECTIFICATION][0] != NULL &&
            names->of[ROLE_RECTIFICATION][1] != NULL);
}

bool matrices_recognise(const struct document_node *root)
{
    struct matrix_names names;
    matrix_names_find(root, &names);
    return names.of[ROLE_MATRIX][0] != NULL || names.of[ROLE_MATRIX][1] != NULL ||
           holds_extrinsics(&names) ||
           (names.single[ROLE_MATRIX] != NULL && names.single[ROLE_DISTORTION] != NULL);
}

static const struct document_node *node_of(const struct matrix_names *names,
                                           enum matrix_role role, int side)
{
    const struct document_node *node = names->of[role][side];
    return node != NULL || matrices_hold_cameras(names) ? node : names->single[role];
}

static enum po_status missing(const struct calibration_source *source, const char *what,
                              const char *keys, struct po_error *error)
{
    char present[400];
    join_members(present, sizeof(present), source->root);
    return po_fail(error, PO_BAD_CALIBRATION,
                   "%s: %s is missing; keys it is looked for under: %s; the file holds: "
                   "%s",
                   source->path, what, keys, present);
}

/* RadialDistortion [2 or 3] and TangentialDistortion [2]: k1 k2 p1 p2 k3. */
static enum po_status read_radial(const struct calibration_source *source,
                                  const struct matrix_names *names, int side,
                                  struct parsed_camera *camera, struct po_error *error)
{
    const struct document_node *tangential = node_of(names, ROLE_TANGENTIAL, side);
    double radial[3] = {0, 0, 0};
    double *c = camera->coefficients;
    int got;
    enum po_status status =
        node_numbers(source, node_of(names, ROLE_RADIAL, side), 3, radial, &got, error);
    if (status == PO_OK && tangential != NULL)
        status = node_matrix(source, tangential, 2, c + 2, error);
    c[0] = radial[0];
    c[1] = radial[1];
    c[4] = radial[2];
    camera->coefficient_count = 5;
    return status;
}

static enum po_status read_distortion(const struct calibration_source *source,
                                      const struct matrix_names *names, int side,
                                      struct parsed_camera *camera,
                                      struct po_error *error)
{
    const struct document_node *lens = names->of[ROLE_LENS][side];
    if (lens == NULL)
        lens = names->single[ROLE_LENS];
    enum po_status status = lens_model_of(source, document_text(lens), &camera->model,
                                          &camera->lens_stated, error);
    if (status != PO_OK)
        return status;
    if (node_of(names, ROLE_DISTORTION, side) != NULL)
        return node_numbers(source, node_of(names, ROLE_DISTORTION, side), DISTORTION_MAX,
                            camera->coefficients, &camera->coefficient_count, error);
    if (node_of(names, ROLE_RADIAL, side) != NULL)
        return read_radial(source, names, side, camera, error);
    char what[64];
    (void)snprintf(what, sizeof(what), "the distortion of the %s camera", sides[side]);
    return missing(source, what,
                   side == 0 ? "D1, dist_coeffs_left, distCoeffs1, distL"
                             : "D2, dist_coeffs_right, distCoeffs2, distR",
                   error);
}

static enum po_status read_optional(const struct calibration_source *source,
                                    const struct document_node *node, int count,
                                    double *values, bool *present, struct po_error *error)
{
    enum po_status status =
        node != NULL ? node_matrix(source, node, count, values, error) : PO_OK;
    *present = node != NULL && status == PO_OK;
    return status;
}

/* MATLAB multiplies rows from the left: its K has the principal point in the last row. */
static bool is_transposed(const double k[9])
{
    return k[2] == 0 && k[5] == 0 && k[6] != 0 && k[7] != 0;
}

static enum po_status read_camera(const struct calibration_source *source,
                                  const struct matrix_names *names, int side,
                                  struct parsed_camera *camera, struct po_error *error)
{
    enum po_status status =
        node_matrix(source, node_of(names, ROLE_MATRIX, side), 9, camera->matrix, error);
    camera->has_matrix = status == PO_OK;
    return status == PO_OK ? read_distortion(source, names, side, camera, error) : status;
}

static enum po_status read_rectified(const struct calibration_source *source,
                                     const struct matrix_names *names, int side,
                                     struct parsed_camera *camera, struct po_error *error)
{
    enum po_status status =
        read_optional(source, names->of[ROLE_RECTIFICATION][side], 9,
                      camera->rectification, &camera->has_rectification, error);
    if (status == PO_OK)
        status = read_optional(source, names->of[ROLE_PROJECTION][side], 12,
                               camera->projection, &camera->has_projection, error);
    return status;
}

/* R as a matrix or as a rotation vector. */
static enum po_status read_pose(const struct calibration_source *source,
                                const struct matrix_names *names,
                                struct parsed_calibration *parsed, struct po_error *error)
{
    int count;
    double values[9] = {0};
    enum po_status status =
        node_numbers(source, names->of[ROLE_ROTATION][0], 9, values, &count, error);
    if (status == PO_OK && count != 9 && count != 3)
        status = po_fail(error, PO_BAD_CALIBRATION, "%s: R has %d numbers; want 9",
                         source->path, count);
    if (status == PO_OK && count == 3 && all_finite(values, 3))
        rotation_from_vector(parsed->rotation, values);
    else if (status == PO_OK)
        memcpy(parsed->rotation, values, sizeof(values));
    if (status == PO_OK)
        status = node_matrix(source, names->of[ROLE_TRANSLATION][0], 3,
                             parsed->translation, error);
    parsed->has_rotation = parsed->has_translation = status == PO_OK;
    return status;
}

void matrices_read_size(const struct matrix_names *names,
                        struct parsed_calibration *parsed)
{
    double size[2] = {0, 0};
    int count;
    const struct document_node *node = names->of[ROLE_SIZE][0];
    if (node != NULL && node->kind == DOCUMENT_MAP &&
        document_get(node, "data") == NULL) {
        size[0] = document_number(document_get(node, "width"), 0);
        size[1] = document_number(document_get(node, "height"), 0);
    } else if (!document_numbers(node, size, 2, &count) || count != 2) {
        count = 0;
        (void)document_numbers(names->of[ROLE_WIDTH][0], &size[0], 1, &count);
        (void)document_numbers(names->of[ROLE_HEIGHT][0], &size[1], 1, &count);
    }
    if (size[0] >= 1 && size[0] <= 1e6 && size[1] >= 1 && size[1] <= 1e6) {
        parsed->width_px = (int)size[0];
        parsed->height_px = (int)size[1];
    }
}

static double number_of(const struct document_node *node)
{
    double value = 0;
    int count;
    return node != NULL && document_numbers(node, &value, 1, &count) && count == 1 ? value
                                                                                   : 0;
}

static enum parsed_unit unit_of(const struct document_node *node)
{
    static const struct {
        const char *name;
        enum parsed_unit unit;
    } UNITS[] = {{"mm", PARSED_UNIT_MM},          {"millimetres", PARSED_UNIT_MM},
                 {"millimeters", PARSED_UNIT_MM}, {"m", PARSED_UNIT_M},
                 {"metres", PARSED_UNIT_M},       {"meters", PARSED_UNIT_M},
                 {"squares", PARSED_UNIT_SQUARES}};
    const char *text = document_text(node);
    for (size_t i = 0; text != NULL && i < sizeof(UNITS) / sizeof(UNITS[0]); i++)
        if (strcasecmp(text, UNITS[i].name) == 0)
            return UNITS[i].unit;
    return PARSED_UNIT_UNKNOWN;
}

/* MATLAB's image sizes are rows and columns: the one whose middle is nearer to the
 * centres is meant. */
static void turn_size(struct parsed_calibration *parsed)
{
    double w = parsed->width_px;
    double h = parsed->height_px;
    const double *k = parsed->cameras[0].matrix;
    if (hypot(k[2] - w / 2, k[5] - h / 2) <= hypot(k[2] - h / 2, k[5] - w / 2))
        return;
    parsed->width_px = (int)h;
    parsed->height_px = (int)w;
}

/* MATLAB counts pixels from 1 and turns row vectors: x' = x R'. */
static void undo_matlab_order(const char *path, struct parsed_calibration *parsed)
{
    double turned[9];
    if (!is_transposed(parsed->cameras[0].matrix) ||
        !is_transposed(parsed->cameras[1].matrix))
        return;
    for (int side = 0; side < 2; side++) {
        double *k = parsed->cameras[side].matrix;
        matrix3_transpose(turned, k);
        memcpy(k, turned, sizeof(turned));
        if (k[8] == 1) {
            k[2] -= 1;
            k[5] -= 1;
        }
    }
    turn_size(parsed);
    matrix3_transpose(turned, parsed->rotation);
    memcpy(parsed->rotation, turned, sizeof(turned));
    warning_list_add(&parsed->warnings,
                     "%s: the camera matrices are in MATLAB's order: they and R are "
                     "transposed, and centres counted from 0",
                     path);
}

static enum po_status read_rig(const struct calibration_source *source,
                               const struct matrix_names *names,
                               struct parsed_calibration *parsed, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = read_rectified(source, names, side, &parsed->cameras[side], error);
    if (status == PO_OK)
        status = read_optional(source, names->of[ROLE_Q][0], 16, parsed->q,
                               &parsed->has_q, error);
    if (status == PO_OK)
        status = read_pose(source, names, parsed, error);
    parsed->baseline_mm = number_of(names->of[ROLE_BASELINE_MM][0]);
    parsed->has_baseline = parsed->baseline_mm != 0;
    parsed->square_mm = number_of(names->of[ROLE_SQUARE_MM][0]);
    parsed->unit = unit_of(names->of[ROLE_UNIT][0]);
    return status;
}

enum po_status matrices_read(const struct matrices_sources *sources,
                             struct parsed_calibration *parsed, struct po_error *error)
{
    struct matrix_names names;
    enum po_status status = PO_OK;
    for (int side = 0; side < 2 && status == PO_OK; side++) {
        const struct calibration_source *source = sources->cameras[side];
        matrix_names_find(source->root, &names);
        matrices_read_size(&names, parsed);
        status = read_camera(source, &names, side, &parsed->cameras[side], error);
    }
    if (status != PO_OK)
        return status;
    matrix_names_find(sources->pose->root, &names);
    matrices_read_size(&names, parsed);
    status = read_rig(sources->pose, &names, parsed, error);
    if (status == PO_OK)
        undo_matlab_order(sources->pose->path, parsed);
    return status;
}
