/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/rectification.h"

#include <math.h>
#include <string.h>

#include "calib/distortion.h"
#include "calib/matrix3.h"

/* Over the raw focal length: below it depth in the middle would suffer for the sake of
 * the borders of wide lenses. */
static const double LEAST_FOCAL_SCALE = 0.7;

/* What both rectified cameras see, on the normalised plane. */
struct field_of_view {
    double left, right, top, bottom;
};

/*
 * Bouguet: each camera turns half of R towards the other; then both turn so that T lies
 * along -x (Bradski and Kaehler 2008, chapter 12).
 */
static void make_rotations(const double rotation[9], const double translation[3],
                           double r1[9], double r2[9])
{
    double half[3];
    double right_half[9];
    double left_half[9];
    double t[3];
    double align[9];
    rotation_to_vector(half, rotation);
    for (int i = 0; i < 3; i++)
        half[i] *= -0.5;
    rotation_from_vector(right_half, half);
    matrix3_transpose(left_half, right_half);
    matrix3_apply(t, right_half, translation);
    /* The turn that brings t to (-|t|, 0, 0): about t x (-1, 0, 0) = (0, -t2, t1). */
    double turn[3] = {0, -t[2], t[1]};
    double sine = hypot(t[1], t[2]) / vector3_length(t);
    double angle = atan2(sine, -t[0] / vector3_length(t));
    double length = vector3_length(turn);
    for (int i = 0; i < 3 && length > 0; i++)
        turn[i] *= angle / length;
    rotation_from_vector(align, turn);
    matrix3_multiply(r1, align, left_half);
    matrix3_multiply(r2, align, right_half);
}

/* (x, y) to (y, -x) and to (-y, x): from an upright frame to that of a turned rig. */
static const double turns[][9] = {
    [RIG_UPRIGHT] = {1, 0, 0, 0, 1, 0, 0, 0, 1},
    [RIG_TURNED_LEFT] = {0, 1, 0, -1, 0, 0, 0, 0, 1},
    [RIG_TURNED_RIGHT] = {0, -1, 0, 1, 0, 0, 0, 0, 1},
};

/*
 * The rotations of cameras above each other: those of the rig that lies on its side,
 * where R' = C R C' and T' = C T, after the turn C.
 */
static void make_turned_rotations(const struct calibration *calibration, double r1[9],
                                  double r2[9])
{
    const double *turn = turns[calibration->turn];
    double back[9];
    double half[9];
    double rotation[9];
    double translation[3];
    double made[2][9];
    matrix3_transpose(back, turn);
    matrix3_multiply(half, turn, calibration->rotation);
    matrix3_multiply(rotation, half, back);
    matrix3_apply(translation, turn, calibration->translation_mm);
    make_rotations(rotation, translation, made[0], made[1]);
    matrix3_multiply(r1, made[0], turn);
    matrix3_multiply(r2, made[1], turn);
}

/* A pixel of the raw image on the plane of the rectified camera. */
static bool rectified_direction(const struct camera_model *camera,
                                const double rotation[9], double u_px, double v_px,
                                double *x, double *y)
{
    double v[3] = {0, 0, 1};
    if (!camera_unproject(camera, u_px, v_px, &v[0], &v[1]))
        return false;
    matrix3_apply(v, rotation, v);
    if (v[2] < 1e-3)
        return false;
    *x = v[0] / v[2];
    *y = v[1] / v[2];
    return true;
}

enum field_edge { EDGE_LEFT, EDGE_RIGHT, EDGE_TOP, EDGE_BOTTOM };

/* [turn][edge of the raw image]: the edge it becomes. */
static const enum field_edge turned_edges[][4] = {
    [RIG_UPRIGHT] = {EDGE_LEFT, EDGE_RIGHT, EDGE_TOP, EDGE_BOTTOM},
    [RIG_TURNED_LEFT] = {EDGE_BOTTOM, EDGE_TOP, EDGE_LEFT, EDGE_RIGHT},
    [RIG_TURNED_RIGHT] = {EDGE_TOP, EDGE_BOTTOM, EDGE_RIGHT, EDGE_LEFT},
};

/* Returns the edge's bit. */
static int narrow_edge(struct field_of_view *field, enum field_edge edge, double x,
                       double y)
{
    switch (edge) {
    case EDGE_LEFT:
        field->left = fmax(field->left, x);
        break;
    case EDGE_RIGHT:
        field->right = fmin(field->right, x);
        break;
    case EDGE_TOP:
        field->top = fmax(field->top, y);
        break;
    default:
        field->bottom = fmin(field->bottom, y);
        break;
    }
    return 1 << edge;
}

/*
 * Narrows `field` to the largest rectangle inside the image's outline: the innermost
 * point of each edge counts. Points a lens cannot reach do not narrow it.
 */
static int narrow_field(struct field_of_view *field, const struct camera_model *camera,
                        const double rotation[9], enum rig_turn turn, int width_px,
                        int height_px)
{
    enum { SAMPLES = 65 };
    int reached = 0;
    const enum field_edge *edges = turned_edges[turn];
    for (int i = 0; i < SAMPLES; i++) {
        double u = (width_px - 1) * (double)i / (SAMPLES - 1);
        double v = (height_px - 1) * (double)i / (SAMPLES - 1);
        double x;
        double y;
        if (rectified_direction(camera, rotation, 0, v, &x, &y))
            reached |= narrow_edge(field, edges[EDGE_LEFT], x, y);
        if (rectified_direction(camera, rotation, width_px - 1, v, &x, &y))
            reached |= narrow_edge(field, edges[EDGE_RIGHT], x, y);
        if (rectified_direction(camera, rotation, u, 0, &x, &y))
            reached |= narrow_edge(field, edges[EDGE_TOP], x, y);
        if (rectified_direction(camera, rotation, u, height_px - 1, &x, &y))
            reached |= narrow_edge(field, edges[EDGE_BOTTOM], x, y);
    }
    return reached;
}

