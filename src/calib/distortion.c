/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/distortion.h"

#include <math.h>

#include "calib/matrix3.h"

/* Beyond this half angle's tangent a pinhole image has no use for a direction. */
static const double TANGENT_MAX = 8;

/* The sensor tilted by tau_x, tau_y against the lens (OpenCV calib3d, "Scheimpflug"):
 * s [x' y' 1] = [R33 0 -R13; 0 R33 -R23; 0 0 1] R(tau_y) R(tau_x) [x y 1]. */
static void tilt(double tau_x, double tau_y, double *x, double *y)
{
    const double rx[9] = {1, 0, 0, 0, cos(tau_x), sin(tau_x), 0, -sin(tau_x), cos(tau_x)};
    const double ry[9] = {cos(tau_y), 0, -sin(tau_y), 0, 1, 0, sin(tau_y), 0, cos(tau_y)};
    double r[9];
    matrix3_multiply(r, ry, rx);
    double v[3] = {*x, *y, 1};
    matrix3_apply(v, r, v);
    *x = (r[8] * v[0] - r[2] * v[2]) / v[2];
    *y = (r[8] * v[1] - r[5] * v[2]) / v[2];
}

static void distort_radtan(const double *k, double x, double y, double *xd, double *yd)
{
    double r2 = x * x + y * y;
    double r4 = r2 * r2;
    double r6 = r4 * r2;
    double radial =
        (1 + k[0] * r2 + k[1] * r4 + k[4] * r6) / (1 + k[5] * r2 + k[6] * r4 + k[7] * r6);
    *xd = x * radial + 2 * k[2] * x * y + k[3] * (r2 + 2 * x * x) + k[8] * r2 + k[9] * r4;
    *yd =
        y * radial + k[2] * (r2 + 2 * y * y) + 2 * k[3] * x * y + k[10] * r2 + k[11] * r4;
    if (k[12] != 0 || k[13] != 0)
        tilt(k[12], k[13], xd, yd);
}

/* theta_d = theta (1 + k1 theta^2 + k2 theta^4 + k3 theta^6 + k4 theta^8) */
static void distort_fisheye(const double *k, double x, double y, double *xd, double *yd)
{
    double r = hypot(x, y);
    double theta = atan(r);
    double t2 = theta * theta;
    double bent = theta * (1 + t2 * (k[0] + t2 * (k[1] + t2 * (k[2] + t2 * k[3]))));
    double scale = r > 1e-12 ? bent / r : 1;
    *xd = x * scale;
    *yd = y * scale;
}

/* Coefficients beyond a model's count are zero. */
static void distort(const struct camera_model *camera, double x, double y, double *xd,
                    double *yd)
{
    *xd = x;
    *yd = y;
    if (camera->model == DISTORTION_RADTAN)
        distort_radtan(camera->coefficients, x, y, xd, yd);
    else if (camera->model == DISTORTION_FISHEYE)
        distort_fisheye(camera->coefficients, x, y, xd, yd);
}

void camera_project(const struct camera_model *camera, double x, double y, double *u_px,
                    double *v_px)
{
    double xd;
    double yd;
    distort(camera, x, y, &xd, &yd);
    *u_px = camera->fx * xd + camera->skew * yd + camera->cx;
    *v_px = camera->fy * yd + camera->cy;
}

/* One Newton step towards distort(x, y) = (xd, yd), with the derivatives measured. */
static bool newton_step(const struct camera_model *camera, double xd, double yd,
                        double *x, double *y)
{
    const double h = 1e-6;
    double at[2];
    double dx[2];
    double dy[2];
    distort(camera, *x, *y, &at[0], &at[1]);
    distort(camera, *x + h, *y, &dx[0], &dx[1]);
    distort(camera, *x, *y + h, &dy[0], &dy[1]);
    double a = (dx[0] - at[0]) / h;
    double b = (dy[0] - at[0]) / h;
    double c = (dx[1] - at[1]) / h;
    double d = (dy[1] - at[1]) / h;
    double determinant = a * d - b * c;
    if (!(determinant > 1e-3)) /* the lens folds the image over here */
        return false;
    double ex = xd - at[0];
    double ey = yd - at[1];
    *x += (d * ex - b * ey) / determinant;
    *y += (a * ey - c * ex) / determinant;
    return isfinite(*x) && isfinite(*y) && hypot(*x, *y) < TANGENT_MAX;
}

bool camera_unproject(const struct camera_model *camera, double u_px, double v_px,
                      double *x, double *y)
{
    double yd = (v_px - camera->cy) / camera->fy;
    double xd = (u_px - camera->cx - camera->skew * yd) / camera->fx;
    /* From the middle outwards, so that the search stays on the branch that is seen. */
    enum { PARTS = 8, STEPS = 8 };
    *x = *y = 0;
    for (int part = 1; part <= PARTS; part++) {
        bool moves = true;
        for (int step = 0; step < STEPS && moves; step++) {
            const double before[2] = {*x, *y};
            if (!newton_step(camera, xd * part / PARTS, yd * part / PARTS, x, y))
                return false;
            moves = *x != before[0] || *y != before[1];
        }
    }
    double back_x;
    double back_y;
    distort(camera, *x, *y, &back_x, &back_y);
    return hypot(back_x - xd, back_y - yd) < 1e-6;
}
