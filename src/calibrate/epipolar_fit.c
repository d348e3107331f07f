/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/epipolar_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calib/distortion.h"
#include "calib/matrix3.h"
#include "calibrate/cholesky.h"

enum { N = EPIPOLAR_UNKNOWNS, ROUNDS = 40, LEAST_MATCHES = 30 };
enum { INDEPENDENT = 25 }; /* matches of a frame */

static const double STEP = 1e-6;
static const double LEAST_SCALE_PX = 0.1;
static const double DEGREE = 1 / 57.29577951308232;
/* How far each unknown plausibly drifts, in its unit. Turns about x and z, and the
 * baseline's climb, move rows and are determined by them; convergence and the forward
 * share hardly are. */
static const double usual_drift[N] = {
    [EPIPOLAR_TURN_X] = 3 * DEGREE,
    [EPIPOLAR_TURN_Y] = 0.05 * DEGREE,
    [EPIPOLAR_TURN_Z] = 3 * DEGREE,
    [EPIPOLAR_UP] = 0.1 * DEGREE,
    [EPIPOLAR_FORWARD] = 0.1 * DEGREE,
    [EPIPOLAR_FOCAL] = 0.03,
    [EPIPOLAR_RISE] = 0.02,
};
/* How far it may have moved at all. At one depth, rows cannot tell a baseline that points
 * forward from a focal length: so wide, the lens is sure only where depths vary. */
static const double widest_drift[N] = {
    [EPIPOLAR_TURN_X] = 3 * DEGREE,  [EPIPOLAR_TURN_Y] = 1 * DEGREE,
    [EPIPOLAR_TURN_Z] = 3 * DEGREE,  [EPIPOLAR_UP] = 2 * DEGREE,
    [EPIPOLAR_FORWARD] = 2 * DEGREE, [EPIPOLAR_FOCAL] = 0.03,
    [EPIPOLAR_RISE] = 0.02,
};

/* A rig on the way. */
struct rig_state {
    double rotation[9];
    double translation[3];
    double lens[2]; /* changes of the right one: EPIPOLAR_FOCAL, EPIPOLAR_RISE */
};

/* Where the right camera sees a match, and how its ray moves with that: d(x, y)/d(u, v),
 * row-major. */
struct lens_point {
    double pixel[2];
    double slope[4];
};

/* A fit under way; borrows the problem. */
struct work {
    const struct epipolar_problem *problem;
    struct lens_point *points; /* by match */
    double *values;            /* by match */
    double scale_px;           /* of Cauchy's weights; it is the noise too */
    double share;              /* of a match that is independent of its neighbours */
};

/* Signed distance of a match from its epipolar lines in pixels (Sampson 1982). */
static double epipolar_distance(const struct ray_match *match,
                                const struct rig_state *state, double focal_px)
{
    const double *t = state->translation;
    const double left[3] = {match->left[0], match->left[1], 1};
    const double right[3] = {match->right[0], match->right[1], 1};
    const double cross[9] = {0, -t[2], t[1], t[2], 0, -t[0], -t[1], t[0], 0};
    double e[9];
    double back[9];
    double line[3];
    double other[3];
    matrix3_multiply(e, cross, state->rotation);
    matrix3_transpose(back, e);
    matrix3_apply(line, e, left);
    matrix3_apply(other, back, right);
    double product = right[0] * line[0] + right[1] * line[1] + right[2] * line[2];
    double length =
        line[0] * line[0] + line[1] * line[1] + other[0] * other[0] + other[1] * other[1];
    /* Both cameras err alike: sqrt(2) makes it the distance of one row from the other. */
    return length > 0 ? focal_px * product / sqrt(length) * sqrt(2) : 0;
}

/* Turns the right camera by the first three unknowns and the baseline by the next two,
 * and changes the right lens. */
static void move(const struct epipolar_problem *problem, const double u[N],
                 struct rig_state *state)
{
    double turn[9];
    double bend[9];
    const double *t = problem->translation;
    double length = vector3_length(t);
    /* Perpendicular to the baseline, which runs along -x: up or down, and forward. */
    const double axis[3] = {0, u[EPIPOLAR_FORWARD], -u[EPIPOLAR_UP]};
    rotation_from_vector(turn, u);
    matrix3_multiply(state->rotation, turn, problem->rotation);
    rotation_from_vector(bend, axis);
    matrix3_apply(state->translation, bend, t);
    double scale = length / vector3_length(state->translation);
    for (int i = 0; i < 3; i++)
        state->translation[i] *= scale;
    state->lens[0] = u[EPIPOLAR_FOCAL];
    state->lens[1] = u[EPIPOLAR_RISE];
}

