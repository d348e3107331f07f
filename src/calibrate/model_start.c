/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From nothing to a fit that converges: each camera alone from a few views and several
 * focal lengths, then the pose between the cameras that most views agree on.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calib/distortion.h"
#include "calib/matrix3.h"
#include "calibrate/models.h"
#include "cv_shim/cv_board.h"

enum { START_VIEWS = 10, FOCALS = 4 };
static const double START_CAUCHY_PX = 2;
static const double GOOD_PX2 = 0.25; /* no other focal length need be tried */

const struct lens_model lens_models[LENS_MODELS] = {
    {"radtan", "radial-tangential, 5 coefficients", DISTORTION_RADTAN, 5},
    {"fisheye", "fisheye (equidistant), 4 coefficients", DISTORTION_FISHEYE, 4},
    {"rational", "rational, 8 coefficients", DISTORTION_RADTAN, 8},
};

const struct lens_model lens_models_of_kalibr[LENS_MODELS] = {
    {"radtan", "radial-tangential, 4 coefficients", DISTORTION_RADTAN, 4},
    {"fisheye", "fisheye (equidistant), 4 coefficients", DISTORTION_FISHEYE, 4},
    {"rational", NULL, DISTORTION_NONE, 0},
};

/* The pose of one board by one camera. */
struct found_pose {
    bool found;
    double rotation[9];
    double translation[3];
};

