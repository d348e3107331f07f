/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fit: Levenberg and Marquardt's steps on the normal equations
 *
 *     | A  B | | shared |   | g |       A: cameras and the pose between them
 *     | B' C | | views  | = | h |       C: one 6x6 block a view
 *
 * reduced to S = A - sum B C^-1 B', which is also the information that the data hold on
 * the shared parameters. Rotations are updated from the left: R <- exp(w) R.
 */
#include "calibrate/bundle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calib/matrix3.h"
#include "calibrate/cholesky.h"

enum { N = BUNDLE_SHARED, POSE_AT = 2 * BUNDLE_CAMERA, MAX_STEPS = 100 };

/* Of one view. */
struct view_block {
    double coupling[N * BUNDLE_POSE]; /* B */
    double own[BUNDLE_POSE * BUNDLE_POSE];
    double gradient[BUNDLE_POSE];
    double factor[BUNDLE_POSE * BUNDLE_POSE];
};

struct equations {
    bool free[N];
    double shared[N * N];
    double gradient[N];
    double cost; /* robust, when weights are */
    double squares;
    int residuals;
    int behind; /* corners that no camera can see */
    struct view_block *views;
};

/* What can be undone. */
struct values {
    struct camera_model cameras[2];
    double rotation[9];
    double translation[3];
};

static void choose_free(const struct bundle *bundle, struct equations *equations)
{
    memset(equations->free, 0, sizeof(equations->free));
    for (int side = 0; side < 2; side++)
        for (int i = 0;
             i < 4 + bundle->cameras[side].coefficient_count && i < BUNDLE_CAMERA; i++)
            equations->free[(ptrdiff_t)side * BUNDLE_CAMERA + i] =
                bundle->cameras_free && bundle->sides[side];
    for (int i = 0; i < BUNDLE_POSE; i++)
        equations->free[POSE_AT + i] = bundle->pose_free;
}

/* The derivative by a turn w of the frame before `point` was shifted: v = w x p. */
static void turn_derivative(const double by_point[3], const double p[3], double out[3])
{
    out[0] = by_point[2] * p[1] - by_point[1] * p[2];
    out[1] = by_point[0] * p[2] - by_point[2] * p[0];
    out[2] = by_point[1] * p[0] - by_point[0] * p[1];
}

/* One row of the Jacobian: shared parameters, then the view's pose. */
struct jacobian_row {
    double shared[N];
    double own[BUNDLE_POSE];
};

/* A corner of a view, as one camera saw it. */
struct corner_place {
    int side;
    double board[3];
    struct bundle_corner corner;
};

/* By coordinate `axis` of the corner's residual. */
static void make_row(const struct bundle *bundle, const struct bundle_view *view,
                     const struct corner_place *place, int axis,
                     struct jacobian_row *made)
{
    const int side = place->side;
    const double *by_point = place->corner.by_point[axis];
    double *shared = made->shared;
    double *own = made->own;
    double turned[3];
    double by_left[3] = {by_point[0], by_point[1], by_point[2]};
    memset(shared, 0, N * sizeof(double));
    memcpy(shared + (ptrdiff_t)side * BUNDLE_CAMERA, place->corner.by_camera[axis],
           BUNDLE_CAMERA * sizeof(double));
    matrix3_apply(turned, view->rotation, place->board);
    if (side == 1) {
        double left[3] = {turned[0] + view->translation[0],
                          turned[1] + view->translation[1],
                          turned[2] + view->translation[2]};
        double transposed[9];
        matrix3_apply(left, bundle->rotation, left);
        turn_derivative(by_point, left, shared + POSE_AT);
        memcpy(shared + POSE_AT + 3, by_point, 3 * sizeof(double));
        matrix3_transpose(transposed, bundle->rotation);
        matrix3_apply(by_left, transposed, by_point);
    }
    turn_derivative(by_left, turned, own);
    memcpy(own + 3, by_left, sizeof(by_left));
}

/* The shared parameters that a corner of this camera depends on. */
static int list_active(const struct equations *equations, int side, int active[N])
{
    int count = 0;
    for (int i = side * BUNDLE_CAMERA; i < (side + 1) * BUNDLE_CAMERA; i++)
        if (equations->free[i])
            active[count++] = i;
    for (int i = POSE_AT; i < N && side == 1; i++)
        if (equations->free[i])
            active[count++] = i;
    return count;
}

