/* SPDX-License-Identifier: Apache-2.0 */
#include "calibrate/guess_choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 4, LEAST_MATCHES = 40 };
enum { INDEPENDENT = 25 }; /* matches of a frame */

/* A model with more numbers must predict rows better by so much; rows that a matcher
 * hardly minds are left alone. */
static const double BETTER_SHARE = 0.05;
static const double BETTER_PX = 0.02;
static const double BETTER_THAN_AS_IS_PX = 0.15;

static const int unknowns_of[GUESS_MODELS] = {
    [GUESS_AS_IS] = 0,
    [GUESS_TURNED] = GUESS_FORWARD + 1,
    [GUESS_FOCALS] = GUESS_RISE + 1,
    [GUESS_LENSES] = GUESS_UNKNOWNS,
};

const char *guess_model_name(enum guess_model model)
{
    static const char *const names[] = {
        "as they come", "cameras turned", "cameras turned, focal lengths fitted",
        "cameras turned, focal lengths and distortion fitted"};
    return names[model];
}

/* Frames are held out by turns, or blocks of the image where there are few of them. */
static int fold_of(const struct guess_matches *matches, const struct rig_guess *guess,
                   const struct pixel_match *match)
{
    if (matches->frames >= 2 * GUESS_FOLDS)
        return match->frame % GUESS_FOLDS;
    int column = (int)(BLOCKS * match->left[0] / guess->width_px);
    int row = (int)(BLOCKS * match->left[1] / guess->height_px);
    return (column + 2 * row + match->frame) % GUESS_FOLDS;
}

/* Splits the matches: those of the fold go behind the others. Returns how many do not
 * belong to it. */
static int split(const struct guess_matches *matches, const struct rig_guess *guess,
                 int fold, struct pixel_match *sorted)
{
    int kept = 0;
    int held = matches->count;
    for (int i = 0; i < matches->count; i++) {
        const struct pixel_match *match = &matches->matches[i];
        if (fold_of(matches, guess, match) == fold)
            sorted[--held] = *match;
        else
            sorted[kept++] = *match;
    }
    return kept;
}

static double independent(const struct guess_matches *matches)
{
    return (double)INDEPENDENT * matches->frames;
}

/* One model under way, with room for a match and a row each. */
struct trial {
    const struct guess_matches *matches;
    struct rig_guess guess;
    struct rig_guess folds[GUESS_FOLDS];
    double held_out_px;
    struct pixel_match *sorted;
    double *rows;
};

/* Rows of all matches, each by a fit that did not see it. */
static enum po_status hold_out(struct trial *trial, int unknowns, struct po_error *error)
{
    int done = 0;
    for (int fold = 0; fold < GUESS_FOLDS; fold++) {
        struct rig_guess *guess = &trial->folds[fold];
        int kept = split(trial->matches, &trial->guess, fold, trial->sorted);
        int held = trial->matches->count - kept;
        enum po_status status = PO_OK;
        *guess = trial->guess;
        if (unknowns > 0)
            status = rig_guess_fit_make(trial->sorted, kept, independent(trial->matches),
                                        unknowns, guess, error);
        if (status != PO_OK)
            return status;
        rig_guess_rows(guess, trial->sorted + kept, held, trial->rows + done);
        done += held;
    }
    trial->held_out_px = median_row_px(trial->rows, done);
    return PO_OK;
}

static struct rig_guess as_is(const struct rig_guess *guess)
{
    return (struct rig_guess){.width_px = guess->width_px, .height_px = guess->height_px};
}

/* On all matches, and held out. */
static enum po_status try_model(struct trial *trial, enum guess_model model,
                                struct po_error *error)
{
    enum po_status status = PO_OK;
    if (model != GUESS_AS_IS)
        status = rig_guess_fit_make(trial->matches->matches, trial->matches->count,
                                    independent(trial->matches), unknowns_of[model],
                                    &trial->guess, error);
    return status == PO_OK ? hold_out(trial, unknowns_of[model], error) : status;
}

static bool is_better(const struct guess_choice *choice, double held_out_px)
{
    double than_px = choice->held_out_px[choice->model];
    double step_px = choice->model == GUESS_AS_IS ? BETTER_THAN_AS_IS_PX : BETTER_PX;
    return held_out_px < (1 - BETTER_SHARE) * than_px - step_px;
}

/* Each model starts from the best before it. */
static enum po_status try_all(struct trial *trial, struct guess_choice *choice,
                              struct po_error *error)
{
    for (int model = 0; model < GUESS_MODELS; model++) {
        struct po_error cause = {0};
        trial->guess = choice->guess;
        enum po_status status = try_model(trial, (enum guess_model)model, &cause);
        if (status == PO_OUT_OF_MEMORY)
            return po_fail(error, status, "%s", cause.message);
        choice->held_out_px[model] = status == PO_OK ? trial->held_out_px : INFINITY;
        if (model > 0 && !is_better(choice, choice->held_out_px[model]))
            continue;
        choice->model = (enum guess_model)model;
        choice->guess = trial->guess;
        memcpy(choice->folds, trial->folds, sizeof(choice->folds));
    }
    return PO_OK;
}

enum po_status guess_choice_make(const struct guess_matches *matches,
                                 const struct rig_guess *guess,
                                 struct guess_choice *choice, struct po_error *error)
{
    size_t count = (size_t)matches->count + 1;
    *choice = (struct guess_choice){.guess = as_is(guess)};
    if (matches->count < LEAST_MATCHES)
        return po_fail(error, PO_BAD_CALIBRATION,
                       "%d points are found in both images of the pairs, too few to tell "
                       "how the cameras stand; at least %d are needed: more frames, or "
                       "scenes with more texture",
                       matches->count, LEAST_MATCHES);
    struct trial trial = {.matches = matches,
                          .sorted = calloc(count, sizeof(*trial.sorted)),
                          .rows = calloc(count, sizeof(*trial.rows))};
    enum po_status status = trial.sorted != NULL && trial.rows != NULL
                                ? try_all(&trial, choice, error)
                                : po_fail(error, PO_OUT_OF_MEMORY,
                                          "no memory for %d matches", matches->count);
    choice->before_px = choice->held_out_px[GUESS_AS_IS];
    free(trial.rows);
    free(trial.sorted);
    return status;
}
