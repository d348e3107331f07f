/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matrices: the values of a document whose members are named as in matrix_names.h, shared
 * by the formats that are nothing but named matrices (OpenCV, NumPy, MATLAB).
 *
 * K, D, R, T must be there; R1 R2 P1 P2 Q, sizes and the lens model may. Both orders of
 * MATLAB's matrices are told apart by where the principal point stands.
 */
#ifndef CALIB_MATRICES_H
#define CALIB_MATRICES_H

#include "calib/format.h"
#include "calib/matrix_names.h"

/* Whether anything in it is named as a stereo calibration's matrices are. */
bool matrices_recognise(const struct document_node *root);

/* Where each part is read from: the same source three times, or files of their own. A
 * camera's holds its matrix, the pose's R and T. */
struct matrices_sources {
    const struct calibration_source *cameras[2];
    const struct calibration_source *pose;
};
PO_MUST_CHECK enum po_status matrices_read(const struct matrices_sources *sources,
                                           struct parsed_calibration *parsed,
                                           struct po_error *error);

/* The same from one source and, where it lacks a part, the files beside it. */
PO_MUST_CHECK enum po_status matrices_read_spread(const struct calibration_source *source,
                                                  struct parsed_calibration *parsed,
                                                  struct po_error *error);

/* The image size wherever it is stated. */
void matrices_read_size(const struct matrix_names *names,
                        struct parsed_calibration *parsed);

/* Whether `names` holds K of both cameras, K of one, R and T. */
bool matrices_hold_cameras(const struct matrix_names *names);
bool matrices_hold_one_camera(const struct matrix_names *names);
bool matrices_hold_pose(const struct matrix_names *names);

/* The lens model a document states for a camera by any of the keys people use; refused
 * by name where it is none of this program's. `stated` is false where nothing is. */
PO_MUST_CHECK enum po_status lens_model_of(const struct calibration_source *source,
                                           const char *text, enum distortion_model *model,
                                           bool *stated, struct po_error *error);

#endif
