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

/*
 * Narrows `field` to the largest rectangle inside the image's outline: the innermost
 * point of each edge counts. Points a lens cannot reach do not narrow it.
 */
static int narrow_field(struct field_of_view *field, const struct camera_model *camera,
                        const double rotation[9], int width_px, int height_px)
{
    enum { SAMPLES = 65 };
    int reached = 0;
    for (int i = 0; i < SAMPLES; i++) {
        double u = (width_px - 1) * (double)i / (SAMPLES - 1);
        double v = (height_px - 1) * (double)i / (SAMPLES - 1);
        double x;
        double y;
        if (rectified_direction(camera, rotation, 0, v, &x, &y)) {
            field->left = fmax(field->left, x);
            reached |= 1;
        }
        if (rectified_direction(camera, rotation, width_px - 1, v, &x, &y)) {
            field->right = fmin(field->right, x);
            reached |= 2;
        }
        if (rectified_direction(camera, rotation, u, 0, &x, &y)) {
            field->top = fmax(field->top, y);
            reached |= 4;
        }
        if (rectified_direction(camera, rotation, u, height_px - 1, &x, &y)) {
            field->bottom = fmin(field->bottom, y);
            reached |= 8;
        }
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
    int reached = 15;
    double finest = 0;
    for (int side = 0; side < 2; side++) {
        const struct camera_model *camera = &calibration->cameras[side];
        reached &= narrow_field(&field, camera, rectification->rotation[side], width_px,
                                height_px);
        finest = fmax(finest, fmax(camera->fx, camera->fy));
    }
    double wide = field.right - field.left;
    double high = field.bottom - field.top;
    if (reached == 0 || !(wide > 0.01) || !(high > 0.01))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: after rectification the cameras see nothing in common (R, T "
                       "or the distortion is wrong)",
                       calibration->path);
    double f = fmax((width_px - 1) / wide, (height_px - 1) / high);
    if (f > 4 * finest)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: after rectification the cameras share less than a quarter of "
                       "the view; R or T is wrong",
                       calibration->path);
    f = fmax(f, finest * LEAST_FOCAL_SCALE);
    if (calibration->rectified_focal > 0)
        f = finest * calibration->rectified_focal;
    rig->focal_px = rig->focal_y_px = f;
    rig->cx_px = (width_px - 1) / 2.0 - f * (field.left + field.right) / 2;
    rig->cy_px = (height_px - 1) / 2.0 - f * (field.top + field.bottom) / 2;
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
        memcpy(rectification->rotation[side], MATRIX3_IDENTITY, sizeof(MATRIX3_IDENTITY));
        set_projection(rectification->projection[side], calibration->cameras[side].fx,
                       calibration->cameras[side].fy, rig->cx_px + side * rig->doffs_px,
                       rig->cy_px);
    }
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
    rig->unit = calibration->unit;
    rig->baseline_mm = vector3_length(calibration->translation_mm);
    if (calibration->has_file_rectification && calibration->rectified_focal == 0) {
        use_file(calibration, rectification);
        return PO_OK;
    }
    make_rotations(calibration->rotation, calibration->translation_mm,
                   rectification->rotation[0], rectification->rotation[1]);
    enum po_status status =
        choose_camera(calibration, rectification, width_px, height_px, rig, error);
    if (status != PO_OK)
        return status;
    for (int side = 0; side < 2; side++)
        set_projection(rectification->projection[side], rig->focal_px, rig->focal_y_px,
                       rig->cx_px, rig->cy_px);
    return PO_OK;
}
