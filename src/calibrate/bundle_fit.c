/* SPDX-License-Identifier: Apache-2.0 */
/* The fit: Levenberg and Marquardt's steps on the equations of bundle_equations.h. */
#include "calibrate/bundle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calib/matrix3.h"
#include "calibrate/bundle_equations.h"
#include "calibrate/cholesky.h"

enum { N = BUNDLE_SHARED, MAX_STEPS = 100 };

/* What can be undone. */
struct values {
    struct camera_model cameras[2];
    double rotation[9];
    double translation[3];
};

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
    move_pose(bundle->rotation, bundle->translation, step + BUNDLE_POSE_AT);
}

static void move_views(struct bundle *bundle, const struct bundle_equations *equations,
                       const double step[N])
{
    for (int v = 0; v < bundle->view_count; v++) {
        const struct bundle_view_block *block = &equations->views[v];
        double own[BUNDLE_POSE];
        if (!bundle_view_is_present(bundle, v))
            continue;
        memcpy(own, block->gradient, sizeof(own));
        for (int k = 0; k < BUNDLE_POSE; k++)
            for (int i = 0; i < N; i++)
                own[k] -= block->coupling[(ptrdiff_t)i * BUNDLE_POSE + k] * step[i];
        cholesky_solve(block->factor, BUNDLE_POSE, own);
        move_pose(bundle->views[v].rotation, bundle->views[v].translation, own);
    }
}

static bool take_step(struct bundle *bundle, struct bundle_equations *equations,
                      double damping)
{
    double matrix[N * N];
    double step[N];
    double scale[N];
    if (!bundle_equations_reduce(bundle, equations, damping, matrix, step) ||
        !bundle_factor_scaled(matrix, scale))
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
static bool descend(struct bundle *bundle, double cauchy_px,
                    struct bundle_equations *equations, struct bundle_view *views)
{
    const double still = cauchy_px > 0 ? 1e-6 : 1e-10; /* weighted fits are a start */
    static const double MOST_DAMPING = 1e10;
    struct values values;
    double damping = 1e-4;
    bundle_equations_make(bundle, cauchy_px, equations);
    for (int step = 0; step < MAX_STEPS; step++) {
        double cost = equations->cost;
        int behind = equations->behind;
        save(bundle, &values, views);
        bool moved = take_step(bundle, equations, damping) && is_sane(bundle);
        if (moved)
            bundle_equations_make(bundle, cauchy_px, equations);
        if (moved && equations->cost <= cost && equations->behind <= behind) {
            damping = fmax(damping / 10, 1e-12);
            if (cost - equations->cost <= still * cost)
                return true;
            continue;
        }
        restore(bundle, &values, views);
        bundle_equations_make(bundle, cauchy_px, equations);
        damping *= 10;
        if (damping > MOST_DAMPING)
            return moved;
    }
    return false;
}

enum po_status bundle_fit_make(struct bundle *bundle, double cauchy_px,
                               struct bundle_fit *fit, struct po_error *error)
{
    enum po_status status = PO_OK;
    size_t count = (size_t)bundle->view_count;
    struct bundle_equations *equations = calloc(1, sizeof(*equations));
    struct bundle_view *views = calloc(count + 1, sizeof(*views));
    *fit = (struct bundle_fit){0};
    if (equations != NULL)
        equations->views = calloc(count + 1, sizeof(*equations->views));
    if (equations == NULL || views == NULL || equations->views == NULL) {
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory to fit %zu views", count);
        goto cleanup;
    }
    bundle_equations_free(bundle, equations);
    fit->converged = descend(bundle, cauchy_px, equations, views);
    fit->residuals = equations->residuals;
    int spare = equations->residuals - bundle_equations_unknowns(bundle, equations);
    if (spare <= 0 || equations->behind > 0) {
        status = po_fail(error, PO_BAD_CALIBRATION,
                         "the corners do not determine the cameras");
        goto cleanup;
    }
    fit->cost_px2 = equations->cost / (equations->residuals / 2.0);
    fit->rms_px = sqrt(equations->squares / (equations->residuals / 2.0));
    fit->sigma_px = sqrt(equations->squares / spare);
    if (!bundle_covariance_make(bundle, equations, fit))
        status =
            po_fail(error, PO_BAD_CALIBRATION, "the boards do not determine the cameras");

cleanup:
    if (equations != NULL)
        free(equations->views);
    free(equations);
    free(views);
    return status;
}
