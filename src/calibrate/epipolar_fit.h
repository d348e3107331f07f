/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Epipolar fit: the turn and the direction of the baseline of a rig whose lenses are
 * known, from points seen by both cameras.
 *
 * What rows hardly determine, such as how far the cameras turn towards each other, is
 * held near what it was: a small wrong turn of that kind moves all depths. Ownership:
 * plain values.
 */
#ifndef CALIBRATE_EPIPOLAR_FIT_H
#define CALIBRATE_EPIPOLAR_FIT_H

#include "calib/calibration.h"

/* One point on the planes at distance 1 of both raw cameras. */
struct ray_match {
    double left[2];
    double right[2];
    double row_px; /* its vertical disparity as it was measured */
    int frame;
};

enum { EPIPOLAR_UNKNOWNS = 5 }; /* turn about x, y, z; direction up and forward */

struct epipolar_fit {
    int matches;
    int used;         /* within four spreads of the fit */
    double before_px; /* median distance from the epipolar line */
    double after_px;
    double turn_degrees[3];      /* change, about the right camera's axes */
    double direction_degrees[2]; /* change of the baseline: up or down, forward */
    double sigma_degrees[EPIPOLAR_UNKNOWNS];
};

/* Changes rotation and translation of `calibration`; the length of T stays. Matches of
 * one of the `frames` share what their image hides from a matcher (blur, repeated
 * texture, what the lens model leaves), so they count as a few independent ones. Errors:
 * PO_BAD_CALIBRATION, too few matches agree. */
PO_MUST_CHECK enum po_status epipolar_fit_make(const struct ray_match *matches, int count,
                                               int frames,
                                               struct calibration *calibration,
                                               struct epipolar_fit *fit,
                                               struct po_error *error);

/* Signed distance of a match from its epipolar lines in pixels (Sampson 1982). */
double epipolar_distance(const struct ray_match *match, const double rotation[9],
                         const double translation[3], double focal_px);

#endif
