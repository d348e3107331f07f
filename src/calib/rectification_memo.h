/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last few rectifications that were made: one takes some milliseconds, and planning a
 * session asks for the same ones again and again.
 *
 * Invariant: an entry counts for the whole content of a calibration and one image size,
 * so that nothing needs to be forgotten. Not for several threads. Ownership: create and
 * destroy.
 */
#ifndef CALIB_RECTIFICATION_MEMO_H
#define CALIB_RECTIFICATION_MEMO_H

#include "calib/rectification.h"

struct rectification_memo;

/* NULL: no memory, which costs time only. */
struct rectification_memo *rectification_memo_create(void);
void rectification_memo_destroy(struct rectification_memo *memo); /* NULL is allowed */

/* Fits `calibration` to images of this size and makes its rectification, or takes what
 * was made before; `memo` NULL: makes it. */
PO_MUST_CHECK enum po_status rectification_memo_make(
    struct rectification_memo *memo, const struct calibration *calibration, int width_px,
    int height_px, struct rectification *rectification, struct po_error *error);

#endif
