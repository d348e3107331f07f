/* SPDX-License-Identifier: Apache-2.0 */
/* Small makers of values that several formats share. */
#include <math.h>
#include <string.h>

#include "calib/format.h"
#include "calib/matrix3.h"

void matrix_set(struct parsed_camera *camera, double fx, double fy, double cx, double cy)
{
    const double matrix[9] = {fx, 0, cx, 0, fy, cy, 0, 0, 1};
    memcpy(camera->matrix, matrix, sizeof(matrix));
    camera->has_matrix = true;
}

void projection_set(struct parsed_camera *camera, double fx, double fy, double cx,
                    double cy, double translation)
{
    const double projection[12] = {fx, 0, cx, translation, 0, fy, cy, 0, 0, 0, 1, 0};
    memcpy(camera->projection, projection, sizeof(projection));
    camera->has_projection = true;
}

/* How far the two fourth columns are apart, in the file's unit, along x and along y. */
static void shift_of(const struct parsed_camera cameras[2], double shift[2])
{
    const double *left = cameras[0].projection;
    const double *right = cameras[1].projection;
    shift[0] = right[0] > 0 ? (right[3] - left[3]) / right[0] : 0;
    shift[1] = right[5] > 0 ? (right[7] - left[7]) / right[5] : 0;
}

enum po_status parsed_pose_from_projections(const char *path,
                                            struct parsed_calibration *parsed,
                                            struct po_error *error)
{
    const struct parsed_camera *cameras = parsed->cameras;
    double left = cameras[0].projection[3];
    double right = cameras[1].projection[3];
    double shift[2];
    double back[9];
    shift_of(cameras, shift);
    if (shift[0] == 0 && shift[1] == 0 && left != 0)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: both cameras have the same P[0][3] = %g, so no baseline "
                       "between them; want 0 in the left camera's P and -fx B in the "
                       "right one's",
                       path, left);
    if (shift[0] == 0 && shift[1] == 0)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: projection_matrix of the right camera has no -fx B in its "
                       "fourth column: calibrated one by one, not as a pair",
                       path);
    if (shift[0] > 0 && right == 0 && left < 0)
        return po_fail(
            error, PO_BAD_CALIBRATION,
            "%s: -fx B = %g stands in the left camera's P[0][3], and the right "
            "camera's is 0: the two files are exchanged, or it was written "
            "into the wrong one",
            path, left);
    const double along[3] = {shift[0], shift[1], 0};
    matrix3_transpose(back, cameras[1].rectification);
    matrix3_multiply(parsed->rotation, back, cameras[0].rectification);
    matrix3_apply(parsed->translation, back, along);
    parsed->has_rotation = parsed->has_translation = true;
    return PO_OK;
}

enum po_status parsed_set_sizes(const struct calibration_source *source,
                                double sizes[2][2], struct parsed_calibration *parsed,
                                struct po_error *error)
{
    const double *left = sizes[0];
    const double *right = sizes[1];
    if (left[0] != right[0] || left[1] != right[1])
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: the cameras differ in size: %gx%g and %gx%g", source->path,
                       left[0], left[1], right[0], right[1]);
    if (left[0] >= 1 && left[0] <= 1e6 && left[1] >= 1 && left[1] <= 1e6) {
        parsed->width_px = (int)left[0];
        parsed->height_px = (int)left[1];
    }
    return PO_OK;
}

/*
 * Q = [1 0 0 -cx; 0 1 0 -cy; 0 0 0 f; 0 0 1/B (cx' - cx)/B], Z = f / (Q32 d + Q33): so
 * B = 1/Q32 and doffs = Q33/Q32 (OpenCV's stereoRectify).
 */
enum po_status parsed_from_q(const struct calibration_source *source, const double q[16],
                             struct parsed_calibration *parsed, struct po_error *error)
{
    static const int zero[] = {1, 2, 4, 6, 8, 9, 10, 12, 13};
    bool plain = q[0] == 1 && q[5] == 1 && q[11] != 0 && q[14] != 0 && all_finite(q, 16);
    for (size_t i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
        plain = plain && q[zero[i]] == 0;
    if (!plain)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%s: Q is not of the form [1 0 0 -cx; 0 1 0 -cy; 0 0 0 f; 0 0 1/B "
                       "(cx'-cx)/B] with f and 1/B other than 0",
                       source->path);
    double f = q[11];
    double doffs = q[15] / q[14];
    projection_set(&parsed->cameras[0], f, f, -q[3], -q[7], 0);
    projection_set(&parsed->cameras[1], f, f, -q[3] + doffs, -q[7], -f / q[14]);
    memcpy(parsed->q, q, sizeof(parsed->q));
    parsed->has_q = true;
    parsed->rectified = true;
    parsed->baseline_origin = "Q";
    return PO_OK;
}
