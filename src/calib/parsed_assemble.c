/* SPDX-License-Identifier: Apache-2.0 */
/* Already rectified images, and what both kinds of calibration share. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/matrix3.h"
#include "calib/parsed_calibration.h"
#include "calib/rigid_pose.h"

/* A wrong order of cameras ends here: swapped on demand or where nobody named a side. */
static enum po_status resolve_swap(struct parsed_calibration *parsed, double shift,
                                   const struct calibration_request *request,
                                   struct calibration *calibration,
                                   struct po_error *error)
{
    bool is_asked = request != NULL && request->swap;
    if (!is_asked && !parsed->numbered)
        return po_fail(
            error, PO_BAD_CALIBRATION,
            "%s: left and right are swapped: T[0] (or P2[0][3]/f) is %+.6g, so the "
            "camera "
            "named left stands to the right of the other; want it below zero. Give the "
            "images in the other order with --swap, or calibrate with left first",
            calibration->path, shift);
    parsed_swap(parsed);
    calibration->swapped = true;
    warning_list_add(&calibration->warnings,
                     "%s: the first camera stands to the right of the second (T[0] = "
                     "%+.6g): cameras and images are exchanged%s",
                     calibration->path, shift, is_asked ? " as --swap says" : "");
    return PO_OK;
}

static enum po_status check_projections(const struct parsed_calibration *parsed,
                                        const char *path, struct po_error *error)
{
    const double *left = parsed->cameras[0].projection;
    const double *right = parsed->cameras[1].projection;
    for (int side = 0; side < 2; side++) {
        const double *p = side == 0 ? left : right;
        if (!(p[0] > 0) || !(p[5] > 0) || p[0] > 1e7 || p[5] > 1e7)
            return po_fail(error, PO_BAD_CALIBRATION,
                           "%s: focal lengths must be above 0 px, got %g and %g (%s)",
                           path, p[0], p[5], side == 0 ? "left" : "right");
        if (fabs(p[1]) > 1e-6 * p[0])
            return po_fail(error, PO_BAD_CALIBRATION,
                           "%s: the projection of a rectified camera has skew %g; want 0",
                           path, p[1]);
    }
    if (fabs(left[0] - right[0]) > 1e-3 * left[0])
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: a rectified pair has one focal length, got %.6g px and %.6g "
                       "px; are the images really rectified?",
                       path, left[0], right[0]);
    return PO_OK;
}

static void fill_rig(struct calibration *calibration,
                     const struct parsed_calibration *parsed)
{
    const double *left = parsed->cameras[0].projection;
    const double *right = parsed->cameras[1].projection;
    struct rectified_rig *rig = &calibration->rig;
    rig->width_px = parsed->width_px;
    rig->height_px = parsed->height_px;
    rig->focal_px = left[0];
    rig->focal_y_px = left[5];
    rig->cx_px = left[2];
    rig->cy_px = left[6];
    rig->doffs_px = parsed->has_doffs ? parsed->doffs_px : right[2] - left[2];
    rig->disparity_count_hint = parsed->disparity_count;
    if (parsed->has_doffs && fabs(right[2] - left[2] - parsed->doffs_px) > 0.5)
        warning_list_add(&calibration->warnings,
                         "%s: doffs = %.6g but the centres differ by %.6g px; doffs is "
                         "used",
                         calibration->path, parsed->doffs_px, right[2] - left[2]);
    if (fabs(left[6] - right[6]) > 0.5)
        warning_list_add(&calibration->warnings,
                         "%s: rows do not correspond: cy is %.6g left and %.6g right",
                         calibration->path, left[6], right[6]);
}

/* The model of rectified cameras: K from P, no distortion, R = I, T = (-B, 0, 0). */
static void fill_rectified_cameras(struct calibration *calibration,
                                   const struct parsed_calibration *parsed)
{
    for (int side = 0; side < 2; side++) {
        const double *p = parsed->cameras[side].projection;
        calibration->cameras[side] = (struct camera_model){
            .fx = p[0], .fy = p[5], .cx = p[2], .cy = p[6], .model = DISTORTION_NONE};
    }
    memcpy(calibration->rotation, matrix3_identity, sizeof(matrix3_identity));
    calibration->translation_mm[0] = -calibration->rig.baseline_mm;
}

