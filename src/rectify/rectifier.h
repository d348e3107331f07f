/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rectifier: remap tables made once a calibration and size, then used read-only by all
 * workers; and the mask of pixels rectification has seen.
 * Ownership: rectifier_create/destroy; tables are on the heap, or in the caller's room,
 * and counted in its plan.
 */
#ifndef RECTIFY_RECTIFIER_H
#define RECTIFY_RECTIFIER_H

#include "calib/rectification.h"
#include "image/image_view.h"

struct rectifier;

/* Bytes of a rectifier; 0 for images already rectified. */
size_t rectifier_bytes(const struct rectification *rectification);

/* Sets *rectifier to NULL for images already rectified: there is nothing to remap. */
PO_MUST_CHECK enum po_status rectifier_create(const struct calibration *calibration,
                                              const struct rectification *rectification,
                                              struct rectifier **rectifier,
                                              struct po_error *error);
/* The same with its tables in `room`, rectifier_bytes large, which has to outlive it
 * (NULL: on the heap), and where they lie already if `is_made`. */
PO_MUST_CHECK enum po_status
rectifier_create_in(const struct calibration *calibration,
                    const struct rectification *rectification, void *room, bool is_made,
                    struct rectifier **rectifier, struct po_error *error);
void rectifier_destroy(struct rectifier *rectifier); /* NULL allowed */

/* Remaps the left (side 0) or right (1) image into `target` (same channels, rig size);
 * black where the source does not reach. */
PO_MUST_CHECK enum po_status rectifier_run(const struct rectifier *rectifier, int side,
                                           const struct image_view *source,
                                           struct image_view *target,
                                           struct po_error *error);

/* 255 where the left (right) rectified pixel came from inside the source, else 0. */
void rectifier_mask(const struct rectifier *rectifier, int side, struct image_view *mask);

#endif
