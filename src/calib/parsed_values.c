/* SPDX-License-Identifier: Apache-2.0 */
/* Values no arithmetic survives: NaN, numbers whose squares are infinite, singular
 * matrices, rotations that are none. */
#include <math.h>
#include <string.h>

#include "calib/matrix3.h"
#include "calib/parsed_calibration.h"
#include "calib/rigid_pose.h"

#define NO_NUMBER "NaN, infinity or a number above 1e15"

static const char *const sides[2] = {"left (first)", "right (second)"};

static enum po_status check_matrix(struct parsed_camera *camera, int side,
                                   const char *path, struct po_error *error)
{
    double *k = camera->matrix;
    if (!all_plausible(k, 9))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: the camera matrix of the %s camera holds " NO_NUMBER, path,
                       sides[side]);
    double scale = k[8];
    for (int i = 0; i < 9 && scale != 0; i++)
        k[i] /= scale;
    if (!all_plausible(k, 9) || fabs(k[8] - 1) > 1e-9 || k[3] != 0 || k[6] != 0 ||
        k[7] != 0 || k[0] <= 0 || k[4] <= 0)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: the camera matrix of the %s camera is singular or none: want "
                       "[fx s cx; 0 fy cy; 0 0 1] with fx, fy > 0, got [%g %g %g; %g %g "
                       "%g; %g %g %g]",
                       path, sides[side], k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7],
                       k[8]);
    return PO_OK;
}

static enum po_status check_distortion(const struct parsed_camera *camera, int side,
                                       const char *path, struct po_error *error)
{
    int n = camera->coefficient_count;
    if (n == 0)
        return PO_OK; /* no distortion */
    if (camera->model == DISTORTION_FISHEYE && n != 4)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: the %s camera has %d fisheye coefficients; want 4", path,
                       sides[side], n);
    if (camera->model == DISTORTION_RADTAN && n != 4 && n != 5 && n != 8 && n != 12 &&
        n != 14)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: the %s camera has %d distortion coefficients; want 4, 5, 8, "
                       "12 or 14 (k1 k2 p1 p2 k3 ...)",
                       path, sides[side], n);
    if (!all_plausible(camera->coefficients, n))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: the distortion of the %s camera holds " NO_NUMBER, path,
                       sides[side]);
    return PO_OK;
}

static enum po_status check_rotation(double rotation[9], const char *name,
                                     const char *path, struct po_error *error)
{
    if (!all_plausible(rotation, 9))
        return po_fail(error, PO_BAD_CALIBRATION, "%s: %s holds " NO_NUMBER, path, name);
    double off = rotation_error(rotation);
    if (off > 1e-3)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: %s is not a rotation: R R' is off the identity by %.3g "
                       "(determinant %.3g)",
                       path, name, off, matrix3_determinant(rotation));
    rotation_polish(rotation);
    return PO_OK;
}

static enum po_status check_camera(struct parsed_camera *camera, int side,
                                   const char *path, struct po_error *error)
{
    enum po_status status = PO_OK;
    if (camera->has_matrix)
        status = check_matrix(camera, side, path, error);
    if (status == PO_OK)
        status = check_distortion(camera, side, path, error);
    if (status == PO_OK && camera->has_rectification)
        status =
            check_rotation(camera->rectification, side == 0 ? "R1" : "R2", path, error);
    if (status == PO_OK && camera->has_projection &&
        !all_plausible(camera->projection, 12))
        status = po_fail(error, PO_BAD_CALIBRATION,
                         "%s: the projection (P) of the %s camera holds " NO_NUMBER, path,
                         sides[side]);
    return status;
}

static enum po_status check_pose(struct parsed_calibration *parsed, const char *path,
                                 struct po_error *error)
{
    const double *t = parsed->translation;
    if (parsed->has_rotation) {
        enum po_status status =
            check_rotation(parsed->rotation, "the rotation R", path, error);
        if (status != PO_OK)
            return status;
    }
    if (parsed->has_translation && !all_plausible(t, 3))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: the translation T holds " NO_NUMBER, path);
    if (parsed->has_translation && vector3_length(t) < 1e-9)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: |T| = 0: both cameras stand at the same place, so there is "
                       "no depth; calibrate the pair again",
                       path);
    if (parsed->has_q && !all_plausible(parsed->q, 16))
        return po_fail(error, PO_BAD_CALIBRATION, "%s: Q holds " NO_NUMBER, path);
    if (parsed->has_baseline && !all_plausible(&parsed->baseline_mm, 1))
        return po_fail(error, PO_BAD_CALIBRATION, "%s: the baseline is " NO_NUMBER, path);
    if (parsed->has_doffs && !all_plausible(&parsed->doffs_px, 1))
        return po_fail(error, PO_BAD_CALIBRATION, "%s: doffs is " NO_NUMBER, path);
    return PO_OK;
}

enum po_status parsed_check_values(struct parsed_calibration *parsed, const char *path,
                                   struct po_error *error)
{
    enum po_status status = PO_OK;
    if (parsed->disparity_count < 0 || parsed->disparity_count > 100000)
        parsed->disparity_count = 0;
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = check_camera(&parsed->cameras[side], side, path, error);
    if (status == PO_OK)
        status = check_pose(parsed, path, error);
    return status;
}

static void swap_bytes(void *a, void *b, size_t bytes)
{
    unsigned char *x = a;
    unsigned char *y = b;
    for (size_t i = 0; i < bytes; i++) {
        unsigned char kept = x[i];
        x[i] = y[i];
        y[i] = kept;
    }
}

void parsed_swap(struct parsed_calibration *parsed)
{
    swap_bytes(&parsed->cameras[0], &parsed->cameras[1], sizeof(parsed->cameras[0]));
    if (parsed->has_rotation && parsed->has_translation)
        rigid_pose_invert(parsed->rotation, parsed->translation);
    for (int i = 0; i < parsed->size_count; i++) {
        struct calibration_size *size = &parsed->sizes[i];
        double unused[3] = {0};
        swap_bytes(&size->cameras[0], &size->cameras[1], sizeof(size->cameras[0]));
        rigid_pose_invert(size->rotation, unused);
    }
    swap_bytes(&parsed->maps.arrays[0], &parsed->maps.arrays[1],
               sizeof(parsed->maps.arrays[0]));
    parsed->has_q = false;
    parsed->doffs_px = -parsed->doffs_px;
}
