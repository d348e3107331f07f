/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drift choice: whether the matches of a session demand more of a calibration to change
 * than the pose of its cameras.
 *
 * The right focal length, the height of the right principal point, or both are refined
 * only where rows of matches that were held out get clearly better by it, and where each
 * change is certain: larger than a few standard deviations, the spread over the folds
 * counted too. Matches in a narrow band of the image, or at one distance, leave the
 * deviations large, and so the lenses as they were. Ownership: plain values.
 */
#ifndef CALIBRATE_DRIFT_CHOICE_H
#define CALIBRATE_DRIFT_CHOICE_H

#include "calibrate/epipolar_fit.h"

enum drift_model {
    DRIFT_POSE, /* lenses stay */
    DRIFT_FOCAL,
    DRIFT_RISE,
    DRIFT_BOTH,
    DRIFT_MODELS
};

struct drift_choice {
    enum drift_model model;
    double held_out_px[DRIFT_MODELS]; /* median |row|; infinity: not tried */
    double sigma[EPIPOLAR_UNKNOWNS];  /* of the chosen one; from the folds too */
    struct epipolar_fit fit;          /* of the chosen one, on all matches */
};

/* The lens unknowns of `problem` are set to those of the choice. Errors:
 * PO_BAD_CALIBRATION, as epipolar_fit_make. */
PO_MUST_CHECK enum po_status drift_choice_make(struct epipolar_problem *problem,
                                               struct drift_choice *choice,
                                               struct po_error *error);

#endif
