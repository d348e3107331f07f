/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenCV's matrices in YAML, XML or JSON, under the names that people give them: M1 D1 M2
 * D2 R T R1 R2 P1 P2 Q, cameraMatrix1, K_left, mtxL, one camera a map, and so on
 * (matrix_names.h). All may stand in one file, or intrinsics, extrinsics and single
 * cameras in files of their own beside each other. The unit is that of the chessboard's
 * squares, so it is not known.
 */
#include "calib/matrices.h"

static bool recognise(const struct calibration_source *source)
{
    return matrices_recognise(source->root);
}

const struct calibration_format format_opencv = {"opencv", SYNTAX_TREE, recognise,
                                                 matrices_read_spread};