/* A view without a pose is left out: a failure must not look like one. */
static enum po_status find_pose(const struct bundle *bundle,
                                const struct bundle_view *view, int side,
                                struct found_pose *pose, struct po_error *error)
{
    size_t count = 2 * (size_t)bundle->corner_count;
    double *plane = calloc(2 * count, sizeof(*plane));
    int used = 0;
    pose->found = false;
    if (plane == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the pose of a board");
    double *board = plane + count;
    for (int i = 0; i < bundle->corner_count; i++) {
        const double *pixel = view->pixels[side] + 2 * (ptrdiff_t)i;
        if (!view->kept[side][i] ||
            !camera_unproject(&bundle->cameras[side], pixel[0], pixel[1],
                              &plane[2 * (ptrdiff_t)used],
                              &plane[2 * (ptrdiff_t)used + 1]))
            continue;
        board[2 * (ptrdiff_t)used] = bundle->board_xy[2 * (ptrdiff_t)i];
        board[2 * (ptrdiff_t)used + 1] = bundle->board_xy[2 * (ptrdiff_t)i + 1];
        used++;
    }
    struct po_error cause = {0};
    enum po_status status = used < 6 ? PO_UNSUPPORTED
                                     : cv_board_pose(board, plane, used, pose->rotation,
                                                     pose->translation, &cause);
    pose->found = status == PO_OK && all_finite(pose->rotation, 9) &&
                  all_finite(pose->translation, 3) && pose->translation[2] > 0;
    free(plane);
    return status == PO_OUT_OF_MEMORY ? po_fail(error, status, "%s", cause.message)
                                      : PO_OK;
}

enum po_status views_find_poses(struct bundle *bundle, int side, struct po_error *error)
{
    int found = 0;
    struct found_pose pose = {0};
    for (int v = 0; v < bundle->view_count; v++) {
        struct bundle_view *view = &bundle->views[v];
        if (!view->used || !view->sides[side])
            continue;
        enum po_status status = find_pose(bundle, view, side, &pose, error);
        if (status != PO_OK)
            return status;
        view->used = pose.found;
        memcpy(view->rotation, pose.rotation, sizeof(pose.rotation));
        memcpy(view->translation, pose.translation, sizeof(pose.translation));
        found += view->used;
    }
    if (found >= 2)
        return PO_OK;
    return po_fail(error, PO_BAD_CALIBRATION,
                   "the %s camera's pictures of the board give no pose: fewer than two "
                   "usable views",
                   side == 0 ? "left" : "right");
}

/* One camera by itself: its boards are posed in its own frame, so that it stands where
 * the left one does. */
static void view_alone(struct bundle *bundle, int side)
{
    bundle->sides[!side] = false;
    bundle->pose_free = false;
    memcpy(bundle->rotation, matrix3_identity, sizeof(matrix3_identity));
    memset(bundle->translation, 0, sizeof(bundle->translation));
}

/* At most START_VIEWS, spread over the session. */
static void use_few(struct bundle *bundle, int side)
{
    int have = 0;
    int seen = 0;
    for (int v = 0; v < bundle->view_count; v++)
        have += bundle->views[v].used && bundle->views[v].sides[side];
    for (int v = 0; v < bundle->view_count; v++) {
        struct bundle_view *view = &bundle->views[v];
        bool counts = view->used && view->sides[side];
        view->used =
            counts && (have <= START_VIEWS ||
                       seen * START_VIEWS / have != (seen + 1) * START_VIEWS / have);
        seen += counts;
    }
}

struct focal_list {
    int count;
    double px[FOCALS];
};

/* Zhang's closed form where it makes sense, then what lenses usually have. */
static enum po_status list_focals(const struct bundle *bundle,
                                  const struct lens_model *model, int side,
                                  const struct view_set *set, struct focal_list *list,
                                  struct po_error *error)
{
    double *focals = list->px;
    double longest = set->width_px > set->height_px ? set->width_px : set->height_px;
    const double plain[] = {1.0, 0.6, 1.8};
    const double fisheye[] = {1 / 3.14159265358979, 0.5, 0.9};
    const double *shares = model->model == DISTORTION_FISHEYE ? fisheye : plain;
    struct po_error cause = {0};
    enum po_status status = PO_UNSUPPORTED;
    size_t corners = 2 * (size_t)bundle->corner_count;
    double *pixels = calloc((size_t)START_VIEWS * corners, sizeof(*pixels));
    int views = 0;
    if (pixels == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for the corners of %d views",
                       START_VIEWS);
    for (int v = 0; v < bundle->view_count && views < START_VIEWS; v++)
        if (bundle->views[v].used)
            memcpy(pixels + (size_t)views++ * corners, bundle->views[v].pixels[side],
                   corners * sizeof(*pixels));
    if (views > 1 && model->model != DISTORTION_FISHEYE)
        status = cv_board_focal(bundle->board_xy, pixels, bundle->corner_count, views,
                                set->width_px, set->height_px, &focals[0], &cause);
    free(pixels);
    if (status == PO_OUT_OF_MEMORY)
        return po_fail(error, status, "%s", cause.message);
    list->count =
        status == PO_OK && focals[0] > 0.2 * longest && focals[0] < 20 * longest;
    for (int i = 0; i < 3; i++)
        focals[list->count++] = shares[i] * longest;
    return PO_OK;
}

static struct camera_model plain_camera(const struct lens_model *model, double focal_px,
                                        int width_px, int height_px)
{
    return (struct camera_model){.fx = focal_px,
                                 .fy = focal_px,
                                 .cx = (width_px - 1) / 2.0,
                                 .cy = (height_px - 1) / 2.0,
                                 .model = model->model,
                                 .coefficient_count = model->coefficients};
}

/* Fits one focal length; the robust error of a corner, or infinity. */
static enum po_status try_focal(const struct bundle *few, int side,
                                struct camera_model *camera, double *error_px2,
                                struct po_error *error)
{
    struct bundle trial;
    struct bundle_fit fit;
    struct po_error cause = {0};
    const struct camera_model *start = camera;
    *error_px2 = INFINITY;
    enum po_status status = bundle_copy(few, &trial, error);
    if (status != PO_OK)
        return status;
    trial.cameras[side] = *start;
    trial.cameras[!side] = *start;
    status = views_find_poses(&trial, side, &cause);
    if (status == PO_OK)
        status = bundle_fit_make(&trial, START_CAUCHY_PX, &fit, &cause);
    if (status == PO_OK) {
        *camera = trial.cameras[side];
        *error_px2 = fit.cost_px2;
    }
    bundle_release(&trial);
    /* That this start does not do is nothing to fail for. */
    return status == PO_OUT_OF_MEMORY ? po_fail(error, status, "%s", cause.message)
                                      : PO_OK;
}

/* Few coefficients first: those that only border corners determine come with the full
 * fit. */
static enum po_status start_camera(const struct lens_model *model,
                                   const struct view_set *views, int side,
                                   struct bundle *bundle, struct po_error *error)
{
    struct bundle few;
    struct focal_list focals = {0};
    double best = INFINITY;
    struct lens_model simple = *model;
    enum po_status status = bundle_copy(bundle, &few, error);
    if (status != PO_OK)
        return status;
    simple.coefficients = 2;
    view_alone(&few, side);
    use_few(&few, side);
    status = list_focals(&few, model, side, views, &focals, error);
    for (int i = 0; i < focals.count && best > GOOD_PX2 && status == PO_OK; i++) {
        double error_px2;
        struct camera_model fitted =
            plain_camera(&simple, focals.px[i], views->width_px, views->height_px);
        status = try_focal(&few, side, &fitted, &error_px2, error);
        if (error_px2 < 0.99 * best) {
            best = error_px2;
            bundle->cameras[side] = fitted;
        }
    }
    bundle_release(&few);
    bundle->cameras[side].coefficient_count = model->coefficients;
    if (status == PO_OK && !isfinite(best))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "the views of the board do not determine the %s camera (%s)",
                       side == 0 ? "left" : "right", model->title);
    return status;
}