/*
 * One new camera for both (zero disparity at infinity) in which every pixel was seen by
 * both: the common field fills the image. Never below LEAST_FOCAL_SCALE of the raw focal
 * length, which wide lenses would ask for.
 */
static enum po_status choose_camera(const struct calibration *calibration,
                                    const struct rectification *rectification,
                                    int width_px, int height_px,
                                    struct rectified_rig *rig, struct po_error *error)
{
    struct field_of_view field = {-8, 8, -8, 8};
    double middle[2];
    int reached = 15;
    double finest = 0;
    for (int side = 0; side < 2; side++) {
        const struct camera_model *camera = &calibration->cameras[side];
        /* An image wider than half a turn has no edge to narrow the field; what must be
         * seen is its middle. */
        if (!rectified_direction(camera, rectification->rotation[side], camera->cx,
                                 camera->cy, &middle[0], &middle[1]))
            field.right = field.left;
        reached &= narrow_field(&field, camera, rectification->rotation[side],
                                calibration->turn, width_px, height_px);
        finest = fmax(finest, fmax(camera->fx, camera->fy));
    }
    double wide = field.right - field.left;
    double high = field.bottom - field.top;
    if ((reached == 0 && calibration->cameras[0].model != DISTORTION_FISHEYE) ||
        !(wide > 0.01) || !(high > 0.01))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: after rectification the cameras see nothing in common (R, T "
                       "or the distortion is wrong)",
                       calibration->path);
    double f = fmax((rig->width_px - 1) / wide, (rig->height_px - 1) / high);
    if (f > 4 * finest)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: after rectification the cameras share less than a quarter of "
                       "the view; R or T is wrong",
                       calibration->path);
    f = fmax(f, finest * LEAST_FOCAL_SCALE);
    if (calibration->rectified_focal > 0)
        f = finest * calibration->rectified_focal;
    rig->focal_px = rig->focal_y_px = f;
    rig->cx_px = (rig->width_px - 1) / 2.0 - f * (field.left + field.right) / 2;
    rig->cy_px = (rig->height_px - 1) / 2.0 - f * (field.top + field.bottom) / 2;
    rig->doffs_px = 0;
    return PO_OK;
}

static void set_projection(double projection[9], double fx, double fy, double cx,
                           double cy)
{
    const double values[9] = {fx, 0, cx, 0, fy, cy, 0, 0, 1};
    memcpy(projection, values, sizeof(values));
}

static void use_identity(const struct calibration *calibration,
                         struct rectification *rectification)
{
    const struct rectified_rig *rig = &rectification->rig;
    rectification->identity = true;
    for (int side = 0; side < 2; side++) {
        memcpy(rectification->rotation[side], matrix3_identity, sizeof(matrix3_identity));
        set_projection(rectification->projection[side], calibration->cameras[side].fx,
                       calibration->cameras[side].fy, rig->cx_px + side * rig->doffs_px,
                       rig->cy_px);
    }
}

/* Somebody else's rectification, whose size is the tables'. */
static void use_maps(const struct calibration *calibration,
                     struct rectification *rectification)
{
    use_identity(calibration, rectification);
    rectification->identity = false;
    rectification->rig.width_px = calibration->maps.width_px;
    rectification->rig.height_px = calibration->maps.height_px;
}

static void use_file(const struct calibration *calibration,
                     struct rectification *rectification)
{
    struct rectified_rig *rig = &rectification->rig;
    const double *left = calibration->file_projection[0];
    const double *right = calibration->file_projection[1];
    for (int side = 0; side < 2; side++) {
        const double *p = calibration->file_projection[side];
        memcpy(rectification->rotation[side], calibration->file_rotation[side],
               sizeof(rectification->rotation[side]));
        set_projection(rectification->projection[side], p[0], p[5], p[2], p[6]);
    }
    rig->focal_px = left[0];
    rig->focal_y_px = left[5];
    rig->cx_px = left[2];
    rig->cy_px = left[6];
    rig->doffs_px = right[2] - left[2];
}

enum po_status rectification_make(const struct calibration *calibration, int width_px,
                                  int height_px, struct rectification *rectification,
                                  struct po_error *error)
{
    memset(rectification, 0, sizeof(*rectification));
    struct rectified_rig *rig = &rectification->rig;
    *rig = calibration->rig;
    rig->width_px = width_px;
    rig->height_px = height_px;
    if (calibration->rectified) {
        use_identity(calibration, rectification);
        return PO_OK;
    }
    if (calibration->maps.present) {
        use_maps(calibration, rectification);
        return PO_OK;
    }
    rig->unit = calibration->unit;
    rig->baseline_mm = vector3_length(calibration->translation_mm);
    if (calibration->has_file_rectification && calibration->rectified_focal == 0) {
        use_file(calibration, rectification);
        return PO_OK;
    }
    if (calibration->turn != RIG_UPRIGHT) {
        rig->turn = calibration->turn;
        rig->width_px = height_px;
        rig->height_px = width_px;
    }
    make_turned_rotations(calibration, rectification->rotation[0],
                          rectification->rotation[1]);
    enum po_status status =
        choose_camera(calibration, rectification, width_px, height_px, rig, error);
    if (status != PO_OK)
        return status;
    for (int side = 0; side < 2; side++)
        set_projection(rectification->projection[side], rig->focal_px, rig->focal_y_px,
                       rig->cx_px, rig->cy_px);
    return PO_OK;
}