enum po_status parsed_assemble_rectified(struct parsed_calibration *parsed,
                                         const struct calibration_request *request,
                                         struct calibration *calibration,
                                         struct po_error *error)
{
    enum po_status status = check_projections(parsed, calibration->path, error);
    if (status != PO_OK)
        return status;
    const double *left = parsed->cameras[0].projection;
    const double *right = parsed->cameras[1].projection;
    double baseline = (left[3] - right[3]) / left[0];
    if (fabs(baseline) < 1e-9)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: the baseline is 0: P2[0][3] (or the baseline) must give the "
                       "distance of the cameras",
                       calibration->path);
    if (baseline < 0) {
        status = resolve_swap(parsed, -baseline, request, calibration, error);
        if (status != PO_OK)
            return status;
        baseline = -baseline;
    }
    struct parsed_scale scale = parsed_scale_find(parsed, request, baseline, calibration);
    calibration->rectified = true;
    fill_rig(calibration, parsed);
    calibration->rig.baseline_mm = baseline * scale.mm;
    calibration->rig.unit = scale.unit;
    calibration->unit = scale.unit;
    (void)snprintf(calibration->baseline_origin, sizeof(calibration->baseline_origin),
                   "%s",
                   parsed->baseline_origin != NULL ? parsed->baseline_origin : "P2");
    parsed_compare_baselines(parsed, &scale, calibration->rig.baseline_mm,
                             calibration->baseline_origin, calibration);
    fill_rectified_cameras(calibration, parsed);
    return PO_OK;
}

/* Cameras above each other. What the file rectified for columns is not for rows. */
static void turn_rig(struct parsed_calibration *parsed, struct calibration *calibration)
{
    const double *t = parsed->translation;
    calibration->turn = t[1] < 0 ? RIG_TURNED_LEFT : RIG_TURNED_RIGHT;
    for (int side = 0; side < 2; side++) {
        parsed->cameras[side].has_rectification = false;
        parsed->cameras[side].has_projection = false;
    }
    parsed->has_q = false;
    warning_list_add(&calibration->warnings,
                     "%s: T = [%.6g %.6g %.6g]: the cameras stand above each other, so "
                     "rectified images and maps lie on their side; clouds are upright",
                     calibration->path, t[0], t[1], t[2]);
}

static enum po_status check_direction(struct parsed_calibration *parsed,
                                      const struct calibration_request *request,
                                      struct calibration *calibration,
                                      struct po_error *error)
{
    const double *t = parsed->translation;
    if (parsed->rectified)
        return PO_OK;
    if (fabs(t[2]) > fabs(t[0]) && fabs(t[2]) > fabs(t[1]))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: T = [%.6g %.6g %.6g]: the cameras stand behind each other; "
                       "want them side by side or above each other",
                       calibration->path, t[0], t[1], t[2]);
    if (fabs(t[1]) > fabs(t[0])) {
        if (request != NULL && request->swap)
            parsed_swap(parsed);
        turn_rig(parsed, calibration);
        return PO_OK;
    }
    if (t[0] > 0)
        return resolve_swap(parsed, t[0], request, calibration, error);
    return PO_OK;
}

/*
 * T[0] > 0 beside a rectification that fits the inverse pose: the file holds the place of
 * the right camera seen from the left one. Then nothing is swapped, only written so.
 */
