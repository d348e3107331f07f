/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rectifications of a session, made once: one a calibration, with remap tables where
 * images are raw. Calls OpenCV: only in a child.
 *
 * It opens no file: the sizes of the images were looked at before, and a file that hangs
 * would take every frame with it here.
 *
 * A calibration that cannot be used leaves rectifiers[i] NULL; its frames then fail on
 * their own, each with the reason, and the others go on. Ownership: create/destroy.
 */
#ifndef FRAME_FRAME_RECTIFIERS_H
#define FRAME_FRAME_RECTIFIERS_H

#include "calib/rectification_memo.h"
#include "rectify/kept_tables.h"
#include "rectify/rectifier.h"
#include "session/manifest.h"

/* Of one view of a calibration's images, in pixels; 0: none of them is known. */
struct image_extent {
    int width_px;
    int height_px;
};

struct frame_rectifiers {
    int count;
    struct rectification *rectifications; /* by calibration index */
    struct image_extent *sizes;           /* of the images they are for */
    struct rectifier **rectifiers; /* NULL: images already rectified, or unusable */
    size_t bytes;                  /* of all remap tables */
};

/* What was made before, by this process or by another; either may be NULL. */
struct rectifier_stores {
    struct rectification_memo *memo;
    const struct kept_tables *tables;
};

/* `sizes` by calibration index. */
PO_MUST_CHECK enum po_status
frame_rectifiers_create(const struct manifest *manifest, const struct image_extent *sizes,
                        const struct rectifier_stores *stores,
                        struct frame_rectifiers **rectifiers, struct po_error *error);
void frame_rectifiers_destroy(struct frame_rectifiers *rectifiers); /* NULL allowed */

#endif
