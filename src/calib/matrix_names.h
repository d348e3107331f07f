/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matrix names: which member of a document is which matrix of a stereo calibration.
 *
 * People write K_left, mtxL, cameraMatrix1, cam_mats_left, left: {camera_matrix: ...} and
 * mean the same. A key is split into a role (camera matrix, distortion, ...) and a mark
 * of the side, whatever its case and punctuation, at the top or up to three maps deep;
 * the one family of marks that names most matrices of both sides is taken. Invariant:
 * nodes belong to the document. A key that fits no role is left alone.
 */
#ifndef CALIB_MATRIX_NAMES_H
#define CALIB_MATRIX_NAMES_H

#include <stdbool.h>

#include "calib/document.h"

enum matrix_role {
    ROLE_MATRIX, /* from here on one a camera */
    ROLE_DISTORTION,
    ROLE_RADIAL,
    ROLE_TANGENTIAL,
    ROLE_RECTIFICATION,
    ROLE_PROJECTION,
    ROLE_MAP_1,
    ROLE_MAP_2,
    ROLE_LENS,
    ROLE_ROTATION, /* from here on one a rig */
    ROLE_TRANSLATION,
    ROLE_Q,
    ROLE_SIZE,
    ROLE_WIDTH,
    ROLE_HEIGHT,
    ROLE_BASELINE_MM,
    ROLE_SQUARE_MM,
    ROLE_UNIT,
    ROLE_COUNT,
    ROLE_FIRST_OF_RIG = ROLE_ROTATION
};

struct matrix_names {
    /* [side] of what a camera has, [0] of what the rig has; NULL: not there. */
    const struct document_node *of[ROLE_COUNT][2];
    /* The same without a mark of the side: a file of one camera. */
    const struct document_node *single[ROLE_COUNT];
};

void matrix_names_find(const struct document_node *map, struct matrix_names *names);

/* The side that a file or folder name marks: 0 left, 1 right, -1 none. */
int side_of_name(const char *name);

#endif
