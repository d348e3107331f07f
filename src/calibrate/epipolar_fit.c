/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/epipolar_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calib/matrix3.h"
#include "calibrate/cholesky.h"

enum { N = EPIPOLAR_UNKNOWNS, ROUNDS = 40, LEAST_MATCHES = 30 };
enum { INDEPENDENT = 25 }; /* matches of a frame */

static const double DEGREES = 57.29577951308232;
static const double STEP = 1e-6;
static const double LEAST_SCALE_PX = 0.1;
/* How far each unknown plausibly drifts, degrees. Turns about x and z, and the baseline's
 * climb, move rows and are determined by them; convergence and the forward share hardly
 * are. */
static const double drift_degrees[N] = {3, 0.05, 3, 0.1, 0.1};

double epipolar_distance(const struct ray_match *match, const double rotation[9],
                         const double translation[3], double focal_px)
{
    const double *t = translation;
    const double left[3] = {match->left[0], match->left[1], 1};
    const double right[3] = {match->right[0], match->right[1], 1};
    const double cross[9] = {0, -t[2], t[1], t[2], 0, -t[0], -t[1], t[0], 0};
    double e[9];
    double back[9];
    double line[3];
    double other[3];
    matrix3_multiply(e, cross, rotation);
    matrix3_transpose(back, e);
    matrix3_apply(line, e, left);
    matrix3_apply(other, back, right);
    double product = right[0] * line[0] + right[1] * line[1] + right[2] * line[2];
    double length =
        line[0] * line[0] + line[1] * line[1] + other[0] * other[0] + other[1] * other[1];
    /* Both cameras err alike: sqrt(2) makes it the distance of one row from the other. */
    return length > 0 ? focal_px * product / sqrt(length) * sqrt(2) : 0;
}

