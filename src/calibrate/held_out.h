/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Held-out error: what a calibration does to views it was not made from.
 *
 * The views are split into folds; each fold is looked at with the cameras fitted to the
 * others. Rows are those of the rectified pair: the figure that decides how well stereo
 * works. Ownership: held_out_release.
 */
#ifndef CALIBRATE_HELD_OUT_H
#define CALIBRATE_HELD_OUT_H

#include "calibrate/models.h"

struct error_spread {
    int count;
    double rms;
    double median;
    double q95;
};

struct held_out {
    int folds;
    struct error_spread corners_px; /* distance, in either camera */
    struct error_spread rows_px; /* |y_right - y_left| of a corner after rectification */
    double *view_rows_px;        /* root mean square by view; 0: not measured */
};

/* `counts` says, by view, side and corner, whether a corner counts for the error, so that
 * models are compared on the same corners; NULL: those `bundle` kept. */
PO_MUST_CHECK enum po_status held_out_make(const struct view_set *views,
                                           const struct bundle *bundle,
                                           const unsigned char *counts,
                                           struct held_out *held, struct po_error *error);
void held_out_release(struct held_out *held);

/* Sorts `values`, which may be NULL when there are none. */
struct error_spread error_spread_of(double *values, int count);

/* The cameras of a bundle as a calibration; lengths in `unit_mm` a square, 0: squares. */
void bundle_calibration(const struct view_set *views, const struct bundle *bundle,
                        double unit_mm, struct calibration *calibration);

#endif
