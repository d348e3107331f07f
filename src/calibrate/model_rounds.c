/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounds: fit, measure the spread of what is left, drop what lies far outside, fit again.
 * The first fit bears gross errors by its weights; the last is plain least squares, of
 * which the standard deviations speak.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/models.h"

enum { ROUNDS = 12 };
static const double FIRST_CAUCHY_PX = 1;
static const double LEAST_CAUCHY_PX = 0.02;
/* A corner's distance is sigma sqrt(chi2 of 2): beyond 4.5 sigma lie 4e-5 of them, and
 * its median is 1.1774 sigma. */
static const double CORNER_SIGMAS = 4.5;
static const double MEDIAN_SIGMAS = 1.17741;
static const double CORNER_LEAST_PX = 0.1;
static const double VIEW_TIMES_MEDIAN = 3;
static const double VIEW_LEAST_PX = 0.3;
static const double VIEW_KEPT_SHARE = 0.7;

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof(*values), compare_doubles);
    return count > 0 ? values[count / 2] : 0;
}

static double worst_rms(const struct bundle *bundle, const struct bundle_view *view)
{
    return fmax(bundle_view_rms(bundle, view, 0), bundle_view_rms(bundle, view, 1));
}

static int kept_corners(const struct bundle *bundle, const struct bundle_view *view,
                        int side)
{
    int kept = 0;
    for (int i = 0; i < bundle->corner_count && view->sides[side]; i++)
        kept += view->kept[side][i];
    return kept;
}

/* Views far worse than the median of all; `values` has room for one a view. */
static int drop_views(struct bundle *bundle, double *values)
{
    int count = 0;
    int dropped = 0;
    for (int v = 0; v < bundle->view_count; v++)
        if (bundle->views[v].used)
            values[count++] = worst_rms(bundle, &bundle->views[v]);
    double most = fmax(VIEW_TIMES_MEDIAN * median(values, count), VIEW_LEAST_PX);
    for (int v = 0; v < bundle->view_count; v++) {
        struct bundle_view *view = &bundle->views[v];
        if (!view->used || worst_rms(bundle, view) <= most)
            continue;
        view->used = false;
        dropped++;
    }
    return dropped;
}

static double corner_distance(const struct bundle *bundle, const struct bundle_view *view,
                              int side, int corner)
{
    double r[2];
    if (!bundle_residual(bundle, view, side, corner, r))
        return INFINITY;
    return hypot(r[0], r[1]);
}

/* Median distance of all kept corners; `values` has room for all. */
static double spread_of(const struct bundle *bundle, double *values)
{
    int count = 0;
    for (int v = 0; v < bundle->view_count; v++) {
        const struct bundle_view *view = &bundle->views[v];
        for (int side = 0; side < 2 && view->used; side++)
            for (int i = 0; i < bundle->corner_count && view->sides[side]; i++)
                if (view->kept[side][i])
                    values[count++] = corner_distance(bundle, view, side, i);
    }
    return median(values, count) / MEDIAN_SIGMAS;
}

static int drop_corners(struct bundle *bundle, double *values)
{
    int dropped = 0;
    double most = fmax(CORNER_SIGMAS * spread_of(bundle, values), CORNER_LEAST_PX);
    for (int v = 0; v < bundle->view_count; v++) {
        struct bundle_view *view = &bundle->views[v];
        for (int side = 0; side < 2 && view->used; side++) {
            for (int i = 0; i < bundle->corner_count && view->sides[side]; i++)
                if (view->kept[side][i] &&
                    corner_distance(bundle, view, side, i) > most) {
                    view->kept[side][i] = 0;
                    dropped++;
                }
            if (view->sides[side] &&
                kept_corners(bundle, view, side) < VIEW_KEPT_SHARE * bundle->corner_count)
                view->used = false;
        }
    }
    return dropped;
}

/* Corners are judged only when no view distorts the fit any more. */
static int drop(struct bundle *bundle, double *values)
{
    int dropped = drop_views(bundle, values);
    return dropped > 0 ? dropped : drop_corners(bundle, values);
}

enum po_status lens_model_fit(const struct lens_model *model,
                              const struct view_set *views, struct bundle *bundle,
                              struct bundle_fit *fit, struct po_error *error)
{
    size_t room = ((size_t)bundle->view_count + 1) * 2 *
                  ((size_t)bundle->corner_count + 1) * sizeof(double);
    double *values = malloc(room);
    if (values == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d views",
                       bundle->view_count);
    enum po_status status = lens_model_start(model, views, bundle, error);
    if (status == PO_OK)
        status = bundle_fit_make(bundle, FIRST_CAUCHY_PX, fit, error);
    /* Again with weights by the noise itself, so that no error pulls its neighbours along
     * when corners are judged. */
    if (status == PO_OK && drop_views(bundle, values) >= 0)
        status = bundle_fit_make(
            bundle, fmax(2 * spread_of(bundle, values), LEAST_CAUCHY_PX), fit, error);
    for (int round = 0; round < ROUNDS && status == PO_OK; round++) {
        int dropped = drop(bundle, values);
        if (dropped == 0 && round > 0)
            break;
        status = bundle_fit_make(bundle, 0, fit, error);
    }
    free(values);
    return status;
}
