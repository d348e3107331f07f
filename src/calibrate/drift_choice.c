/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/drift_choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDS = 6, BLOCKS = 4 };
enum { MOST_MATCHES = 6000 }; /* that are held out by turns: more tell no more */
enum { LEAST_MATCHES = 200 }; /* below, lenses are not judged */

/* What a lens unknown must bring. */
static const double BETTER_SHARE = 0.05;
static const double BETTER_PX = 0.02;
static const double LEAST_SIGMAS = 4;

static const bool lens_of[DRIFT_MODELS][EPIPOLAR_UNKNOWNS] = {
    [DRIFT_FOCAL] = {[EPIPOLAR_FOCAL] = true},
    [DRIFT_RISE] = {[EPIPOLAR_RISE] = true},
    [DRIFT_BOTH] = {[EPIPOLAR_FOCAL] = true, [EPIPOLAR_RISE] = true},
};

/* Matches that take part in the choice, and where a fold's lie. */
struct trial {
    struct epipolar_problem problem; /* over `sorted` */
    struct ray_match *matches;
    int count;
    struct ray_match *sorted; /* those of the fold behind the others */
    double *rows;
    double spread[EPIPOLAR_UNKNOWNS]; /* jackknife over the folds */
    double held_out_px;
};

/* Frames are held out by turns, or blocks of the image where there are few of them. */
static int fold_of(const struct epipolar_problem *problem, const struct ray_match *match)
{
    if (problem->frames >= 2 * FOLDS)
        return match->frame % FOLDS;
    int column = (int)floor(BLOCKS * (match->left[0] + 1) / 2);
    int row = (int)floor(BLOCKS * (match->left[1] + 1) / 2);
    int fold = (column + 2 * row + match->frame) % FOLDS;
    return fold < 0 ? fold + FOLDS : fold;
}

static int split(const struct trial *trial, int fold)
{
    int kept = 0;
    int held = trial->count;
    for (int i = 0; i < trial->count; i++) {
        const struct ray_match *match = &trial->matches[i];
        if (fold_of(&trial->problem, match) == fold)
            trial->sorted[--held] = *match;
        else
            trial->sorted[kept++] = *match;
    }
    return kept;
}

/* The deviation over the fits without a sixth of the matches each (jackknife; Efron
 * 1982): no noise need be known. */
