/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Four coefficients without a word on the lens: k1 k2 p1 p2 for OpenCV's calibrateCamera,
 * k1 k2 k3 k4 for cv::fisheye, and a file that looks the same. In doubt are those for
 * which the two meanings put pixels elsewhere.
 */
#include <math.h>
#include <string.h>

#include "calib/distortion.h"
#include "calib/parsed_calibration.h"

enum { FISHEYE_COEFFICIENTS = 4 };

void parsed_apply_distortion(struct parsed_calibration *parsed,
                             const struct calibration_request *request)
{
    if (request == NULL || request->distortion == PO_DISTORTION_AUTO)
        return;
    for (int side = 0; side < 2; side++) {
        struct parsed_camera *camera = &parsed->cameras[side];
        if (camera->coefficient_count == 0)
            continue;
        camera->lens_stated = true;
        camera->model = request->distortion == PO_DISTORTION_FISHEYE ? DISTORTION_FISHEYE
                                                                     : DISTORTION_RADTAN;
    }
}

/* How far apart the two models see a pixel's direction, over a grid of the image. */
static double difference_px(const struct camera_model *camera, int width_px,
                            int height_px)
{
    enum { STEPS = 8 };
    double worst = 0;
    struct camera_model other = *camera;
    other.model =
        camera->model == DISTORTION_FISHEYE ? DISTORTION_RADTAN : DISTORTION_FISHEYE;
    for (int row = 0; row <= STEPS; row++)
        for (int column = 0; column <= STEPS; column++) {
            double x;
            double y;
            double u[2];
            double v[2];
            if (!camera_unproject(camera, (double)width_px * column / STEPS,
                                  (double)height_px * row / STEPS, &x, &y))
                continue;
            camera_project(camera, x, y, &u[0], &v[0]);
            camera_project(&other, x, y, &u[1], &v[1]);
            worst = fmax(worst, hypot(u[0] - u[1], v[0] - v[1]));
        }
    return worst;
}

bool lens_is_in_doubt(const struct parsed_calibration *parsed,
                      const struct calibration *calibration)
{
    static const double LEAST_PX = 1;
    for (int side = 0; side < 2; side++) {
        const struct parsed_camera *camera = &parsed->cameras[side];
        if (camera->lens_stated || camera->coefficient_count != FISHEYE_COEFFICIENTS ||
            camera->model == DISTORTION_NONE)
            return false;
    }
    const struct camera_model *left = &calibration->cameras[0];
    int width_px =
        calibration->width_px > 0 ? calibration->width_px : (int)(2 * left->cx);
    int height_px =
        calibration->height_px > 0 ? calibration->height_px : (int)(2 * left->cy);
    return difference_px(left, width_px, height_px) > LEAST_PX;
}

void calibration_change_lens(struct calibration *calibration)
{
    for (int side = 0; side < 2; side++) {
        enum distortion_model *model = &calibration->cameras[side].model;
        *model = *model == DISTORTION_FISHEYE ? DISTORTION_RADTAN : DISTORTION_FISHEYE;
    }
}