/* Lower triangles only. */
static void add_row(struct equations *equations, struct view_block *block, int side,
                    const struct jacobian_row *row, double residual, double weight)
{
    const double *shared = row->shared;
    const double *own = row->own;
    int active[N];
    int count = list_active(equations, side, active);
    for (int a = 0; a < count; a++) {
        int i = active[a];
        double scaled = weight * shared[i];
        for (int b = 0; b <= a; b++)
            equations->shared[(ptrdiff_t)i * N + active[b]] += scaled * shared[active[b]];
        for (int j = 0; j < BUNDLE_POSE; j++)
            block->coupling[(ptrdiff_t)i * BUNDLE_POSE + j] += scaled * own[j];
        equations->gradient[i] += scaled * residual;
    }
    for (int i = 0; i < BUNDLE_POSE; i++) {
        for (int j = 0; j <= i; j++)
            block->own[(ptrdiff_t)i * BUNDLE_POSE + j] += weight * own[i] * own[j];
        block->gradient[i] += weight * own[i] * residual;
    }
}

static void add_corner(const struct bundle *bundle, int v, int side, int index,
                       double cauchy_px, struct equations *equations)
{
    double point[3];
    const struct bundle_view *view = &bundle->views[v];
    struct corner_place place = {
        .side = side,
        .board = {bundle->board_xy[2 * (ptrdiff_t)index],
                  bundle->board_xy[2 * (ptrdiff_t)index + 1], 0},
    };
    bundle_point(bundle, view, side, index, point);
    if (!bundle_linearise(&bundle->cameras[side], point,
                          view->pixels[side] + 2 * (ptrdiff_t)index, bundle->cameras_free,
                          &place.corner)) {
        equations->behind++;
        return;
    }
    const double *residual_px = place.corner.residual_px;
    double square = residual_px[0] * residual_px[0] + residual_px[1] * residual_px[1];
    double scale = cauchy_px * cauchy_px;
    double weight = scale > 0 ? 1 / (1 + square / scale) : 1;
    equations->cost += scale > 0 ? scale * log1p(square / scale) : square;
    equations->squares += square;
    equations->residuals += 2;
    for (int i = 0; i < 2; i++) {
        struct jacobian_row row;
        make_row(bundle, view, &place, i, &row);
        add_row(equations, &equations->views[v], side, &row, residual_px[i], weight);
    }
}

static void linearise(const struct bundle *bundle, double cauchy_px,
                      struct equations *equations)
{
    memset(equations->shared, 0, sizeof(equations->shared));
    memset(equations->gradient, 0, sizeof(equations->gradient));
    memset(equations->views, 0, (size_t)bundle->view_count * sizeof(*equations->views));
    equations->cost = equations->squares = 0;
    equations->residuals = equations->behind = 0;
    for (int v = 0; v < bundle->view_count; v++) {
        const struct bundle_view *view = &bundle->views[v];
        for (int side = 0; side < 2 && view->used; side++)
            for (int i = 0; i < bundle->corner_count; i++)
                if (bundle->sides[side] && view->sides[side] && view->kept[side][i])
                    add_corner(bundle, v, side, i, cauchy_px, equations);
    }
}

/* What moves nothing is held by one on the diagonal. */
static void hold_fixed(const struct equations *equations, double matrix[N * N])
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            if (!equations->free[i] || !equations->free[j])
                matrix[(ptrdiff_t)i * N + j] = i == j;
}

static bool is_present(const struct bundle *bundle, int view)
{
    const struct bundle_view *row = &bundle->views[view];
    return row->used &&
           ((row->sides[0] && bundle->sides[0]) || (row->sides[1] && bundle->sides[1]));
}

/* S and its right side; the views' factors are kept for the way back. */
static bool reduce(const struct bundle *bundle, struct equations *equations,
                   double damping, double matrix[N * N], double vector[N])
{
    memcpy(matrix, equations->shared, sizeof(equations->shared));
    memcpy(vector, equations->gradient, sizeof(equations->gradient));
    for (int i = 0; i < N; i++)
        matrix[(ptrdiff_t)i * N + i] *= 1 + damping;
    for (int v = 0; v < bundle->view_count; v++) {
        struct view_block *block = &equations->views[v];
        if (!is_present(bundle, v))
            continue;
        memcpy(block->factor, block->own, sizeof(block->own));
        for (int i = 0; i < BUNDLE_POSE; i++)
            block->factor[(ptrdiff_t)i * BUNDLE_POSE + i] *= 1 + damping;
        if (!cholesky_factor(block->factor, BUNDLE_POSE))
            return false;
        for (int i = 0; i < N; i++) {
            double solved[BUNDLE_POSE];
            if (!equations->free[i])
                continue;
            memcpy(solved, block->coupling + (ptrdiff_t)i * BUNDLE_POSE, sizeof(solved));
            cholesky_solve(block->factor, BUNDLE_POSE, solved);
            for (int k = 0; k < BUNDLE_POSE; k++) {
                vector[i] -= solved[k] * block->gradient[k];
                for (int j = 0; j <= i; j++)
                    matrix[(ptrdiff_t)i * N + j] -=
                        solved[k] * block->coupling[(ptrdiff_t)j * BUNDLE_POSE + k];
            }
        }
    }
    hold_fixed(equations, matrix);
    return true;
}

