/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether one image is two: the views of both cameras side by side.
 *
 * Told by its shape and by corners of the left half that are found again in the right
 * one, in nearly straight rows. Only in a child. Plain values.
 */
#ifndef CHECK_HALVES_CHECK_H
#define CHECK_HALVES_CHECK_H

#include "base/cancel.h"
#include "rectify/row_alignment.h"

struct halves_check {
    bool known; /* the image was looked at */
    bool is_pair;
    int width_px;
    int height_px;
    int agreeing; /* corners of the left half found again */
    int corners;
};

/* Errors: the image cannot be read, or takes more memory than a survey may. */
PO_MUST_CHECK enum po_status halves_check_file(const char *path,
                                               const struct cancel *cancel,
                                               struct halves_check *check,
                                               struct po_error *error);

#endif