static void lens_point_make(const struct camera_model *camera, const double ray[2],
                            struct lens_point *point)
{
    double by[2][2]; /* d(u, v) by x, by y */
    const double step = 1e-5;
    camera_project(camera, ray[0], ray[1], &point->pixel[0], &point->pixel[1]);
    for (int i = 0; i < 2; i++) {
        camera_project(camera, ray[0] + (i == 0 ? step : 0), ray[1] + (i == 1 ? step : 0),
                       &by[i][0], &by[i][1]);
        for (int k = 0; k < 2; k++)
            by[i][k] = (by[i][k] - point->pixel[k]) / step;
    }
    double all = by[0][0] * by[1][1] - by[0][1] * by[1][0];
    point->slope[0] = by[1][1] / all;
    point->slope[1] = -by[1][0] / all;
    point->slope[2] = -by[0][1] / all;
    point->slope[3] = by[0][0] / all;
}

/* The ray of a match by a changed right lens: that of the lens as it was at the pixel
 * which sees alike, found by two steps of Newton's method from where it was. */
static struct ray_match match_by(const struct work *work, int index, const double lens[2])
{
    struct ray_match match = work->problem->matches[index];
    const struct camera_model *right = &work->problem->right;
    const struct lens_point *point = &work->points[index];
    if (lens[0] == 0 && lens[1] == 0)
        return match;
    const double shrink = exp(-lens[0]);
    const double wanted[2] = {
        right->cx + (point->pixel[0] - right->cx) * shrink,
        right->cy + (point->pixel[1] - right->cy - lens[1] * right->fy) * shrink};
    double seen[2] = {point->pixel[0], point->pixel[1]};
    for (int step = 0; step < 2; step++) {
        double off[2] = {wanted[0] - seen[0], wanted[1] - seen[1]};
        match.right[0] += point->slope[0] * off[0] + point->slope[1] * off[1];
        match.right[1] += point->slope[2] * off[0] + point->slope[3] * off[1];
        camera_project(right, match.right[0], match.right[1], &seen[0], &seen[1]);
    }
    return match;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

double epipolar_median(double *values, int count)
{
    for (int i = 0; i < count; i++)
        values[i] = fabs(values[i]);
    qsort(values, (size_t)count, sizeof(*values), compare_doubles);
    return count > 0 ? values[count / 2] : 0;
}

static void measure_rows(const struct work *work, const struct rig_state *state,
                         double *rows_px)
{
    for (int i = 0; i < work->problem->count; i++) {
        const struct ray_match match = match_by(work, i, state->lens);
        rows_px[i] = fabs(epipolar_distance(&match, state, work->problem->focal_px));
    }
}

static double median_distance(const struct work *work, const struct rig_state *state)
{
    measure_rows(work, state, work->values);
    return epipolar_median(work->values, work->problem->count);
}

static bool is_fitted(const struct epipolar_problem *problem, int unknown)
{
    return unknown < EPIPOLAR_POSE || problem->lens[unknown];
}

/* The rig, and the rigs that are one step of an unknown away. */
static void step_each(const struct work *work, const double u[N],
                      struct rig_state states[N + 1])
{
    move(work->problem, u, &states[N]);
    for (int i = 0; i < N; i++) {
        double moved[N];
        memcpy(moved, u, sizeof(moved));
        moved[i] += STEP;
        move(work->problem, moved, &states[i]);
    }
}

/* By how much the distance of a match grows with each unknown. */
static double differ(const struct work *work, const struct rig_state states[N + 1],
                     int index, double by[N])
{
    double focal_px = work->problem->focal_px;
    const struct ray_match match = match_by(work, index, states[N].lens);
    double distance = epipolar_distance(&match, &states[N], focal_px);
    for (int i = 0; i < N; i++) {
        struct ray_match moved = match;
        by[i] = 0;
        if (!is_fitted(work->problem, i))
            continue;
        if (i >= EPIPOLAR_POSE)
            moved = match_by(work, index, states[i].lens);
        by[i] = (epipolar_distance(&moved, &states[i], focal_px) - distance) / STEP;
    }
    return distance;
}

/* Normal equations in units of the noise, with the drift as what is known before. */
static void linearise(const struct work *work, const double drift[N], const double u[N],
                      double matrix[N * N], double vector[N])
{
    struct rig_state states[N + 1];
    double scale_px = work->scale_px;
    step_each(work, u, states);
    memset(matrix, 0, sizeof(double) * N * N);
    for (int i = 0; i < N; i++) {
        matrix[(ptrdiff_t)i * N + i] = 1 / (drift[i] * drift[i]);
        vector[i] = -u[i] / (drift[i] * drift[i]);
    }
    for (int m = 0; m < work->problem->count; m++) {
        double by[N];
        double distance = differ(work, states, m, by);
        double r = distance / scale_px;
        double weight = work->share / ((1 + r * r / 4) * scale_px * scale_px);
        for (int i = 0; i < N; i++) {
            vector[i] -= weight * by[i] * distance;
            for (int j = 0; j < N; j++)
                matrix[(ptrdiff_t)i * N + j] += weight * by[i] * by[j];
        }
    }
}

static bool solve(struct work *work, double u[N], double matrix[N * N])
{
    for (int round = 0; round < ROUNDS; round++) {
        double vector[N];
        struct rig_state state;
        double largest = 0;
        move(work->problem, u, &state);
        work->scale_px = fmax(1.4826 * median_distance(work, &state), LEAST_SCALE_PX);
        linearise(work, usual_drift, u, matrix, vector);
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

static struct camera_model problem_right(const struct epipolar_problem *problem,
                                         const double u[N])
{
    struct camera_model right = problem->right;
    double grow = exp(u[EPIPOLAR_FOCAL]);
    right.cy += u[EPIPOLAR_RISE] * right.fy;
    right.fx *= grow;
    right.fy *= grow;
    right.skew *= grow;
    return right;
}

/* The deviations of what was fitted: lens unknowns with the pose held loosely. */
static bool measure_sigmas(const struct work *work, const double u[N],
                           double matrix[N * N], double sigma[N])
{
    double inverse[N * N];
    double vector[N];
    cholesky_invert(matrix, N, inverse);
    for (int i = 0; i < N; i++)
        sigma[i] = sqrt(inverse[(ptrdiff_t)i * N + i]);
    linearise(work, widest_drift, u, matrix, vector);
    if (!cholesky_factor(matrix, N))
        return false;
    cholesky_invert(matrix, N, inverse);
    for (int i = EPIPOLAR_POSE; i < N; i++)
        sigma[i] = sqrt(inverse[(ptrdiff_t)i * N + i]);
    return true;
}

static void take(const struct work *work, const double u[N], struct epipolar_fit *fit)
{
    struct rig_state state;
    move(work->problem, u, &state);
    fit->after_px = median_distance(work, &state);
    for (int i = 0; i < work->problem->count; i++)
        fit->used += work->values[i] < 4 * work->scale_px;
    memcpy(fit->change, u, sizeof(fit->change));
    memcpy(fit->rotation, state.rotation, sizeof(fit->rotation));
    memcpy(fit->translation, state.translation, sizeof(fit->translation));
    fit->right = problem_right(work->problem, u);
}

void epipolar_problem_make(const struct calibration *calibration,
                           const struct ray_match *matches, int count, int frames,
                           struct epipolar_problem *problem)
{
    *problem = (struct epipolar_problem){
        .matches = matches,
        .count = count,
        .frames = frames,
        .focal_px = (calibration->cameras[0].fy + calibration->cameras[1].fy) / 2,
        .right = calibration->cameras[1]};
    memcpy(problem->rotation, calibration->rotation, sizeof(problem->rotation));
    memcpy(problem->translation, calibration->translation_mm,
           sizeof(problem->translation));
}

/* Room for the problem's matches. */
static bool work_init(const struct epipolar_problem *problem, struct work *work)
{
    size_t count = (size_t)problem->count + 1;
    *work = (struct work){
        .problem = problem,
        .values = calloc(count, sizeof(*work->values)),
        .points = calloc(count, sizeof(*work->points)),
        .share = fmin(1, (double)INDEPENDENT * problem->frames / (double)count)};
    if (work->values == NULL || work->points == NULL)
        return false;
    for (int i = 0; i < problem->count; i++)
        lens_point_make(&problem->right, problem->matches[i].right, &work->points[i]);
    return true;
}

static void work_release(struct work *work)
{
    free(work->values);
    free(work->points);
}

static enum po_status fit_work(struct work *work, struct epipolar_fit *fit,
                               struct po_error *error)
{
    double u[N] = {0};
    double matrix[N * N];
    struct rig_state state;
    move(work->problem, u, &state);
    fit->before_px = median_distance(work, &state);
    if (work->problem->count < LEAST_MATCHES || !solve(work, u, matrix) ||
        !measure_sigmas(work, u, matrix, fit->sigma))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%d points are found in both images, too few to refine the "
                       "calibration; at least %d are needed: more frames, or scenes "
                       "with more texture",
                       work->problem->count, LEAST_MATCHES);
    take(work, u, fit);
    return PO_OK;
}

enum po_status epipolar_fit_make(const struct epipolar_problem *problem,
                                 struct epipolar_fit *fit, struct po_error *error)
{
    struct work work;
    *fit = (struct epipolar_fit){.matches = problem->count};
    enum po_status status = PO_OK;
    if (!work_init(problem, &work))
        status =
            po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d matches", problem->count);
    else
        status = fit_work(&work, fit, error);
    work_release(&work);
    return status;
}

enum po_status epipolar_rows(const struct epipolar_problem *problem,
                             const struct epipolar_fit *fit, double *rows_px,
                             struct po_error *error)
{
    struct work work;
    struct rig_state state = {
        .lens = {fit->change[EPIPOLAR_FOCAL], fit->change[EPIPOLAR_RISE]}};
    enum po_status status = PO_OK;
    memcpy(state.rotation, fit->rotation, sizeof(state.rotation));
    memcpy(state.translation, fit->translation, sizeof(state.translation));
    if (!work_init(problem, &work))
        status =
            po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d matches", problem->count);
    else
        measure_rows(&work, &state, rows_px);
    work_release(&work);
    return status;
}
