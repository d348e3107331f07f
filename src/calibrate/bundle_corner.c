/* SPDX-License-Identifier: Apache-2.0 */
/* One corner in one camera: prediction, residual and derivatives. */
#include <math.h>
#include <stddef.h>

#include "calib/distortion.h"
#include "calib/matrix3.h"
#include "calibrate/bundle.h"

static const double NEAREST = 1e-6; /* in front of the camera */
static const double STEP = 1e-6;    /* of central differences */

void bundle_point(const struct bundle *bundle, const struct bundle_view *view, int side,
                  int corner, double point[3])
{
    const double board[3] = {bundle->board_xy[2 * (ptrdiff_t)corner],
                             bundle->board_xy[2 * (ptrdiff_t)corner + 1], 0};
    matrix3_apply(point, view->rotation, board);
    for (int i = 0; i < 3; i++)
        point[i] += view->translation[i];
    if (side == 0)
        return;
    matrix3_apply(point, bundle->rotation, point);
    for (int i = 0; i < 3; i++)
        point[i] += bundle->translation[i];
}

bool bundle_residual(const struct bundle *bundle, const struct bundle_view *view,
                     int side, int corner, double residual_px[2])
{
    double point[3];
    double pixel[2];
    bundle_point(bundle, view, side, corner, point);
    if (point[2] < NEAREST)
        return false;
    camera_project(&bundle->cameras[side], point[0] / point[2], point[1] / point[2],
                   &pixel[0], &pixel[1]);
    for (int i = 0; i < 2; i++)
        residual_px[i] = view->pixels[side][2 * (ptrdiff_t)corner + i] - pixel[i];
    return isfinite(residual_px[0]) && isfinite(residual_px[1]);
}

double bundle_view_rms(const struct bundle *bundle, const struct bundle_view *view,
                       int side)
{
    double sum = 0;
    int count = 0;
    for (int i = 0; i < bundle->corner_count && view->sides[side]; i++) {
        double r[2];
        if (!view->kept[side][i] || !bundle_residual(bundle, view, side, i, r))
            continue;
        sum += r[0] * r[0] + r[1] * r[1];
        count++;
    }
    return count > 0 ? sqrt(sum / count) : 0;
}

/* Central differences of a projection by x, y of the plane at distance 1. */
static void differ_by_plane(const struct camera_model *camera, double x, double y,
                            double by[2][2])
{
    double high[2];
    double low[2];
    for (int axis = 0; axis < 2; axis++) {
        double dx = axis == 0 ? STEP : 0;
        double dy = axis == 1 ? STEP : 0;
        camera_project(camera, x + dx, y + dy, &high[0], &high[1]);
        camera_project(camera, x - dx, y - dy, &low[0], &low[1]);
        for (int i = 0; i < 2; i++)
            by[i][axis] = (high[i] - low[i]) / (2 * STEP);
    }
}

static void differ_by_camera(const struct camera_model *camera, double x, double y,
                             const double pixel[2], double by[2][BUNDLE_CAMERA])
{
    struct camera_model moved = *camera;
    by[0][0] = (pixel[0] - camera->cx) / camera->fx;
    by[1][1] = (pixel[1] - camera->cy) / camera->fy;
    by[0][2] = by[1][3] = 1;
    for (int k = 0; k < camera->coefficient_count && k < BUNDLE_COEFFICIENTS; k++) {
        double high[2];
        double low[2];
        moved.coefficients[k] = camera->coefficients[k] + STEP;
        camera_project(&moved, x, y, &high[0], &high[1]);
        moved.coefficients[k] = camera->coefficients[k] - STEP;
        camera_project(&moved, x, y, &low[0], &low[1]);
        moved.coefficients[k] = camera->coefficients[k];
        for (int i = 0; i < 2; i++)
            by[i][4 + k] = (high[i] - low[i]) / (2 * STEP);
    }
}

bool bundle_linearise(const struct camera_model *camera, const double point[3],
                      const double seen_px[2], bool with_camera,
                      struct bundle_corner *corner)
{
    double pixel[2];
    double by_plane[2][2];
    *corner = (struct bundle_corner){0};
    if (point[2] < NEAREST)
        return false;
    double x = point[0] / point[2];
    double y = point[1] / point[2];
    camera_project(camera, x, y, &pixel[0], &pixel[1]);
    if (!isfinite(pixel[0]) || !isfinite(pixel[1]))
        return false;
    differ_by_plane(camera, x, y, by_plane);
    for (int i = 0; i < 2; i++) {
        corner->residual_px[i] = seen_px[i] - pixel[i];
        corner->by_point[i][0] = by_plane[i][0] / point[2];
        corner->by_point[i][1] = by_plane[i][1] / point[2];
        corner->by_point[i][2] = -(by_plane[i][0] * x + by_plane[i][1] * y) / point[2];
    }
    if (with_camera)
        differ_by_camera(camera, x, y, pixel, corner->by_camera);
    return true;
}
