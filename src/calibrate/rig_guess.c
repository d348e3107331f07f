/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/rig_guess.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/matrix3.h"

/* Of the width: between a phone's lens and a scanner's. */
static const double USUAL_FOCAL = 0.9;
static const double LEAST_DIVISOR = 0.05; /* beyond it a lens sees behind itself */

/*
 * The division model backwards is d = r C(lambda r^2), C the generating function of
 * Catalan's numbers; its continued fraction 1 / (1 - t / (1 - t / ...)), six deep, is the
 * rational model of eight coefficients: off by 1e-4 where lambda r^2 = -0.5.
 */
static void set_bend(struct camera_model *camera, double lambda)
{
    const double t = lambda;
    const double coefficients[] = {-5 * t,     6 * t * t, 0,          0,
                                   -t * t * t, -6 * t,    10 * t * t, -4 * t * t * t};
    camera->model = DISTORTION_RADTAN;
    camera->coefficient_count = 8;
    memcpy(camera->coefficients, coefficients, sizeof(coefficients));
}

/* Fills one camera, side -1 left and 1 right. */
static void make_camera(const struct rig_guess *guess, int side,
                        struct camera_model *camera)
{
    const double *u = guess->values;
    double usual_px = USUAL_FOCAL * fmax(guess->width_px, guess->height_px);
    double focal_px = usual_px * exp(u[GUESS_FOCAL] + side * u[GUESS_RATIO] / 2);
    *camera = (struct camera_model){
        .fx = focal_px,
        .fy = focal_px,
        .cx = (guess->width_px - 1) / 2.0,
        .cy = (guess->height_px - 1) / 2.0 + side * u[GUESS_RISE] / 2 * usual_px,
    };
    if (u[GUESS_BEND] != 0)
        set_bend(camera, u[GUESS_BEND]);
}

static void make_pose(const double u[GUESS_UNKNOWNS], double rotation[9],
                      double translation[3])
{
    const double axis[3] = {0, u[GUESS_FORWARD], -u[GUESS_UP]};
    const double along[3] = {-1, 0, 0};
    double bend[9];
    rotation_from_vector(rotation, &u[GUESS_TURN_X]);
    rotation_from_vector(bend, axis);
    matrix3_apply(translation, bend, along);
}

void rig_guess_calibration(const struct rig_guess *guess, struct calibration *calibration)
{
    memset(calibration, 0, sizeof(*calibration));
    (void)snprintf(calibration->format, sizeof(calibration->format), "uncalibrated");
    (void)snprintf(calibration->path, sizeof(calibration->path),
                   "--rectify-uncalibrated");
    (void)snprintf(calibration->unit_origin, sizeof(calibration->unit_origin), "none");
    (void)snprintf(calibration->baseline_origin, sizeof(calibration->baseline_origin),
                   "none");
    calibration->width_px = guess->width_px;
    calibration->height_px = guess->height_px;
    calibration->unit = RIG_NONE;
    make_camera(guess, -1, &calibration->cameras[0]);
    make_camera(guess, 1, &calibration->cameras[1]);
    make_pose(guess->values, calibration->rotation, calibration->translation_mm);
}

void rig_guess_round(struct rig_guess *guess)
{
    static const double steps = 1e12;
    for (int i = 0; i < GUESS_UNKNOWNS; i++)
        guess->values[i] = round(guess->values[i] * steps) / steps;
}

static void to_ray(const struct camera_model *camera, double lambda,
                   const double pixel[2], double ray[3])
{
    double x = (pixel[0] - camera->cx) / camera->fx;
    double y = (pixel[1] - camera->cy) / camera->fy;
    double scale = 1 / fmax(1 + lambda * (x * x + y * y), LEAST_DIVISOR);
    ray[0] = x * scale;
    ray[1] = y * scale;
    ray[2] = 1;
}

static double row_of(const double essential[9], const double left[3],
                     const double right[3], double focal_px)
{
    double back[9];
    double line[3];
    double other[3];
    matrix3_transpose(back, essential);
    matrix3_apply(line, essential, left);
    matrix3_apply(other, back, right);
    double product = right[0] * line[0] + right[1] * line[1] + right[2] * line[2];
    double length =
        line[0] * line[0] + line[1] * line[1] + other[0] * other[0] + other[1] * other[1];
    return length > 0 ? focal_px * product / sqrt(length) * sqrt(2) : 0;
}

void rig_guess_rows(const struct rig_guess *guess, const struct pixel_match *matches,
                    int count, double *rows_px)
{
    struct camera_model cameras[2];
    double rotation[9];
    double t[3];
    double essential[9];
    make_camera(guess, -1, &cameras[0]);
    make_camera(guess, 1, &cameras[1]);
    make_pose(guess->values, rotation, t);
    const double cross[9] = {0, -t[2], t[1], t[2], 0, -t[0], -t[1], t[0], 0};
    matrix3_multiply(essential, cross, rotation);
    double lambda = guess->values[GUESS_BEND];
    double focal_px = sqrt(cameras[0].fx * cameras[1].fx);
    for (int i = 0; i < count; i++) {
        double left[3];
        double right[3];
        to_ray(&cameras[0], lambda, matches[i].left, left);
        to_ray(&cameras[1], lambda, matches[i].right, right);
        rows_px[i] = row_of(essential, left, right, focal_px);
    }
}
