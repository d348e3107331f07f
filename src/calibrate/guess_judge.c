/* SPDX-License-Identifier: Apache-2.0 */
/* Whether rows are sure after a guess: what a wrong one would look like. */
#include <math.h>
#include <stdlib.h>

#include "calib/distortion.h"
#include "calib/matrix3.h"
#include "calib/rectification.h"
#include "calibrate/guess_choice.h"

enum { PLANE_ROUNDS = 12, GRID = 9 };

static const double AGREE_PX = 1.5;
static const double LEAST_AGREEING = 0.5; /* of the matches */
static const double MOST_ROWS_PX = 0.75;  /* held out */
static const double MOST_SIGMA_PX = 1.0;  /* in MOST_PLACES of the image */
static const double MOST_PLACES = 0.9;
static const double LEAST_SIDEWAYS = 0.8; /* of the baseline */
static const double ON_PLANE = 0.95;      /* of the matches that agree */
static const double PLANE_PX = 1.0;       /* matches are whole pixels along the row */
static const double OUTER = 0.02;         /* of the disparities on each side */

/* What of a match is needed: where it lies in the rectified left image, -1..1, and its
 * disparity. */
struct seen_point {
    double x;
    double y;
    double disparity_px;
};

static void rectify_point(const struct calibration *calibration,
                          const struct rectification *rectification, int side,
                          const double pixel[2], double point[2])
{
    double ray[3] = {0, 0, 1};
    const double *k = rectification->projection[side];
    (void)camera_unproject(&calibration->cameras[side], pixel[0], pixel[1], &ray[0],
                           &ray[1]);
    matrix3_apply(ray, rectification->rotation[side], ray);
    point[0] = k[0] * ray[0] / ray[2] + k[2];
    point[1] = k[4] * ray[1] / ray[2] + k[5];
}

/* The matches whose rows agree; returns how many. */
static int gather(const struct guess_matches *matches, const struct guess_choice *choice,
                  const struct calibration *calibration,
                  const struct rectification *rectification, struct seen_point *points)
{
    int count = 0;
    const struct rectified_rig *rig = &rectification->rig;
    for (int i = 0; i < matches->count; i++) {
        double row_px;
        double left[2];
        double right[2];
        const struct pixel_match *match = &matches->matches[i];
        rig_guess_rows(&choice->guess, match, 1, &row_px);
        if (fabs(row_px) > AGREE_PX)
            continue;
        rectify_point(calibration, rectification, 0, match->left, left);
        rectify_point(calibration, rectification, 1, match->right, right);
        points[count++] =
            (struct seen_point){2 * left[0] / rig->width_px - 1,
                                2 * left[1] / rig->height_px - 1, left[0] - right[0]};
    }
    return count;
}

/* Adds one point to the normal equations of d = p0 + p1 x + p2 y. */
static void add_point(const struct seen_point *point, double weight, double m[6],
                      double v[3])
{
    const double a[3] = {1, point->x, point->y};
    int k = 0;
    for (int i = 0; i < 3; i++) {
        v[i] += weight * a[i] * point->disparity_px;
        for (int j = i; j < 3; j++)
            m[k++] += weight * a[i] * a[j];
    }
}

/* Cramer's rule; false where the points lie on a line. */
static bool solve_plane(const double m[6], const double v[3], double plane[3])
{
    const double a[9] = {m[0], m[1], m[2], m[1], m[3], m[4], m[2], m[4], m[5]};
    double all = matrix3_determinant(a);
    if (!(fabs(all) > 1e-9))
        return false;
    for (int column = 0; column < 3; column++) {
        double b[9];
        for (int i = 0; i < 9; i++)
            b[i] = i % 3 == column ? v[i / 3] : a[i];
        plane[column] = matrix3_determinant(b) / all;
    }
    return true;
}

static double off_plane(const double plane[3], const struct seen_point *point)
{
    return fabs(point->disparity_px - plane[0] - plane[1] * point->x -
                plane[2] * point->y);
}

/* The share of points that one plane in space explains: their disparities are affine.
 * Robust: weights 1 / (1 + r^2) of a scale that shrinks. */