/* Scaled to a diagonal of ones first: parameters are pixels and pure numbers. */
static bool factor_scaled(double matrix[N * N], double scale[N])
{
    for (int i = 0; i < N; i++) {
        if (!(matrix[(ptrdiff_t)i * N + i] > 0))
            return false;
        scale[i] = 1 / sqrt(matrix[(ptrdiff_t)i * N + i]);
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++)
            matrix[(ptrdiff_t)i * N + j] *= scale[i] * scale[j];
    return cholesky_factor(matrix, N);
}

static void move_pose(double rotation[9], double translation[3],
                      const double step[BUNDLE_POSE])
{
    double turn[9];
    double before[9];
    memcpy(before, rotation, sizeof(before));
    rotation_from_vector(turn, step);
    matrix3_multiply(rotation, turn, before);
    for (int i = 0; i < 3; i++)
        translation[i] += step[3 + i];
}

static void move_shared(struct bundle *bundle, const double step[N])
{
    for (int side = 0; side < 2; side++) {
        struct camera_model *camera = &bundle->cameras[side];
        const double *by = step + (ptrdiff_t)side * BUNDLE_CAMERA;
        camera->fx += by[0];
        camera->fy += by[1];
        camera->cx += by[2];
        camera->cy += by[3];
        for (int k = 0; k < BUNDLE_COEFFICIENTS; k++)
            camera->coefficients[k] += by[4 + k];
    }
    move_pose(bundle->rotation, bundle->translation, step + POSE_AT);
}

static void move_views(struct bundle *bundle, const struct equations *equations,
                       const double step[N])
{
    for (int v = 0; v < bundle->view_count; v++) {
        const struct view_block *block = &equations->views[v];
        double own[BUNDLE_POSE];
        if (!is_present(bundle, v))
            continue;
        memcpy(own, block->gradient, sizeof(own));
        for (int k = 0; k < BUNDLE_POSE; k++)
            for (int i = 0; i < N; i++)
                own[k] -= block->coupling[(ptrdiff_t)i * BUNDLE_POSE + k] * step[i];
        cholesky_solve(block->factor, BUNDLE_POSE, own);
        move_pose(bundle->views[v].rotation, bundle->views[v].translation, own);
    }
}

static bool take_step(struct bundle *bundle, struct equations *equations, double damping)
{
    double matrix[N * N];
    double step[N];
    double scale[N];
    if (!reduce(bundle, equations, damping, matrix, step) ||
        !factor_scaled(matrix, scale))
        return false;
    for (int i = 0; i < N; i++)
        step[i] = equations->free[i] ? step[i] * scale[i] : 0;
    cholesky_solve(matrix, N, step);
    for (int i = 0; i < N; i++)
        step[i] *= scale[i];
    move_shared(bundle, step);
    move_views(bundle, equations, step);
    return true;
}

static void save(const struct bundle *bundle, struct values *values,
                 struct bundle_view *views)
{
    memcpy(values->cameras, bundle->cameras, sizeof(values->cameras));
    memcpy(values->rotation, bundle->rotation, sizeof(values->rotation));
    memcpy(values->translation, bundle->translation, sizeof(values->translation));
    memcpy(views, bundle->views, (size_t)bundle->view_count * sizeof(*views));
}

static void restore(struct bundle *bundle, const struct values *values,
                    const struct bundle_view *views)
{
    memcpy(bundle->cameras, values->cameras, sizeof(values->cameras));
    memcpy(bundle->rotation, values->rotation, sizeof(values->rotation));
    memcpy(bundle->translation, values->translation, sizeof(values->translation));
    memcpy(bundle->views, views, (size_t)bundle->view_count * sizeof(*views));
}

static bool is_sane(const struct bundle *bundle)
{
    for (int side = 0; side < 2; side++)
        if (!(bundle->cameras[side].fx > 1) || !(bundle->cameras[side].fy > 1))
            return false;
    return true;
}

