/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/rig_guess_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/cholesky.h"

enum { ROUNDS = 30 };

static const double STEP = 1e-6;
static const double CONVERGED = 3e-6; /* radians: hundredths of a pixel */
static const double LEAST_NOISE_PX = 0.05;
/* How far a rig usually is from all zeros. */
static const double usual_spread[GUESS_UNKNOWNS] = {
    [GUESS_TURN_X] = 0.2, [GUESS_TURN_Y] = 0.1,  [GUESS_TURN_Z] = 0.2,
    [GUESS_UP] = 0.1,     [GUESS_FORWARD] = 0.1, [GUESS_FOCAL] = 0.4,
    [GUESS_RATIO] = 0.03, [GUESS_RISE] = 0.02,   [GUESS_BEND] = 0.3,
};

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

double median_row_px(double *rows_px, int count)
{
    for (int i = 0; i < count; i++)
        rows_px[i] = fabs(rows_px[i]);
    qsort(rows_px, (size_t)count, sizeof(*rows_px), compare_doubles);
    return count > 0 ? rows_px[count / 2] : 0;
}

/* A fit under way; room for one value a match in each column. */
struct work {
    const struct pixel_match *matches;
    int count;
    int unknowns;
    double share; /* of a match that is independent of its neighbours */
    double noise_px;
    double *rows;   /* by match */
    double *spare;  /* by match */
    double *slopes; /* [unknown][match] */
};

static void differ(const struct work *work, const struct rig_guess *guess)
{
    rig_guess_rows(guess, work->matches, work->count, work->rows);
    for (int p = 0; p < work->unknowns; p++) {
        struct rig_guess moved = *guess;
        double *slopes = work->slopes + (ptrdiff_t)p * work->count;
        moved.values[p] += STEP;
        rig_guess_rows(&moved, work->matches, work->count, slopes);
        for (int i = 0; i < work->count; i++)
            slopes[i] = (slopes[i] - work->rows[i]) / STEP;
    }
}

/* Normal equations in units of the noise; weights 1 / (1 + (r / 2s)^2)^2 (Geman and
 * McClure 1987), and what rigs usually are as what is known before. */
static void make_normal(const struct work *work, const struct rig_guess *guess,
                        double *matrix, double *vector)
{
    int n = work->unknowns;
    memset(matrix, 0, sizeof(*matrix) * (size_t)n * (size_t)n);
    for (int p = 0; p < n; p++) {
        double usual = 1 / (usual_spread[p] * usual_spread[p]);
        matrix[(ptrdiff_t)p * n + p] = usual;
        vector[p] = -guess->values[p] * usual;
    }
    for (int i = 0; i < work->count; i++) {
        double r = work->rows[i] / (2 * work->noise_px);
        double soft = 1 / (1 + r * r);
        double weight = work->share * soft * soft / (work->noise_px * work->noise_px);
        for (int p = 0; p < n; p++) {
            double slope = weight * work->slopes[(ptrdiff_t)p * work->count + i];
            vector[p] -= slope * work->rows[i];
            for (int q = 0; q <= p; q++)
                matrix[(ptrdiff_t)p * n + q] +=
                    slope * work->slopes[(ptrdiff_t)q * work->count + i];
        }
    }
}

static double noise_of(const struct work *work)
{
    memcpy(work->spare, work->rows, sizeof(*work->spare) * (size_t)work->count);
    return fmax(1.4826 * median_row_px(work->spare, work->count), LEAST_NOISE_PX);
}

static bool solve(struct work *work, struct rig_guess *guess)
{
    double matrix[GUESS_UNKNOWNS * GUESS_UNKNOWNS];
    double vector[GUESS_UNKNOWNS];
    for (int round = 0; round < ROUNDS; round++) {
        double largest = 0;
        differ(work, guess);
        work->noise_px = noise_of(work);
        make_normal(work, guess, matrix, vector);
        if (!cholesky_factor(matrix, work->unknowns))
            return false;
        cholesky_solve(matrix, work->unknowns, vector);
        for (int p = 0; p < work->unknowns; p++) {
            guess->values[p] += vector[p];
            largest = fmax(largest, fabs(vector[p]));
        }
        if (largest < CONVERGED)
            break;
    }
    for (int p = 0; p < work->unknowns; p++)
        if (!(fabs(guess->values[p]) < 2))
            return false;
    return true;
}

enum po_status rig_guess_fit_make(const struct pixel_match *matches, int count,
                                  double independent, int unknowns,
                                  struct rig_guess *guess, struct po_error *error)
{
    enum po_status status = PO_OK;
    size_t columns = (size_t)unknowns + 2;
    double *room = calloc(columns * ((size_t)count + 1), sizeof(*room));
    if (room == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d matches", count);
    struct work work = {.matches = matches,
                        .count = count,
                        .unknowns = unknowns,
                        .share = fmin(1, independent / (count + 1)),
                        .rows = room,
                        .spare = room + count,
                        .slopes = room + 2 * (ptrdiff_t)count};
    if (count <= unknowns || !solve(&work, guess))
        status = po_fail(error, PO_BAD_CALIBRATION,
                         "the points that both images show do not tell how the cameras "
                         "stand");
    free(room);
    return status;
}
