/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Board in turned views: a wide lens bends a board near its edge so much that detectors,
 * which look for straight rows, miss it. Once the lens is roughly known, the picture is
 * looked at as plain cameras would have taken it that are turned into its parts; what
 * they see of the board is where the corners are then sought in the picture itself.
 */
#ifndef CALIBRATE_BOARD_TURNED_H
#define CALIBRATE_BOARD_TURNED_H

#include "calib/calibration.h"
#include "calibrate/board.h"
#include "image/image_view.h"

/* Does the lens bend so much that a second look can find more? */
bool board_turned_helps(const struct camera_model *lens, int width_px, int height_px);

/* Chessboards only. `xy` has room for the corners and is filled when *found. */
PO_MUST_CHECK enum po_status board_turned_find(const struct board *board,
                                               const struct image_view *grey,
                                               const struct camera_model *lens, float *xy,
                                               bool *found, struct po_error *error);

#endif
