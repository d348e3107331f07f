/* SPDX-License-Identifier: Apache-2.0 */
/* Raw cameras: the pose in millimetres, and whether the file's own rectification fits. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/matrix3.h"
#include "calib/parsed_calibration.h"

/* Where R2 R and R1 differ, in pixels at the rectified focal length. */
static double turn_error_px(const struct parsed_calibration *parsed,
                            const double rotation[9])
{
    double turned[9];
    matrix3_multiply(turned, parsed->cameras[1].rectification, rotation);
    double worst = 0;
    for (int i = 0; i < 9; i++)
        worst = fmax(worst, fabs(turned[i] - parsed->cameras[0].rectification[i]));
    return worst * parsed->cameras[0].projection[0];
}

static bool projections_are_plain(const double left[12], const double right[12])
{
    double f = left[0];
    return f > 0 && left[5] > 0 && left[10] == 1 && right[10] == 1 &&
           fabs(left[0] - right[0]) <= 1e-6 * f && fabs(left[5] - right[5]) <= 1e-6 * f &&
           fabs(left[6] - right[6]) <= 0.01 && fabs(left[1]) <= 1e-6 * f &&
           fabs(right[1]) <= 1e-6 * f;
}

/*
 * x_rectified = R1 X_left = R2 X_right + (b, 0, 0), so R2 R = R1 and R2 T = (-b, 0, 0).
 */
bool parsed_rectification_agrees(const struct parsed_calibration *parsed,
                                 const double rotation[9], const double translation[3],
                                 struct warning_list *warnings)
{
    const double *left = parsed->cameras[0].projection;
    const double *right = parsed->cameras[1].projection;
    double along[3];
    matrix3_apply(along, parsed->cameras[1].rectification, translation);
    double length = vector3_length(translation);
    double turn_px = turn_error_px(parsed, rotation);
    double tilt_px = hypot(along[1], along[2]) / length * left[0];
    double baseline = right[0] > 0 ? (left[3] - right[3]) / right[0] : 0;
    if (projections_are_plain(left, right) && turn_px < 0.5 && tilt_px < 5 &&
        along[0] < 0 && fabs(baseline - length) <= 0.01 * length)
        return true;
    if (warnings != NULL)
        warning_list_add(warnings,
                         "R1 R2 P1 P2 do not follow from K D R T (R2 R and R1 differ by "
                         "%.3g px, T leaves the rows by %.3g px, -P2[0][3]/f = %.6g, |T| "
                         "= %.6g): computed again from K D R T",
                         turn_px, tilt_px, baseline, length);
    return false;
}

static struct camera_model camera_of(const struct parsed_camera *parsed)
{
    const double *k = parsed->matrix;
    struct camera_model camera = {
        .fx = k[0], .fy = k[4], .cx = k[2], .cy = k[5], .skew = k[1]};
    camera.model = parsed->model;
    camera.coefficient_count = parsed->coefficient_count;
    memcpy(camera.coefficients, parsed->coefficients, sizeof(camera.coefficients));
    if (camera.coefficient_count == 0)
        camera.model = DISTORTION_NONE;
    return camera;
}

/* The sensor's size beside the K of images binned 2x2: nothing else puts both cameras'
 * centres at a quarter of both sides. */
static void warn_of_binned_matrices(struct calibration *calibration)
{
    static const double NEAR = 0.03;
    const struct camera_model *cameras = calibration->cameras;
    if (calibration->width_px <= 0 || calibration->height_px <= 0)
        return;
    for (int side = 0; side < 2; side++)
        if (fabs(cameras[side].cx / calibration->width_px - 0.25) > NEAR ||
            fabs(cameras[side].cy / calibration->height_px - 0.25) > NEAR)
            return;
    warning_list_add(&calibration->warnings,
                     "%s: the centres of both cameras, such as (%.1f, %.1f), are the "
                     "middle of %dx%d, not of the stated %dx%d: matrices of binned "
                     "images? Depths would be half as large",
                     calibration->path, cameras[0].cx, cameras[0].cy,
                     calibration->width_px / 2, calibration->height_px / 2,
                     calibration->width_px, calibration->height_px);
}

