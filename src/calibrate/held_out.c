/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/held_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/distortion.h"
#include "calib/matrix3.h"
#include "calib/rectification.h"

enum { FOLDS = 5 };
static const double MOST_PX = 3; /* a corner's error counts up to it */

struct lists {
    double *corners;
    double *rows;
    int corner_count;
    int row_count;
};

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

struct error_spread error_spread_of(double *values, int count)
{
    struct error_spread spread = {.count = count};
    double sum = 0;
    if (count == 0)
        return spread;
    qsort(values, (size_t)count, sizeof(*values), compare_doubles);
    for (int i = 0; i < count; i++)
        sum += values[i] * values[i];
    spread.rms = sqrt(sum / count);
    spread.median = values[count / 2];
    spread.q95 = values[(int)(0.95 * (count - 1) + 0.5)];
    return spread;
}

void bundle_calibration(const struct view_set *views, const struct bundle *bundle,
                        double unit_mm, struct calibration *calibration)
{
    double scale = unit_mm > 0 ? unit_mm : 1;
    *calibration = (struct calibration){.width_px = views->width_px,
                                        .height_px = views->height_px,
                                        .unit = unit_mm > 0 ? RIG_MM : RIG_SQUARES};
    (void)snprintf(calibration->format, sizeof(calibration->format), "opencv");
    memcpy(calibration->cameras, bundle->cameras, sizeof(bundle->cameras));
    memcpy(calibration->rotation, bundle->rotation, sizeof(bundle->rotation));
    for (int i = 0; i < 3; i++)
        calibration->translation_mm[i] = bundle->translation[i] * scale;
    const double *t = calibration->translation_mm;
    if (fabs(t[1]) > fabs(t[0]))
        calibration->turn = t[1] < 0 ? RIG_TURNED_LEFT : RIG_TURNED_RIGHT;
}

/* Row of a raw pixel in its rectified image. */
static bool rectified_row(const struct camera_model *camera, const double rotation[9],
                          const double projection[9], const double pixel[2],
                          double *row_px)
{
    double v[3] = {0, 0, 1};
    if (!camera_unproject(camera, pixel[0], pixel[1], &v[0], &v[1]))
        return false;
    matrix3_apply(v, rotation, v);
    *row_px = projection[4] * v[1] / v[2] + projection[5];
    return v[2] > 0;
}

static bool is_counted(const struct bundle *bundle, const unsigned char *counts, int view,
                       int side, int corner)
{
    if (counts == NULL)
        return bundle->views[view].kept[side][corner] != 0;
    return counts[((size_t)view * 2 + (size_t)side) * (size_t)bundle->corner_count +
                  (size_t)corner] != 0;
}

static void add_rows(const struct bundle *bundle, const unsigned char *counts, int view,
                     const struct rectification *rectification, struct lists *lists,
                     double *view_rms)
{
    double sum = 0;
    int count = 0;
    const struct bundle_view *row = &bundle->views[view];
    for (int i = 0; i < bundle->corner_count && row->sides[0] && row->sides[1]; i++) {
        double y[2];
        bool seen = true;
        for (int side = 0; side < 2; side++)
            seen = seen && is_counted(bundle, counts, view, side, i) &&
                   rectified_row(&bundle->cameras[side], rectification->rotation[side],
                                 rectification->projection[side],
                                 row->pixels[side] + 2 * (ptrdiff_t)i, &y[side]);
        if (!seen)
            continue;
        lists->rows[lists->row_count++] = fmin(fabs(y[1] - y[0]), MOST_PX);
        sum += (y[1] - y[0]) * (y[1] - y[0]);
        count++;
    }
    *view_rms = count > 0 ? sqrt(sum / count) : 0;
}

static void add_corners(const struct bundle *bundle, const unsigned char *counts,
                        int view, struct lists *lists)
{
    const struct bundle_view *row = &bundle->views[view];
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < bundle->corner_count && row->sides[side]; i++) {
            double r[2] = {MOST_PX, 0};
            if (!is_counted(bundle, counts, view, side, i))
                continue;
            (void)bundle_residual(bundle, row, side, i, r);
            lists->corners[lists->corner_count++] = fmin(hypot(r[0], r[1]), MOST_PX);
        }
}

