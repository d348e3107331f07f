/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rectification: rotations and projections that bring rows of a raw rig to the same
 * height (Bouguet's method: each camera turns half of R, then both so that T lies along
 * x; Bradski and Kaehler 2008, chapter 12), or those the calibration file holds. Pure
 * arithmetic.
 */
#ifndef CALIB_RECTIFICATION_H
#define CALIB_RECTIFICATION_H

#include "calib/calibration.h"

struct rectification {
    bool identity;            /* images are already rectified */
    double rotation[2][9];    /* raw camera frame to rectified frame */
    double projection[2][9];  /* new camera matrices */
    struct rectified_rig rig; /* of full-size rectified images */
    /* What the images themselves say beyond it, once measured: rows of the right image
     * lie a + b x' + c y' pixels lower, x' and y' in -1..1. */
    bool has_vertical_field;
    double vertical_field_px[3];
};

/* For images of width x height; calibration_fit_images must have passed. */
PO_MUST_CHECK enum po_status rectification_make(const struct calibration *calibration,
                                                int width_px, int height_px,
                                                struct rectification *rectification,
                                                struct po_error *error);

#endif
