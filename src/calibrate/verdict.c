/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/verdict.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "calib/matrix3.h"

static const double DEGREES = 57.29577951308232;

/* What is refused, and what is warned of. */
static const double LEAST_TILT_DEGREES = 6;
static const double GOOD_TILT_DEGREES = 20;
static const double GOOD_DISTANCE_RATIO = 1.25;
static const double MOST_FOCAL_SHARE = 0.02;
static const double GOOD_FOCAL_SHARE = 0.004;
static const double MOST_ROWS_PX = 2;
static const double GOOD_ROWS_PX = 0.35;
static const double GOOD_COVERAGE = 0.6;
static const double LEAST_HALF_COVERAGE = 0.2;
static const double MOST_CORRELATION = 0.995;
enum { GOOD_VIEWS = 10 };

const char *verdict_grade_name(enum verdict_grade grade)
{
    static const char *const names[] = {"good", "usable, with warnings", "refused"};
    return names[grade];
}

static void find(struct verdict *verdict, enum verdict_grade grade, const char *format,
                 ...) PO_PRINTF(3, 4);

static void find(struct verdict *verdict, enum verdict_grade grade, const char *format,
                 ...)
{
    va_list arguments;
    if (verdict->finding_count == VERDICT_FINDINGS)
        return;
    struct verdict_finding *row = &verdict->findings[verdict->finding_count++];
    row->grade = grade;
    va_start(arguments, format);
    (void)vsnprintf(row->text, sizeof(row->text), format, arguments);
    va_end(arguments);
    if (grade > verdict->grade)
        verdict->grade = grade;
}

/* --- figures --- */

static void count_views(const struct view_set *views, const struct bundle *bundle,
                        struct verdict *verdict)
{
    for (int v = 0; v < views->view_count; v++) {
        const struct bundle_view *view = &bundle->views[v];
        if (!view->used)
            verdict->views_dropped++;
        else if (view->sides[0] && view->sides[1])
            verdict->views_both++;
        else
            verdict->views_one++;
    }
}

static void measure_coverage(const struct view_set *views, const struct bundle *bundle,
                             struct verdict *verdict)
{
    for (int side = 0; side < 2; side++) {
        int covered = 0;
        for (int v = 0; v < views->view_count; v++) {
            const struct bundle_view *view = &bundle->views[v];
            for (int i = 0; view->used && view->sides[side] && i < views->corner_count;
                 i++) {
                const double *pixel = view->pixels[side] + 2 * (ptrdiff_t)i;
                int col = (int)(pixel[0] * COVERAGE_COLS / views->width_px);
                int row = (int)(pixel[1] * COVERAGE_ROWS / views->height_px);
                if (col >= 0 && col < COVERAGE_COLS && row >= 0 && row < COVERAGE_ROWS)
                    verdict->cells[side][row][col] = true;
            }
        }
        for (int i = 0; i < COVERAGE_ROWS * COVERAGE_COLS; i++)
            covered += verdict->cells[side][i / COVERAGE_COLS][i % COVERAGE_COLS];
        verdict->coverage[side] = (double)covered / (COVERAGE_ROWS * COVERAGE_COLS);
    }
}

/* Angle of the normals, and distance, over all pairs of boards. */
static void measure_poses(const struct bundle *bundle, struct verdict *verdict)
{
    double least_cosine = 1;
    verdict->nearest = INFINITY;
    for (int v = 0; v < bundle->view_count; v++) {
        const struct bundle_view *a = &bundle->views[v];
        if (!a->used)
            continue;
        double distance = vector3_length(a->translation);
        verdict->nearest = fmin(verdict->nearest, distance);
        verdict->farthest = fmax(verdict->farthest, distance);
        for (int w = 0; w < v; w++) {
            const double *p = a->rotation;
            const double *q = bundle->views[w].rotation;
            if (bundle->views[w].used)
                least_cosine =
                    fmin(least_cosine, p[2] * q[2] + p[5] * q[5] + p[8] * q[8]);
        }
    }
    verdict->tilt_degrees = acos(fmax(least_cosine, -1)) * DEGREES;
    verdict->distance_ratio = verdict->farthest / verdict->nearest;
}

