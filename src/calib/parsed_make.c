/* SPDX-License-Identifier: Apache-2.0 */
/* Small conversions that several formats share. */
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

/*
 * Q = [1 0 0 -cx; 0 1 0 -cy; 0 0 0 f; 0 0 1/B (cx' - cx)/B], Z = f / (Q32 d + Q33): so
 * B = 1/Q32 and doffs = Q33/Q32 (OpenCV's stereoRectify).
 */
enum po_status parsed_from_q(const struct calibration_source *source, const double q[16],
                             struct parsed_calibration *parsed, struct po_error *error)
{
    static const int ZERO[] = {1, 2, 4, 6, 8, 9, 10, 12, 13};
    bool plain = q[0] == 1 && q[5] == 1 && q[11] != 0 && q[14] != 0 && all_finite(q, 16);
    for (size_t i = 0; i < sizeof(ZERO) / sizeof(ZERO[0]); i++)
        plain = plain && q[ZERO[i]] == 0;
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