/* Of a rig that turns by `rotation`: the median error of its right corners over views. */
static double rig_error(struct bundle *bundle, double *errors)
{
    int count = 0;
    for (int v = 0; v < bundle->view_count; v++) {
        const struct bundle_view *view = &bundle->views[v];
        if (!view->used || !view->sides[0] || !view->sides[1])
            continue;
        double rms = bundle_view_rms(bundle, view, 1);
        double r[2];
        if (!bundle_residual(bundle, view, 1, 0, r))
            rms = INFINITY;
        int at = count++;
        for (; at > 0 && errors[at - 1] > rms; at--)
            errors[at] = errors[at - 1];
        errors[at] = rms;
    }
    return count > 0 ? errors[count / 2] : INFINITY;
}

/* The rig as one view gives it: X_right = R_v,right R_v,left' X_left + T. */
static enum po_status rig_of_view(struct bundle *bundle, const struct bundle_view *view,
                                  bool *found, struct po_error *error)
{
    struct found_pose pose = {0};
    double back[9];
    enum po_status status = find_pose(bundle, view, 1, &pose, error);
    *found = pose.found;
    if (status != PO_OK || !pose.found)
        return status;
    matrix3_transpose(back, view->rotation);
    matrix3_multiply(bundle->rotation, pose.rotation, back);
    matrix3_apply(bundle->translation, bundle->rotation, view->translation);
    for (int i = 0; i < 3; i++)
        bundle->translation[i] = pose.translation[i] - bundle->translation[i];
    return PO_OK;
}

static enum po_status start_rig(struct bundle *bundle, struct po_error *error)
{
    double best = INFINITY;
    double rotation[9];
    double translation[3];
    double *errors = calloc((size_t)bundle->view_count + 1, sizeof(*errors));
    enum po_status status = PO_OK;
    if (errors == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d views",
                       bundle->view_count);
    for (int v = 0; v < bundle->view_count && status == PO_OK; v++) {
        const struct bundle_view *view = &bundle->views[v];
        bool found = false;
        if (view->used && view->sides[0] && view->sides[1])
            status = rig_of_view(bundle, view, &found, error);
        if (!found)
            continue;
        double off = rig_error(bundle, errors);
        if (off < best) {
            best = off;
            memcpy(rotation, bundle->rotation, sizeof(rotation));
            memcpy(translation, bundle->translation, sizeof(translation));
        }
    }
    free(errors);
    if (status != PO_OK)
        return status;
    if (!isfinite(best))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "no view of the board in both cameras gives their relative pose");
    memcpy(bundle->rotation, rotation, sizeof(rotation));
    memcpy(bundle->translation, translation, sizeof(translation));
    return PO_OK;
}

/* Boards that only the right camera saw, in the frame of the left one. */
static enum po_status pose_right_views(struct bundle *bundle, struct po_error *error)
{
    for (int v = 0; v < bundle->view_count; v++) {
        struct bundle_view *view = &bundle->views[v];
        struct found_pose pose;
        double back[9];
        if (!view->used || view->sides[0])
            continue;
        enum po_status status = find_pose(bundle, view, 1, &pose, error);
        if (status != PO_OK)
            return status;
        view->used = pose.found;
        if (!view->used)
            continue;
        matrix3_transpose(back, bundle->rotation);
        matrix3_multiply(view->rotation, back, pose.rotation);
        for (int i = 0; i < 3; i++)
            pose.translation[i] -= bundle->translation[i];
        matrix3_apply(view->translation, back, pose.translation);
    }
    return PO_OK;
}

enum po_status lens_model_start(const struct lens_model *model,
                                const struct view_set *views, struct bundle *bundle,
                                struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int side = 0; side < 2 && status == PO_OK; side++)
        status = start_camera(model, views, side, bundle, error);
    if (status == PO_OK)
        status = views_find_poses(bundle, 0, error);
    if (status == PO_OK)
        status = start_rig(bundle, error);
    if (status == PO_OK)
        status = pose_right_views(bundle, error);
    return status;
}