static void measure_sigmas(const struct model_trial *trial, struct verdict *verdict)
{
    const int n = BUNDLE_SHARED;
    const double *c = trial->fit.covariance;
    const double *t = trial->bundle.translation;
    double variance = 0;
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < BUNDLE_CAMERA; i++) {
            int at = side * BUNDLE_CAMERA + i;
            verdict->camera_sigma[side][i] = sqrt(c[(ptrdiff_t)at * n + at]);
        }
    for (int i = 0; i < 3; i++) {
        int turn = 2 * BUNDLE_CAMERA + i;
        verdict->turn_sigma_degrees[i] = sqrt(c[(ptrdiff_t)turn * n + turn]) * DEGREES;
        for (int k = 0; k < 3; k++)
            variance += t[i] * t[k] *
                        c[(2 * BUNDLE_CAMERA + 3 + i) * n + 2 * BUNDLE_CAMERA + 3 + k];
    }
    double length = vector3_length(t);
    verdict->baseline_share = sqrt(fmax(variance, 0)) / (length * length);
    for (int side = 0; side < 2; side++)
        verdict->focal_share =
            fmax(verdict->focal_share,
                 verdict->camera_sigma[side][0] / trial->bundle.cameras[side].fx);
}

/* --- findings --- */

static void judge_views(const struct view_set *views, struct verdict *verdict)
{
    if (verdict->views_both < LEAST_VIEWS)
        find(verdict, VERDICT_REFUSED,
             "only %d different views of the board fit together in both cameras; "
             "photograph it at least %d times, %d to 20 is better, moving and tilting it "
             "each time",
             verdict->views_both, LEAST_VIEWS, GOOD_VIEWS);
    else if (verdict->views_both < GOOD_VIEWS)
        find(verdict, VERDICT_USABLE,
             "%d views in both cameras are few: photograph the board %d to 20 times",
             verdict->views_both, GOOD_VIEWS);
    if (views->smeared > 0)
        find(
            verdict, VERDICT_USABLE,
            "%d of %d pairs are smeared (edges far wider than the %.1f px of sharp ones) "
            "and %s: hold the board still, or expose for a shorter time",
            views->smeared, views->pair_count, views->usual_blur_px,
            views->smeared_are_used ? "used, as too few would be left" : "left out");
    if (3 * verdict->views_dropped > verdict->views_both)
        find(verdict, VERDICT_USABLE,
             "%d views did not fit the others: was the board bent, moved between the "
             "two exposures, or the picture blurred?",
             verdict->views_dropped);
}

static void judge_poses(const struct model_trial *trial, struct verdict *verdict)
{
    if (verdict->tilt_degrees < LEAST_TILT_DEGREES)
        find(verdict, VERDICT_REFUSED,
             "all boards are parallel within %.1f degrees, which leaves focal length and "
             "distance undecided; tilt the board by 20 to 40 degrees to the left, right, "
             "up and down",
             verdict->tilt_degrees);
    else if (verdict->tilt_degrees < GOOD_TILT_DEGREES)
        find(verdict, VERDICT_USABLE,
             "the boards differ in tilt by %.0f degrees only; tilt some by 20 to 40 "
             "degrees to the left, right, up and down",
             verdict->tilt_degrees);
    if (verdict->distance_ratio < GOOD_DISTANCE_RATIO)
        find(
            verdict, VERDICT_USABLE,
            "all boards are at one distance (%.1f to %.1f squares); take some nearer and "
            "some at the distance of what is to be measured",
            verdict->nearest, verdict->farthest);
    if (trial->fit.focal_depth_correlation > MOST_CORRELATION)
        find(verdict, VERDICT_USABLE,
             "focal length and distance of the boards are hardly told apart (correlation "
             "%.4f); tilt the board more",
             trial->fit.focal_depth_correlation);
}

static void judge_half(struct verdict *verdict, int side, const int cells[4],
                       const char *half)
{
    int covered = 0;
    int count = 0;
    for (int row = cells[0]; row < cells[1]; row++)
        for (int col = cells[2]; col < cells[3]; col++, count++)
            covered += verdict->cells[side][row][col];
    if (covered < LEAST_HALF_COVERAGE * count)
        find(verdict, VERDICT_USABLE,
             "the %s half of the %s camera's image hardly saw the board: its distortion "
             "is a guess there; hold the board into it",
             half, side == 0 ? "left" : "right");
}