/* Steps until the cost stands still; true when it did. */
static bool descend(struct bundle *bundle, double cauchy_px, struct equations *equations,
                    struct bundle_view *views)
{
    const double still = cauchy_px > 0 ? 1e-6 : 1e-10; /* weighted fits are a start */
    static const double MOST_DAMPING = 1e10;
    struct values values;
    double damping = 1e-4;
    linearise(bundle, cauchy_px, equations);
    for (int step = 0; step < MAX_STEPS; step++) {
        double cost = equations->cost;
        int behind = equations->behind;
        save(bundle, &values, views);
        bool moved = take_step(bundle, equations, damping) && is_sane(bundle);
        if (moved)
            linearise(bundle, cauchy_px, equations);
        if (moved && equations->cost <= cost && equations->behind <= behind) {
            damping = fmax(damping / 10, 1e-12);
            if (cost - equations->cost <= still * cost)
                return true;
            continue;
        }
        restore(bundle, &values, views);
        linearise(bundle, cauchy_px, equations);
        damping *= 10;
        if (damping > MOST_DAMPING)
            return moved;
    }
    return false;
}

/* Mean over views of the correlation of fx left with the distance of the board. With
 * G = B C^-1: cov(shared, view) = -Sigma G, cov(view) = C^-1 + G' Sigma G. */
static double correlate_depth(const struct bundle *bundle,
                              const struct equations *equations,
                              const double covariance[N * N])
{
    double sum = 0;
    int count = 0;
    const int z = 5;
    for (int v = 0; v < bundle->view_count; v++) {
        const struct view_block *block = &equations->views[v];
        double unit[BUNDLE_POSE] = {0};
        double g[N];
        if (!is_present(bundle, v))
            continue;
        unit[z] = 1;
        cholesky_solve(block->factor, BUNDLE_POSE, unit);
        double cross = 0;
        double own = unit[z];
        for (int i = 0; i < N; i++) {
            g[i] = 0;
            for (int k = 0; k < BUNDLE_POSE; k++)
                g[i] += block->coupling[(ptrdiff_t)i * BUNDLE_POSE + k] * unit[k];
            cross -= covariance[i] * g[i];
        }
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                own += g[i] * covariance[(ptrdiff_t)i * N + j] * g[j];
        if (own > 0 && covariance[0] > 0) {
            sum += fabs(cross) / sqrt(own * covariance[0]);
            count++;
        }
    }
    return count > 0 ? sum / count : 0;
}

static int count_unknowns(const struct bundle *bundle, const struct equations *equations)
{
    int count = 0;
    for (int i = 0; i < N; i++)
        count += equations->free[i];
    for (int v = 0; v < bundle->view_count; v++)
        count += is_present(bundle, v) ? BUNDLE_POSE : 0;
    return count;
}

static bool make_covariance(const struct bundle *bundle, struct equations *equations,
                            struct bundle_fit *fit)
{
    double matrix[N * N];
    double vector[N];
    double scale[N];
    if (!reduce(bundle, equations, 0, matrix, vector) || !factor_scaled(matrix, scale))
        return false;
    cholesky_invert(matrix, N, fit->covariance);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            fit->covariance[(ptrdiff_t)i * N + j] *=
                equations->free[i] && equations->free[j] ? scale[i] * scale[j] : 0;
    fit->focal_depth_correlation = correlate_depth(bundle, equations, fit->covariance);
    for (int i = 0; i < N * N; i++)
        fit->covariance[i] *= fit->sigma_px * fit->sigma_px;
    return true;
}

enum po_status bundle_fit_make(struct bundle *bundle, double cauchy_px,
                               struct bundle_fit *fit, struct po_error *error)
{
    enum po_status status = PO_OK;
    size_t count = (size_t)bundle->view_count;
    struct equations *equations = calloc(1, sizeof(*equations));
    struct bundle_view *views = calloc(count + 1, sizeof(*views));
    *fit = (struct bundle_fit){0};
    if (equations != NULL)
        equations->views = calloc(count + 1, sizeof(*equations->views));
    if (equations == NULL || views == NULL || equations->views == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory to fit %zu views", count);
        goto cleanup;
    }
    choose_free(bundle, equations);
    fit->converged = descend(bundle, cauchy_px, equations, views);
    fit->residuals = equations->residuals;
    int spare = equations->residuals - count_unknowns(bundle, equations);
    if (spare <= 0 || equations->behind > 0) {
        status = po_fail(error, PO_BAD_CALIBRATION,
                         "the corners do not determine the cameras");
        goto cleanup;
    }
    fit->cost_px2 = equations->cost / (equations->residuals / 2.0);
    fit->rms_px = sqrt(equations->squares / (equations->residuals / 2.0));
    fit->sigma_px = sqrt(equations->squares / spare);
    if (!make_covariance(bundle, equations, fit))
        status =
            po_fail(error, PO_BAD_CALIBRATION, "the boards do not determine the cameras");

cleanup:
    if (equations != NULL)
        free(equations->views);
    free(equations);
    free(views);
    return status;
}