/* The board's pose in a view, the cameras as they are. */
static enum po_status pose_view(const struct bundle *bundle, int view, bool *posed,
                                struct po_error *error)
{
    struct po_error cause = {0};
    struct bundle_fit fit;
    struct bundle alone = *bundle;
    alone.views = &bundle->views[view];
    alone.view_count = 1;
    alone.cameras_free = alone.pose_free = false;
    enum po_status status = bundle_fit_make(&alone, 1, &fit, &cause);
    *posed = status == PO_OK;
    return status == PO_OUT_OF_MEMORY ? po_fail(error, status, "%s", cause.message)
                                      : PO_OK;
}

/* What all folds share. */
struct fold_job {
    const struct view_set *views;
    const struct bundle *full;
    const unsigned char *counts;
    int folds;
    struct lists *lists;
    double *view_rows;
};

static enum po_status measure_fold(const struct fold_job *job, struct bundle *bundle,
                                   const bool *held_views, struct po_error *error)
{
    const struct view_set *views = job->views;
    struct rectification rectification;
    struct calibration *calibration = calloc(1, sizeof(*calibration));
    if (calibration == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory to rectify");
    bundle_calibration(views, bundle, 0, calibration);
    enum po_status status = rectification_make(calibration, views->width_px,
                                               views->height_px, &rectification, error);
    for (int v = 0; v < bundle->view_count && status == PO_OK; v++) {
        bool posed = false;
        if (!held_views[v])
            continue;
        bundle->views[v].used = true;
        add_rows(bundle, job->counts, v, &rectification, job->lists, &job->view_rows[v]);
        status = pose_view(bundle, v, &posed, error);
        if (posed)
            add_corners(bundle, job->counts, v, job->lists);
    }
    free(calibration);
    return status;
}

static enum po_status run_fold(const struct fold_job *job, int fold,
                               struct po_error *error)
{
    const struct bundle *full = job->full;
    struct bundle part;
    struct bundle_fit fit;
    int index = 0;
    bool *held = calloc((size_t)full->view_count + 1, sizeof(*held));
    if (held == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d views",
                       full->view_count);
    enum po_status status = bundle_copy(full, &part, error);
    for (int v = 0; v < full->view_count && status == PO_OK; v++) {
        if (!full->views[v].used)
            continue;
        held[v] = index++ % job->folds == fold;
        part.views[v].used = !held[v];
    }
    if (status == PO_OK)
        status = bundle_fit_make(&part, 0, &fit, error);
    if (status == PO_OK)
        status = measure_fold(job, &part, held, error);
    free(held);
    bundle_release(&part);
    return status;
}

enum po_status held_out_make(const struct view_set *views, const struct bundle *bundle,
                             const unsigned char *counts, struct held_out *held,
                             struct po_error *error)
{
    enum po_status status = PO_OK;
    size_t room = ((size_t)bundle->view_count + 1) * (size_t)bundle->corner_count;
    struct lists lists = {.corners = calloc(2 * room, sizeof(double)),
                          .rows = calloc(room, sizeof(double))};
    int used = 0;
    *held = (struct held_out){0};
    held->view_rows_px = calloc((size_t)bundle->view_count + 1, sizeof(double));
    if (lists.corners == NULL || lists.rows == NULL || held->view_rows_px == NULL)
        status = po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d views",
                         bundle->view_count);
    for (int v = 0; v < bundle->view_count; v++)
        used += bundle->views[v].used;
    held->folds = used < FOLDS ? used : FOLDS;
    const struct fold_job job = {views,       bundle, counts,
                                 held->folds, &lists, held->view_rows_px};
    for (int fold = 0; fold < job.folds && status == PO_OK; fold++)
        status = run_fold(&job, fold, error);
    if (status == PO_OK) {
        held->corners_px = error_spread_of(lists.corners, lists.corner_count);
        held->rows_px = error_spread_of(lists.rows, lists.row_count);
    }
    free(lists.corners);
    free(lists.rows);
    return status;
}

void held_out_release(struct held_out *held)
{
    free(held->view_rows_px);
    held->view_rows_px = NULL;
}