static double jackknife(const double values[FOLDS])
{
    double mean = 0;
    double sum = 0;
    for (int i = 0; i < FOLDS; i++)
        mean += values[i] / FOLDS;
    for (int i = 0; i < FOLDS; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sqrt((FOLDS - 1) * sum / FOLDS);
}

static enum po_status hold_out_fold(struct trial *trial, int fold, int *done,
                                    struct epipolar_fit *fit, struct po_error *error)
{
    int kept = split(trial, fold);
    struct epipolar_problem held = trial->problem;
    trial->problem.matches = trial->sorted;
    trial->problem.count = kept;
    held.matches = trial->sorted + kept;
    held.count = trial->count - kept;
    enum po_status status = epipolar_fit_make(&trial->problem, fit, error);
    if (status == PO_OK)
        status = epipolar_rows(&held, fit, trial->rows + *done, error);
    *done += held.count;
    return status;
}

/* Rows of all matches, each by a fit that did not see it. */
static enum po_status hold_out(struct trial *trial, enum drift_model model,
                               struct po_error *error)
{
    double changes[EPIPOLAR_UNKNOWNS][FOLDS] = {{0}};
    int done = 0;
    enum po_status status = PO_OK;
    memcpy(trial->problem.lens, lens_of[model], sizeof(trial->problem.lens));
    for (int fold = 0; fold < FOLDS && status == PO_OK; fold++) {
        struct epipolar_fit fit;
        status = hold_out_fold(trial, fold, &done, &fit, error);
        for (int i = 0; i < EPIPOLAR_UNKNOWNS && status == PO_OK; i++)
            changes[i][fold] = fit.change[i];
    }
    if (status != PO_OK)
        return status;
    for (int i = 0; i < EPIPOLAR_UNKNOWNS; i++)
        trial->spread[i] = jackknife(changes[i]);
    trial->held_out_px = epipolar_median(trial->rows, done);
    return PO_OK;
}

/* Is each lens unknown of the model certain? */
static bool is_certain(enum drift_model model, const struct epipolar_fit *fit,
                       const double sigma[EPIPOLAR_UNKNOWNS])
{
    for (int i = EPIPOLAR_POSE; i < EPIPOLAR_UNKNOWNS; i++)
        if (lens_of[model][i] && fabs(fit->change[i]) < LEAST_SIGMAS * sigma[i])
            return false;
    return true;
}

/* One model on all matches, and held out; taken when it is clearly better. */
static enum po_status try_model(struct trial *trial, enum drift_model model,
                                struct epipolar_problem *problem,
                                struct drift_choice *choice, struct po_error *error)
{
    struct epipolar_fit fit;
    double sigma[EPIPOLAR_UNKNOWNS];
    enum po_status status = hold_out(trial, model, error);
    memcpy(problem->lens, lens_of[model], sizeof(problem->lens));
    if (status == PO_OK)
        status = epipolar_fit_make(problem, &fit, error);
    if (status != PO_OK)
        return status;
    for (int i = 0; i < EPIPOLAR_UNKNOWNS; i++)
        sigma[i] = fmax(fit.sigma[i], trial->spread[i]);
    double than_px = choice->held_out_px[choice->model];
    choice->held_out_px[model] = trial->held_out_px;
    if (model != DRIFT_POSE &&
        (trial->held_out_px > (1 - BETTER_SHARE) * than_px - BETTER_PX ||
         !is_certain(model, &fit, sigma)))
        return PO_OK;
    choice->model = model;
    choice->fit = fit;
    memcpy(choice->sigma, sigma, sizeof(sigma));
    return PO_OK;
}

/* A share of the matches, spread over all of them. */
static void sample(const struct epipolar_problem *problem, struct trial *trial)
{
    int step = (problem->count + MOST_MATCHES - 1) / MOST_MATCHES;
    for (int i = 0; i < problem->count; i += step)
        trial->matches[trial->count++] = problem->matches[i];
}

static enum po_status choose(struct trial *trial, struct epipolar_problem *problem,
                             struct drift_choice *choice, struct po_error *error)
{
    enum po_status status = PO_OK;
    sample(problem, trial);
    for (int model = 0; model < DRIFT_MODELS && status == PO_OK; model++) {
        struct po_error cause = {0};
        status = try_model(trial, (enum drift_model)model, problem, choice, &cause);
        if (status == PO_BAD_CALIBRATION && model != DRIFT_POSE)
            status = PO_OK; /* what the matches do not determine is not taken */
        if (status != PO_OK)
            return po_fail(error, status, "%s", cause.message);
    }
    return PO_OK;
}

static enum po_status keep_lenses(struct epipolar_problem *problem,
                                  struct drift_choice *choice, struct po_error *error)
{
    enum po_status status = epipolar_fit_make(problem, &choice->fit, error);
    memcpy(choice->sigma, choice->fit.sigma, sizeof(choice->sigma));
    return status;
}

enum po_status drift_choice_make(struct epipolar_problem *problem,
                                 struct drift_choice *choice, struct po_error *error)
{
    *choice = (struct drift_choice){.model = DRIFT_POSE};
    for (int i = 0; i < DRIFT_MODELS; i++)
        choice->held_out_px[i] = INFINITY;
    if (problem->count < LEAST_MATCHES)
        return keep_lenses(problem, choice, error);
    struct trial trial = {.problem = *problem};
    size_t most = (size_t)problem->count + 1;
    trial.matches = calloc(most, sizeof(*trial.matches));
    trial.sorted = calloc(most, sizeof(*trial.sorted));
    trial.rows = calloc(most, sizeof(*trial.rows));
    enum po_status status =
        trial.matches != NULL && trial.sorted != NULL && trial.rows != NULL
            ? choose(&trial, problem, choice, error)
            : po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d matches",
                      problem->count);
    memcpy(problem->lens, lens_of[choice->model], sizeof(problem->lens));
    free(trial.rows);
    free(trial.sorted);
    free(trial.matches);
    return status;
}
