/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the Jacobian, corner by corner, and their sum. */
#include "calibrate/bundle_equations.h"

#include <math.h>
#include <string.h>

#include "calib/matrix3.h"

enum { N = BUNDLE_SHARED };

void bundle_equations_free(const struct bundle *bundle,
                           struct bundle_equations *equations)
{
    memset(equations->free, 0, sizeof(equations->free));
    for (int side = 0; side < 2; side++)
        for (int i = 0;
             i < 4 + bundle->cameras[side].coefficient_count && i < BUNDLE_CAMERA; i++)
            equations->free[(ptrdiff_t)side * BUNDLE_CAMERA + i] =
                bundle->cameras_free && bundle->sides[side];
    for (int i = 0; i < BUNDLE_POSE; i++)
        equations->free[BUNDLE_POSE_AT + i] = bundle->pose_free;
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
        turn_derivative(by_point, left, shared + BUNDLE_POSE_AT);
        memcpy(shared + BUNDLE_POSE_AT + 3, by_point, 3 * sizeof(double));
        matrix3_transpose(transposed, bundle->rotation);
        matrix3_apply(by_left, transposed, by_point);
    }
    turn_derivative(by_left, turned, own);
    memcpy(own + 3, by_left, sizeof(by_left));
}

/* The shared parameters that a corner of this camera depends on. */
static int list_active(const struct bundle_equations *equations, int side, int active[N])
{
    int count = 0;
    for (int i = side * BUNDLE_CAMERA; i < (side + 1) * BUNDLE_CAMERA; i++)
        if (equations->free[i])
            active[count++] = i;
    for (int i = BUNDLE_POSE_AT; i < N && side == 1; i++)
        if (equations->free[i])
            active[count++] = i;
    return count;
}

/* Lower triangles only. */
static void add_row(struct bundle_equations *equations, struct bundle_view_block *block,
                    int side, const struct jacobian_row *row, double residual,
                    double weight)
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
                       double cauchy_px, struct bundle_equations *equations)
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

void bundle_equations_make(const struct bundle *bundle, double cauchy_px,
                           struct bundle_equations *equations)
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

bool bundle_view_is_present(const struct bundle *bundle, int view)
{
    const struct bundle_view *row = &bundle->views[view];
    return row->used &&
           ((row->sides[0] && bundle->sides[0]) || (row->sides[1] && bundle->sides[1]));
}

int bundle_equations_unknowns(const struct bundle *bundle,
                              const struct bundle_equations *equations)
{
    int count = 0;
    for (int i = 0; i < N; i++)
        count += equations->free[i];
    for (int v = 0; v < bundle->view_count; v++)
        count += bundle_view_is_present(bundle, v) ? BUNDLE_POSE : 0;
    return count;
}
