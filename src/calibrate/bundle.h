/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundle: two cameras, the pose between them and the pose of a flat board in each view,
 * fitted together to the corners that the cameras saw (bundle adjustment: Triggs,
 * McLauchlan, Hartley and Fitzgibbon 2000; the views are eliminated by their Schur
 * complement, section 6.1).
 *
 * OpenCV's stereoCalibrate gives no standard deviation of the pose, takes no weights and
 * solves all views as one dense system; here fifty views take a fraction of a second and
 * the covariance comes with them.
 *
 * Lengths are squares of the board. Ownership: a bundle borrows board_xy and views; a
 * view borrows pixels and weights.
 */
#ifndef CALIBRATE_BUNDLE_H
#define CALIBRATE_BUNDLE_H

#include <stdbool.h>

#include "calib/calibration.h"

enum {
    BUNDLE_COEFFICIENTS = 8,
    BUNDLE_CAMERA = 4 + BUNDLE_COEFFICIENTS, /* fx fy cx cy k.. */
    BUNDLE_POSE = 6,                         /* turn, shift */
    BUNDLE_SHARED = 2 * BUNDLE_CAMERA + BUNDLE_POSE,
};

/* One board in one pair of pictures. */
struct bundle_view {
    bool used;
    bool sides[2];          /* which cameras saw it */
    double *pixels[2];      /* x y of each corner */
    unsigned char *kept[2]; /* 0: a corner that does not fit and does not count */
    double rotation[9];     /* board to left camera */
    double translation[3];
};

struct bundle {
    int corner_count;
    const double *board_xy; /* x y of each corner on the board */
    int view_count;
    struct bundle_view *views;
    struct camera_model cameras[2];
    double rotation[9]; /* left to right camera */
    double translation[3];
    bool sides[2];     /* cameras that take part */
    bool cameras_free; /* else only poses of boards, and of the rig when it is free */
    bool pose_free;    /* R and T between the cameras */
};

/* What a fit is worth. */
struct bundle_fit {
    bool converged;
    int residuals;   /* two a corner */
    double rms_px;   /* of a corner's distance */
    double sigma_px; /* of one coordinate, from the residuals */
    double cost_px2; /* what was minimised, a corner: gross errors count little in it */
    /* Of the shared parameters: left camera, right camera, turn, shift; zero rows where a
     * parameter is not free. */
    double covariance[BUNDLE_SHARED * BUNDLE_SHARED];
    double focal_depth_correlation; /* of fx left with the boards' distance: the mean of
                                       |r| over views */
};

/* Fits from the values that stand in `bundle`. cauchy_px above 0: corners weigh
 * 1 / (1 + (r / cauchy_px)^2), which bears gross errors. PO_BAD_CALIBRATION when the
 * views do not determine the parameters. */
PO_MUST_CHECK enum po_status bundle_fit_make(struct bundle *bundle, double cauchy_px,
                                             struct bundle_fit *fit,
                                             struct po_error *error);

/* A corner of the board in the frame of a camera. */
void bundle_point(const struct bundle *bundle, const struct bundle_view *view, int side,
                  int corner, double point[3]);
/* Seen minus predicted; false when the corner lies behind the camera. */
bool bundle_residual(const struct bundle *bundle, const struct bundle_view *view,
                     int side, int corner, double residual_px[2]);
/* Root mean square distance of the kept corners of a view; 0 when there are none. */
double bundle_view_rms(const struct bundle *bundle, const struct bundle_view *view,
                       int side);

/* For the solver: residual and its derivatives by the camera, and by the point in the
 * camera's frame. */
struct bundle_corner {
    double residual_px[2];
    double by_camera[2][BUNDLE_CAMERA];
    double by_point[2][3];
};
bool bundle_linearise(const struct camera_model *camera, const double point[3],
                      const double seen_px[2], bool with_camera,
                      struct bundle_corner *corner);

#endif
