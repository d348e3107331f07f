/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Board blur: how wide the edges of a chessboard's squares are in a picture. A board that
 * moved while it was exposed has wide ones in one direction. Pure arithmetic on a picture
 * that is borrowed: only in a child.
 */
#ifndef CALIBRATE_BOARD_BLUR_H
#define CALIBRATE_BOARD_BLUR_H

#include "calibrate/board.h"
#include "image/image_view.h"

/* Contrast over the steepest slope across the edges between neighbouring corners, in
 * pixels: the median, of the direction of edges where it is larger. 0: not judged, which
 * circles never are. */
double board_blur(const struct board *board, const struct image_view *grey,
                  const float *xy);

#endif
