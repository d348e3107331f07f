/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenCV's detectors of calibration boards, and the two closed-form starts that a
 * calibration needs. Corners are x y pairs, row by row, in pixels with centres at
 * integers. The same image gives the same corners in any process and on any thread.
 */
#ifndef CV_SHIM_CV_BOARD_H
#define CV_SHIM_CV_BOARD_H

#include <stdbool.h>

#include "cv_shim/cv_shim.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CV_BOARD_MIN_SIDE = 3, CV_BOARD_MAX_CORNERS = 1024 };

enum cv_board_detector {
    CV_BOARD_SECTORS, /* findChessboardCornersSB, which survives blur, and cornerSubPix */
    CV_BOARD_QUADS,   /* findChessboardCorners and cornerSubPix */
    CV_BOARD_CIRCLES,
    CV_BOARD_ASYMMETRIC_CIRCLES,
};

/* Looks for a board of cols x rows corners (inner ones, or circles). `xy` has room for
 * two floats a corner and is filled when *found. The image is grey. */
PO_MUST_CHECK enum po_status cv_board_find(const struct cv_image *grey, int cols,
                                           int rows, enum cv_board_detector detector,
                                           float *xy, bool *found,
                                           struct po_error *error);

/* Moves the corners of a chessboard in `xy`, roughly known, to the saddles of the greys;
 * *found: they still form a grid. */
PO_MUST_CHECK enum po_status cv_board_refine(const struct cv_image *grey, int cols,
                                             int rows, float *xy, bool *found,
                                             struct po_error *error);

/* The size of the chessboard in the image, cols >= rows; 0 and 0 when there is none. */
PO_MUST_CHECK enum po_status cv_board_measure(const struct cv_image *grey, int *cols,
                                              int *rows, struct po_error *error);

/* Where a flat board stands: X_camera = R X_board + T. `board_xy` and `plane_xy` hold two
 * doubles a corner: on the board, and on the camera's plane at distance 1. */
PO_MUST_CHECK enum po_status cv_board_pose(const double *board_xy, const double *plane_xy,
                                           int count, double rotation[9],
                                           double translation[3], struct po_error *error);

/* Focal length of a lens without distortion from flat boards (initCameraMatrix2D, Zhang
 * 2000); NaN or nonsense where the boards do not say. `pixel_xy` holds view after view of
 * `count` corners. */
PO_MUST_CHECK enum po_status cv_board_focal(const double *board_xy,
                                            const double *pixel_xy, int count, int views,
                                            int width_px, int height_px, double *focal_px,
                                            struct po_error *error);

#ifdef __cplusplus
}
#endif
#endif
