/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guess choice: how many numbers of a rig guess its matches support, by the rows of
 * matches that were held out, and whether what comes of it can be trusted.
 *
 * Few numbers are preferred: rows that align as they come stay as they are. Ownership:
 * plain values; matches are the caller's.
 */
#ifndef CALIBRATE_GUESS_CHOICE_H
#define CALIBRATE_GUESS_CHOICE_H

#include "calibrate/rig_guess_fit.h"

enum { GUESS_FOLDS = 6 };

enum guess_model {
    GUESS_AS_IS,  /* images stay as they come */
    GUESS_TURNED, /* turns and the direction of the baseline */
    GUESS_FOCALS, /* and both focal lengths, and heights of the centres */
    GUESS_LENSES, /* and radial distortion */
    GUESS_MODELS
};

struct guess_matches {
    const struct pixel_match *matches;
    int count;
    int frames;
};

struct guess_choice {
    enum guess_model model;
    struct rig_guess guess;
    struct rig_guess folds[GUESS_FOLDS]; /* without a sixth of the matches each */
    double held_out_px[GUESS_MODELS];    /* median |row| of matches that were held out */
    double before_px;                    /* as the images come */
    int agreeing;                        /* matches within a few spreads */
    double sigma_px; /* of a row, in nine tenths of the image at most */
};

/* `guess` has the size of the images; the search starts from it. Errors:
 * PO_BAD_CALIBRATION. */
PO_MUST_CHECK enum po_status guess_choice_make(const struct guess_matches *matches,
                                               const struct rig_guess *guess,
                                               struct guess_choice *choice,
                                               struct po_error *error);

/* PO_BAD_CALIBRATION with the reason and what to do, where rows could not be sure. */
PO_MUST_CHECK enum po_status guess_choice_judge(const struct guess_matches *matches,
                                                struct guess_choice *choice,
                                                struct po_error *error);

/* "as they come", "turned", ... */
const char *guess_model_name(enum guess_model model);

#endif