/* Turns the right camera by u[0..2], and the baseline by u[3], u[4] radians. */
static void move(const double rotation[9], const double translation[3], const double u[N],
                 double new_rotation[9], double new_translation[3])
{
    double turn[9];
    double bend[9];
    double length = vector3_length(translation);
    /* Perpendicular to the baseline, which runs along -x: up or down, and forward. */
    const double axis[3] = {0, u[4], -u[3]};
    rotation_from_vector(turn, u);
    matrix3_multiply(new_rotation, turn, rotation);
    rotation_from_vector(bend, axis);
    matrix3_apply(new_translation, bend, translation);
    double scale = length / vector3_length(new_translation);
    for (int i = 0; i < 3; i++)
        new_translation[i] *= scale;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_distance(const struct ray_match *matches, int count,
                              const double rotation[9], const double translation[3],
                              double focal_px, double *values)
{
    for (int i = 0; i < count; i++)
        values[i] = fabs(epipolar_distance(&matches[i], rotation, translation, focal_px));
    qsort(values, (size_t)count, sizeof(*values), compare_doubles);
    return count > 0 ? values[count / 2] : 0;
}

struct problem {
    const struct ray_match *matches;
    int count;
    double focal_px;
    double scale_px; /* of Cauchy's weights; it is the noise too */
    double share;    /* of a match that is independent of its neighbours */
    const double *rotation;
    const double *translation;
};

static void differ(const struct problem *problem, const struct ray_match *match,
                   const double u[N], double *distance, double by[N])
{
    double rotation[9];
    double translation[3];
    move(problem->rotation, problem->translation, u, rotation, translation);
    *distance = epipolar_distance(match, rotation, translation, problem->focal_px);
    for (int i = 0; i < N; i++) {
        double moved[N];
        memcpy(moved, u, sizeof(moved));
        moved[i] += STEP;
        move(problem->rotation, problem->translation, moved, rotation, translation);
        by[i] = (epipolar_distance(match, rotation, translation, problem->focal_px) -
                 *distance) /
                STEP;
    }
}

/* Normal equations in units of the noise, with the drift as what is known before. */
static void linearise(const struct problem *problem, const double u[N],
                      double matrix[N * N], double vector[N])
{
    memset(matrix, 0, sizeof(double) * N * N);
    for (int i = 0; i < N; i++) {
        double drift = drift_degrees[i] / DEGREES;
        matrix[(ptrdiff_t)i * N + i] = 1 / (drift * drift);
        vector[i] = -u[i] / (drift * drift);
    }
    for (int m = 0; m < problem->count; m++) {
        double distance;
        double by[N];
        differ(problem, &problem->matches[m], u, &distance, by);
        double r = distance / problem->scale_px;
        double weight =
            problem->share / ((1 + r * r / 4) * problem->scale_px * problem->scale_px);
        for (int i = 0; i < N; i++) {
            vector[i] -= weight * by[i] * distance;
            for (int j = 0; j < N; j++)
                matrix[(ptrdiff_t)i * N + j] += weight * by[i] * by[j];
        }
    }
}

static bool solve(struct problem *problem, double u[N], double matrix[N * N],
                  double *values)
{
    for (int round = 0; round < ROUNDS; round++) {
        double vector[N];
        double rotation[9];
        double translation[3];
        double largest = 0;
        move(problem->rotation, problem->translation, u, rotation, translation);
        problem->scale_px =
            fmax(1.4826 * median_distance(problem->matches, problem->count, rotation,
                                          translation, problem->focal_px, values),
                 LEAST_SCALE_PX);
        linearise(problem, u, matrix, vector);
        if (!cholesky_factor(matrix, N))
            return false;
        cholesky_solve(matrix, N, vector);
        for (int i = 0; i < N; i++) {
            u[i] += vector[i];
            largest = fmax(largest, fabs(vector[i]));
        }
        if (largest < 1e-9)
            break;
    }
    return true;
}

static void take(const struct problem *problem, const double u[N], double matrix[N * N],
                 struct calibration *calibration, struct epipolar_fit *fit)
{
    double inverse[N * N];
    double rotation[9];
    double translation[3];
    cholesky_invert(matrix, N, inverse);
    move(problem->rotation, problem->translation, u, rotation, translation);
    for (int i = 0; i < problem->count; i++)
        fit->used += fabs(epipolar_distance(&problem->matches[i], rotation, translation,
                                            problem->focal_px)) < 4 * problem->scale_px;
    for (int i = 0; i < N; i++) {
        fit->sigma_degrees[i] = sqrt(inverse[(ptrdiff_t)i * N + i]) * DEGREES;
        if (i < 3)
            fit->turn_degrees[i] = u[i] * DEGREES;
        else
            fit->direction_degrees[i - 3] = u[i] * DEGREES;
    }
    memcpy(calibration->rotation, rotation, sizeof(rotation));
    memcpy(calibration->translation_mm, translation, sizeof(translation));
}

enum po_status epipolar_fit_make(const struct ray_match *matches, int count, int frames,
                                 struct calibration *calibration,
                                 struct epipolar_fit *fit, struct po_error *error)
{
    double rotation[9];
    double translation[3];
    double u[N] = {0};
    double matrix[N * N];
    double *values = calloc((size_t)count + 1, sizeof(*values));
    *fit = (struct epipolar_fit){.matches = count};
    if (values == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d matches", count);
    memcpy(rotation, calibration->rotation, sizeof(rotation));
    memcpy(translation, calibration->translation_mm, sizeof(translation));
    struct problem problem = {
        .matches = matches,
        .count = count,
        .share = fmin(1, (double)INDEPENDENT * frames / (count + 1)),
        .focal_px = (calibration->cameras[0].fy + calibration->cameras[1].fy) / 2,
        .rotation = rotation,
        .translation = translation};
    enum po_status status = PO_OK;
    fit->before_px =
        median_distance(matches, count, rotation, translation, problem.focal_px, values);
    if (count < LEAST_MATCHES || !solve(&problem, u, matrix, values))
        status = po_fail(error, PO_BAD_CALIBRATION,
                         "%d points are found in both images, too few to refine the "
                         "calibration; at least %d are needed: more frames, or scenes "
                         "with more texture",
                         count, LEAST_MATCHES);
    if (status == PO_OK) {
        take(&problem, u, matrix, calibration, fit);
        fit->after_px =
            median_distance(matches, count, calibration->rotation,
                            calibration->translation_mm, problem.focal_px, values);
    }
    free(values);
    return status;
}
