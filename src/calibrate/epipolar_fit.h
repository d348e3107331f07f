/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Epipolar fit: the turn and the direction of the baseline of a rig, and of the right
 * lens what rows tell, from points seen by both cameras.
 *
 * What rows hardly determine, such as how far the cameras turn towards each other, is
 * held near what it was: a small wrong turn of that kind moves all depths. Of the lenses,
 * rows of a nearly parallel rig see the ratio of the focal lengths and the difference in
 * height of the principal points; a change of both focal lengths alike leaves rows as
 * they are (Sturm 2001, "On focal length calibration from two views": parallel axes are
 * degenerate; Dang, Hoffmann and Stiller 2009, section on observability), and so do the
 * column of a principal point and the length of the baseline, which move depths alone.
 * Ownership: plain values.
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

enum epipolar_unknown {
    EPIPOLAR_TURN_X, /* of the right camera, about its axes */
    EPIPOLAR_TURN_Y,
    EPIPOLAR_TURN_Z,
    EPIPOLAR_UP, /* direction of the baseline */
    EPIPOLAR_FORWARD,
    EPIPOLAR_POSE,                  /* so many that are always fitted */
    EPIPOLAR_FOCAL = EPIPOLAR_POSE, /* logarithm of the change of the right fx and fy */
    EPIPOLAR_RISE,                  /* of the right cy, in focal lengths */
    EPIPOLAR_UNKNOWNS
};

/* Matches are borrowed; their right points are by `right`. */
struct epipolar_problem {
    const struct ray_match *matches;
    int count;
    /* Matches of one frame share what their image hides from a matcher (blur, repeated
     * texture, what the lens model leaves), so they count as a few independent ones. */
    int frames;
    double focal_px; /* turns angles into rows */
    double rotation[9];
    double translation[3];
    struct camera_model right;
    bool lens[EPIPOLAR_UNKNOWNS]; /* which lens unknowns are fitted too */
};

struct epipolar_fit {
    int matches;
    int used;         /* within four spreads of the fit */
    double before_px; /* median distance from the epipolar line */
    double after_px;
    double change[EPIPOLAR_UNKNOWNS]; /* radians; 0 where not fitted */
    double sigma[EPIPOLAR_UNKNOWNS];
    double rotation[9]; /* what comes of it; the length of T stays */
    double translation[3];
    struct camera_model right;
};

void epipolar_problem_make(const struct calibration *calibration,
                           const struct ray_match *matches, int count, int frames,
                           struct epipolar_problem *problem);

/* Errors: PO_BAD_CALIBRATION, too few matches agree. */
PO_MUST_CHECK enum po_status epipolar_fit_make(const struct epipolar_problem *problem,
                                               struct epipolar_fit *fit,
                                               struct po_error *error);

/* |Distances| of the matches of `problem` from their epipolar lines by a fit that may be
 * of other matches of the same rig. */
PO_MUST_CHECK enum po_status epipolar_rows(const struct epipolar_problem *problem,
                                           const struct epipolar_fit *fit,
                                           double *rows_px, struct po_error *error);

/* The median of |values|, which it sorts; 0 for none. */
double epipolar_median(double *values, int count);

#endif
