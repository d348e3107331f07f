/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rig guess: two cameras of which nothing was said, as few numbers that their images can
 * tell: the turn between them, the direction of the baseline, and what moves rows of the
 * lenses. They are the unknowns of quasi-Euclidean rectification (Fusiello and Irsara
 * 2011), which turns cameras instead of bending images, so that shapes stay.
 *
 * Lenses are alike, centred but for their heights, and bend radially by the one
 * coefficient of the division model (Fitzgibbon 2001), which suits wide ones. Lengths
 * have no scale: the baseline is one. Invariant: all numbers zero is a rig whose rows
 * align as they come. Ownership: plain values.
 */
#ifndef CALIBRATE_RIG_GUESS_H
#define CALIBRATE_RIG_GUESS_H

#include "calib/calibration.h"

enum rig_unknown {
    GUESS_TURN_X, /* of the right camera, radians */
    GUESS_TURN_Y,
    GUESS_TURN_Z,
    GUESS_UP, /* direction of the baseline, radians */
    GUESS_FORWARD,
    GUESS_FOCAL, /* logarithm of the focal length over the usual one */
    GUESS_RATIO, /* logarithm of the right focal length over the left one */
    GUESS_RISE,  /* of the right principal point over the left one, in focal lengths */
    GUESS_BEND,  /* lambda of both lenses: r = d / (1 + lambda d^2), d distorted */
    GUESS_UNKNOWNS
};

struct rig_guess {
    int width_px;
    int height_px;
    double values[GUESS_UNKNOWNS];
};

/* A point in the raw images of a pair. */
struct pixel_match {
    double left[2];
    double right[2];
    int frame;
};

/* To numbers of twelve decimals, which a text of fifteen digits holds without loss. */
void rig_guess_round(struct rig_guess *guess);

/* The guess as raw cameras with no unit of length. */
void rig_guess_calibration(const struct rig_guess *guess,
                           struct calibration *calibration);

/* The rows of each match by the guess: its signed distances from the epipolar lines in
 * pixels (Sampson 1982), scaled to that of one row from the other. */
void rig_guess_rows(const struct rig_guess *guess, const struct pixel_match *matches,
                    int count, double *rows_px);

#endif