static double share_on_plane(const struct seen_point *points, int count)
{
    double plane[3] = {0, 0, 0};
    double scale_px = INFINITY;
    int on = 0;
    for (int round = 0; round < PLANE_ROUNDS; round++) {
        double m[6] = {0};
        double v[3] = {0};
        double sum = 0;
        for (int i = 0; i < count; i++) {
            double r = off_plane(plane, &points[i]) / scale_px;
            add_point(&points[i], 1 / (1 + r * r), m, v);
        }
        if (!solve_plane(m, v, plane))
            return 1;
        for (int i = 0; i < count; i++)
            sum += off_plane(plane, &points[i]);
        scale_px = fmax(PLANE_PX, fmin(scale_px / 2, sum / count));
    }
    for (int i = 0; i < count; i++)
        on += off_plane(plane, &points[i]) <= PLANE_PX;
    return count > 0 ? (double)on / count : 1;
}

static int compare_disparities(const void *a, const void *b)
{
    double x = ((const struct seen_point *)a)->disparity_px;
    double y = ((const struct seen_point *)b)->disparity_px;
    return (x > y) - (x < y);
}

/* Where the raw camera of a side sees a rectified point. */
static void raw_point(const struct calibration *calibration,
                      const struct rectification *rectification, int side, double x,
                      double y, double pixel[2])
{
    const double *k = rectification->projection[side];
    double back[9];
    double ray[3] = {(x - k[2]) / k[0], (y - k[5]) / k[4], 1};
    matrix3_transpose(back, rectification->rotation[side]);
    matrix3_apply(ray, back, ray);
    camera_project(&calibration->cameras[side], ray[0] / ray[2], ray[1] / ray[2],
                   &pixel[0], &pixel[1]);
}

/* The deviation of one row over the fits without a sixth of the matches each (jackknife;
 * Efron 1982): no noise need be known. */
static double sigma_of(const struct guess_choice *choice, const struct pixel_match *match)
{
    double rows[GUESS_FOLDS];
    double mean = 0;
    double sum = 0;
    for (int fold = 0; fold < GUESS_FOLDS; fold++) {
        rig_guess_rows(&choice->folds[fold], match, 1, &rows[fold]);
        mean += rows[fold] / GUESS_FOLDS;
    }
    for (int fold = 0; fold < GUESS_FOLDS; fold++)
        sum += (rows[fold] - mean) * (rows[fold] - mean);
    return sqrt((GUESS_FOLDS - 1) * sum / GUESS_FOLDS);
}