static void warn_of_odd_centres(struct calibration *calibration)
{
    for (int side = 0; side < 2; side++) {
        const struct camera_model *camera = &calibration->cameras[side];
        double x = camera->cx / calibration->width_px;
        double y = camera->cy / calibration->height_px;
        if (calibration->width_px > 0 && calibration->height_px > 0 &&
            (x < 0.2 || x > 0.8 || y < 0.2 || y > 0.8))
            warning_list_add(&calibration->warnings,
                             "%s: the centre of the %s camera (%.1f, %.1f) is far from "
                             "the middle of %dx%d: calibration of another size?",
                             calibration->path, side == 0 ? "left" : "right", camera->cx,
                             camera->cy, calibration->width_px, calibration->height_px);
    }
}

/* Two cameras of one rig have lenses of one kind, and sensors have square corners. */
static void warn_of_odd_lenses(struct calibration *calibration)
{
    static const double MAX_FOCAL_RATIO = 1.1;
    static const double MAX_SKEW = 0.03;
    const struct camera_model *cameras = calibration->cameras;
    double ratio = cameras[1].fx / cameras[0].fx;
    if (ratio > MAX_FOCAL_RATIO || ratio < 1 / MAX_FOCAL_RATIO)
        warning_list_add(&calibration->warnings,
                         "%s: the focal lengths of left and right, %.6g and %.6g px, "
                         "differ by more than 10 %%: calibrations of two rigs or sizes?",
                         calibration->path, cameras[0].fx, cameras[1].fx);
    for (int side = 0; side < 2; side++)
        if (fabs(cameras[side].skew) > MAX_SKEW * cameras[side].fx)
            warning_list_add(&calibration->warnings,
                             "%s: the %s camera matrix has a skew of %.6g px, which no "
                             "sensor has: a wrong number?",
                             calibration->path, side == 0 ? "left" : "right",
                             cameras[side].skew);
}

/* R1, R2, P1, P2 with the left camera's translation column at zero, in millimetres. */
static void keep_file_rectification(const struct parsed_calibration *parsed, double mm,
                                    struct calibration *calibration)
{
    const struct parsed_camera *cameras = parsed->cameras;
    if (!cameras[0].has_rectification || !cameras[1].has_rectification ||
        !cameras[0].has_projection || !cameras[1].has_projection)
        return;
    if (!parsed_rectification_agrees(parsed, parsed->rotation, parsed->translation,
                                     &calibration->warnings))
        return;
    calibration->has_file_rectification = true;
    for (int side = 0; side < 2; side++) {
        memcpy(calibration->file_rotation[side], cameras[side].rectification,
               sizeof(cameras[side].rectification));
        memcpy(calibration->file_projection[side], cameras[side].projection,
               sizeof(cameras[side].projection));
        calibration->file_projection[side][3] =
            (cameras[side].projection[3] - cameras[0].projection[3]) * mm;
    }
}

void parsed_assemble_raw(struct parsed_calibration *parsed,
                         const struct calibration_request *request,
                         struct calibration *calibration)
{
    double length = vector3_length(parsed->translation);
    struct parsed_scale scale = parsed_scale_find(parsed, request, length, calibration);
    calibration->unit = scale.unit;
    for (int i = 0; i < 3; i++)
        calibration->translation_mm[i] = parsed->translation[i] * scale.mm;
    memcpy(calibration->rotation, parsed->rotation, sizeof(calibration->rotation));
    for (int side = 0; side < 2; side++)
        calibration->cameras[side] = camera_of(&parsed->cameras[side]);
    calibration->size_count = parsed->size_count;
    memcpy(calibration->sizes, parsed->sizes, sizeof(calibration->sizes));
    (void)snprintf(calibration->baseline_origin, sizeof(calibration->baseline_origin),
                   "T");
    parsed_compare_baselines(parsed, &scale, length * scale.mm, "|T|", calibration);
    keep_file_rectification(parsed, scale.mm, calibration);
    warn_of_odd_centres(calibration);
    warn_of_binned_matrices(calibration);
    warn_of_odd_lenses(calibration);
}