static void judge_coverage(struct verdict *verdict)
{
    static const int halves[4][4] = {
        {0, COVERAGE_ROWS, 0, COVERAGE_COLS / 2},
        {0, COVERAGE_ROWS, COVERAGE_COLS / 2, COVERAGE_COLS},
        {0, COVERAGE_ROWS / 2, 0, COVERAGE_COLS},
        {COVERAGE_ROWS / 2, COVERAGE_ROWS, 0, COVERAGE_COLS}};
    static const char *const names[] = {"left", "right", "upper", "lower"};
    for (int side = 0; side < 2; side++) {
        for (int i = 0; i < 4; i++)
            judge_half(verdict, side, halves[i], names[i]);
        if (verdict->coverage[side] < GOOD_COVERAGE)
            find(verdict, VERDICT_USABLE,
                 "the board was seen in %.0f %% of the %s camera's image; hold it into "
                 "the edges and corners of the picture as well",
                 100 * verdict->coverage[side], side == 0 ? "left" : "right");
    }
}

static void judge_error(const struct model_trial *trial, struct verdict *verdict)
{
    if (verdict->focal_share > MOST_FOCAL_SHARE)
        find(verdict, VERDICT_REFUSED,
             "the focal length is known within %.1f %% only (standard deviation); "
             "photograph the board nearer, larger in the image and more tilted",
             100 * verdict->focal_share);
    else if (verdict->focal_share > GOOD_FOCAL_SHARE)
        find(verdict, VERDICT_USABLE,
             "the focal length is known within %.2f %% (standard deviation), and depths "
             "are no better; more and more tilted views help",
             100 * verdict->focal_share);
    if (trial->held.rows_px.rms > MOST_ROWS_PX)
        find(verdict, VERDICT_REFUSED,
             "rows of views held out are %.2f px apart after rectification, too far for "
             "stereo: is the board flat, do both cameras expose at the same moment, are "
             "the lenses fixed?",
             trial->held.rows_px.rms);
    else if (trial->held.rows_px.rms > GOOD_ROWS_PX)
        find(
            verdict, VERDICT_USABLE,
            "rows of views held out are %.2f px apart after rectification (below %.2f "
            "is good): is the board flat, and do both cameras expose at the same moment?",
            trial->held.rows_px.rms, GOOD_ROWS_PX);
    if (!trial->fit.converged)
        find(verdict, VERDICT_USABLE, "the fit did not come to rest");
}

void verdict_make(const struct view_set *views, const struct model_trial *trial,
                  struct verdict *verdict)
{
    *verdict = (struct verdict){0};
    count_views(views, &trial->bundle, verdict);
    measure_coverage(views, &trial->bundle, verdict);
    measure_poses(&trial->bundle, verdict);
    measure_sigmas(trial, verdict);
    verdict->row_rms_px = trial->held.rows_px.rms;
    verdict->row_q95_px = trial->held.rows_px.q95;
    judge_views(views, verdict);
    judge_poses(trial, verdict);
    judge_error(trial, verdict);
    judge_coverage(verdict);
}

static int count_uses(const struct view_set *views, enum pair_use use)
{
    int count = 0;
    for (int i = 0; i < views->pair_count; i++)
        count += views->notes[i].use == use;
    return count;
}

enum po_status verdict_check_views(const struct view_set *views, struct po_error *error)
{
    int seen[2] = {0, 0};
    int both = 0;
    int repeated = count_uses(views, PAIR_REPEATED);
    const struct board *board = &views->board;
    for (int v = 0; v < views->view_count; v++) {
        const struct bundle_view *view = &views->views[v];
        seen[0] += view->sides[0];
        seen[1] += view->sides[1];
        both += view->sides[0] && view->sides[1];
    }
    if (both >= LEAST_VIEWS)
        return PO_OK;
    if (seen[0] + seen[1] == 0)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "no board of %dx%d corners in any of the %d pairs; --board counts "
                       "inner corners, or say --pattern",
                       board->cols, board->rows, views->pair_count);
    if (both == 0 && (seen[0] == 0 || seen[1] == 0))
        return po_fail(error, PO_BAD_CALIBRATION,
                       "the board is found in pictures of the %s camera only (%d of %d "
                       "pairs); both must see all of it",
                       seen[0] > 0 ? "left" : "right", seen[0] + seen[1],
                       views->pair_count);
    if (repeated > 0)
        return po_fail(
            error, PO_BAD_CALIBRATION,
            "%d of %d pairs show a view that another shows already, and %d "
            "different %s left; photograph the board at least %d times, moving "
            "and tilting it each time",
            repeated, views->pair_count, both, both == 1 ? "is" : "are", LEAST_VIEWS);
    return po_fail(error, PO_BAD_CALIBRATION,
                   "the board is seen by both cameras in %d of %d pairs; at least %d are "
                   "needed, %d to 20 are better, moving and tilting it each time",
                   both, views->pair_count, LEAST_VIEWS, GOOD_VIEWS);
}