static void undo_inverse_pose(struct parsed_calibration *parsed,
                              struct calibration *calibration)
{
    const struct parsed_camera *cameras = parsed->cameras;
    bool given = cameras[0].has_rectification && cameras[1].has_rectification &&
                 cameras[0].has_projection && cameras[1].has_projection;
    if (parsed->rectified || !given || parsed->translation[0] <= 0 ||
        cameras[0].projection[3] - cameras[1].projection[3] <= 0)
        return;
    double rotation[9];
    double translation[3];
    memcpy(rotation, parsed->rotation, sizeof(rotation));
    memcpy(translation, parsed->translation, sizeof(translation));
    rigid_pose_invert(rotation, translation);
    if (!parsed_rectification_agrees(parsed, rotation, translation, NULL))
        return;
    memcpy(parsed->rotation, rotation, sizeof(rotation));
    memcpy(parsed->translation, translation, sizeof(translation));
    warning_list_add(&calibration->warnings,
                     "%s: R and T are the inverse of what R1, R2 and P2 were made from "
                     "(the right camera's place seen from the left one); inverted",
                     calibration->path);
}

/* No distortion, no turn, P = K: the file describes images that are rectified. */
static bool describes_rectified_images(const struct parsed_calibration *parsed)
{
    static const int places[9] = {0, 1, 2, 4, 5, 6, 8, 9, 10}; /* of K within P */
    for (int side = 0; side < 2; side++) {
        const struct parsed_camera *camera = &parsed->cameras[side];
        if (!camera->has_matrix || !camera->has_rectification || !camera->has_projection)
            return false;
        for (int i = 0; i < camera->coefficient_count; i++)
            if (camera->coefficients[i] != 0)
                return false;
        for (int i = 0; i < 9; i++)
            if (parsed->rotation[i] != matrix3_identity[i] ||
                camera->rectification[i] != matrix3_identity[i] ||
                camera->matrix[i] != camera->projection[places[i]])
                return false;
    }
    return parsed->translation[1] == 0 && parsed->translation[2] == 0;
}

/* --rectified. Then only the images show the order of the cameras: a rectified pair's
 * disparities have one sign, and the check before a run looks at it. */
static enum po_status take_as_rectified(struct parsed_calibration *parsed,
                                        struct calibration *calibration,
                                        struct po_error *error)
{
    double *left = parsed->cameras[0].projection;
    double *right = parsed->cameras[1].projection;
    if (parsed->rectified)
        return PO_OK;
    if (!parsed->cameras[0].has_projection || !parsed->cameras[1].has_projection)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: --rectified needs the rectified cameras, P1 and P2, and the "
                       "file holds none; leave it out for raw images",
                       calibration->path);
    parsed->rectified = true;
    if (left[3] - right[3] >= 0)
        return PO_OK;
    warning_list_add(&calibration->warnings,
                     "%s: P2[0][3] is %+.6g, as if left and right were exchanged; with "
                     "--rectified only its size is used",
                     calibration->path, right[3] - left[3]);
    right[3] = 2.0 * left[3] - right[3];
    return PO_OK;
}

enum po_status parsed_assemble(struct parsed_calibration *parsed,
                               const struct calibration_request *request,
                               struct calibration *calibration, struct po_error *error)
{
    calibration->warnings = parsed->warnings;
    parsed_apply_distortion(parsed, request);
    enum po_status status = parsed_check_values(parsed, calibration->path, error);
    if (status != PO_OK)
        return status;
    if (request != NULL && request->rectified) {
        status = take_as_rectified(parsed, calibration, error);
        if (status != PO_OK)
            return status;
    }
    undo_inverse_pose(parsed, calibration);
    status = check_direction(parsed, request, calibration, error);
    if (status != PO_OK)
        return status;
    calibration->width_px = parsed->width_px;
    calibration->height_px = parsed->height_px;
    calibration->window = parsed->window;
    parsed->rectified = parsed->rectified || describes_rectified_images(parsed);
    if (parsed->rectified) {
        status = parsed_assemble_rectified(parsed, request, calibration, error);
        calibration->maps = parsed->maps; /* exchanged with the cameras */
        calibration->rectified = !parsed->maps.present;
        return status;
    }
    parsed_assemble_raw(parsed, request, calibration);
    calibration->lens_in_doubt = lens_is_in_doubt(parsed, calibration);
    calibration->rectified_focal = request != NULL ? request->rectified_focal : 0;
    return PO_OK;
}