static bool is_in_image(const struct calibration *calibration, const double pixel[2])
{
    return pixel[0] >= 0 && pixel[1] >= 0 && pixel[0] <= calibration->width_px - 1 &&
           pixel[1] <= calibration->height_px - 1;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What nine tenths of the places stay below that both images show, at the far and at the
 * near end of what was matched. */
static double sigma_of_most(const struct guess_choice *choice,
                            const struct calibration *calibration,
                            const struct rectification *rectification,
                            struct seen_point *points, int count)
{
    int places = 0;
    double sigmas[2 * GRID * GRID] = {0};
    const struct rectified_rig *rig = &rectification->rig;
    qsort(points, (size_t)count, sizeof(*points), compare_disparities);
    const double ends[2] = {points[(int)(OUTER * count)].disparity_px,
                            points[(int)((1 - OUTER) * (count - 1))].disparity_px};
    for (int i = 0; i < 2 * GRID * GRID; i++) {
        struct pixel_match match = {.frame = 0};
        const int column = i / 2 % GRID;
        const int row = i / 2 / GRID;
        double x = (rig->width_px - 1) * (double)column / (GRID - 1);
        double y = (rig->height_px - 1) * (double)row / (GRID - 1);
        raw_point(calibration, rectification, 0, x, y, match.left);
        raw_point(calibration, rectification, 1, x - ends[i % 2], y, match.right);
        if (is_in_image(calibration, match.left) && is_in_image(calibration, match.right))
            sigmas[places++] = sigma_of(choice, &match);
    }
    qsort(sigmas, (size_t)places, sizeof(*sigmas), compare_doubles);
    return places > 0 ? sigmas[(int)(MOST_PLACES * (places - 1))] : INFINITY;
}

static enum po_status judge_rows(const struct guess_matches *matches,
                                 const struct guess_choice *choice,
                                 struct po_error *error)
{
    double rows_px = choice->held_out_px[choice->model];
    if (choice->agreeing >= LEAST_AGREEING * matches->count && rows_px <= MOST_ROWS_PX)
        return PO_OK;
    return po_fail(
        error, PO_BAD_CALIBRATION,
        "rows stay apart: %d of %d points found in both images agree, held out "
        "ones within %.2f px (%.1f px before). Do the cameras move against "
        "each other, does the second stand in front of the first, or are the "
        "two pictures of different moments? --calibrate makes a calibration "
        "from pictures of a board",
        choice->agreeing, matches->count, rows_px, choice->before_px);
}

static enum po_status judge_pose(const struct calibration *calibration,
                                 struct po_error *error)
{
    const double *t = calibration->translation_mm;
    if (fabs(t[0]) >= LEAST_SIDEWAYS)
        return PO_OK;
    bool forward = fabs(t[2]) > fabs(t[1]);
    return po_fail(error, PO_BAD_CALIBRATION,
                   "the second camera stands %s the first (%.0f degrees off its side), "
                   "which these rectifications cannot undo; --calibrate makes a "
                   "calibration from pictures of a board",
                   forward ? "in front of or behind" : "above or below",
                   acos(fmin(1, fabs(t[0]))) * 57.29577951308232);
}

static enum po_status judge_points(struct guess_choice *choice,
                                   const struct calibration *calibration,
                                   const struct rectification *rectification,
                                   struct seen_point *points, int count,
                                   struct po_error *error)
{
    double plane = share_on_plane(points, count);
    if (plane >= ON_PLANE)
        return po_fail(
            error, PO_BAD_CALIBRATION,
            "%.0f %% of the %d points lie on one plane, or too far away to "
            "tell: how the cameras stand cannot be found from that; add frames "
            "that show things at several distances",
            100 * plane, count);
    choice->sigma_px = sigma_of_most(choice, calibration, rectification, points, count);
    if (choice->sigma_px <= MOST_SIGMA_PX)
        return PO_OK;
    return po_fail(
        error, PO_BAD_CALIBRATION,
        "rows would be unsure by %.2f px and more in parts of the image: the %d points "
        "found in both images do not fill it, or lie at too few distances; add "
        "frames with texture in all parts of the image",
        choice->sigma_px, count);
}

static int count_agreeing(const struct guess_matches *matches,
                          const struct rig_guess *guess)
{
    int agreeing = 0;
    for (int i = 0; i < matches->count; i++) {
        double row_px;
        rig_guess_rows(guess, &matches->matches[i], 1, &row_px);
        agreeing += fabs(row_px) <= AGREE_PX;
    }
    return agreeing;
}

enum po_status guess_choice_judge(const struct guess_matches *matches,
                                  struct guess_choice *choice, struct po_error *error)
{
    struct calibration calibration;
    struct rectification rectification;
    choice->agreeing = count_agreeing(matches, &choice->guess);
    enum po_status status = judge_rows(matches, choice, error);
    if (status != PO_OK || choice->model == GUESS_AS_IS)
        return status;
    rig_guess_calibration(&choice->guess, &calibration);
    status = judge_pose(&calibration, error);
    if (status == PO_OK &&
        rectification_make(&calibration, calibration.width_px, calibration.height_px,
                           &rectification, NULL) != PO_OK)
        status = po_fail(error, PO_BAD_CALIBRATION,
                         "what brings rows together would leave the two images hardly "
                         "anything in common: does the second camera stand in front of "
                         "the first? --calibrate makes a calibration from pictures of a "
                         "board");
    if (status != PO_OK)
        return status;
    struct seen_point *points = calloc((size_t)matches->count + 1, sizeof(*points));
    if (points == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d points",
                       matches->count);
    int count = gather(matches, choice, &calibration, &rectification, points);
    status = judge_points(choice, &calibration, &rectification, points, count, error);
    free(points);
    return status;
}
