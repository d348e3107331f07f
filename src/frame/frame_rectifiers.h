/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rectifications of a session, made once: one a calibration, with remap tables where
 * images are raw. Calls OpenCV: only in a child.
 *
 * A calibration that cannot be used leaves rectifiers[i] NULL; its frames then fail on
 * their own, each with the reason, and the others go on. Ownership: create/destroy.
 */
#ifndef FRAME_FRAME_RECTIFIERS_H
#define FRAME_FRAME_RECTIFIERS_H

#include "calib/rectification.h"
#include "rectify/rectifier.h"
#include "session/manifest.h"

struct frame_rectifiers {
    int count;
    struct rectification *rectifications; /* by calibration index */
    struct rectifier **rectifiers; /* NULL: images already rectified, or unusable */
    size_t bytes;                  /* of all remap tables */
};

PO_MUST_CHECK enum po_status frame_rectifiers_create(const struct manifest *manifest,
                                                     struct frame_rectifiers **rectifiers,
                                                     struct po_error *error);
void frame_rectifiers_destroy(struct frame_rectifiers *rectifiers); /* NULL allowed */

#endif
