/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First lens: both cameras as the boards that were found at once give them, roughly, so
 * that bent boards can be looked for again (board_turned.h). Ownership: plain values, for
 * shared memory.
 */
#ifndef CALIBRATE_FIRST_LENS_H
#define CALIBRATE_FIRST_LENS_H

#include "calibrate/board_search.h"

struct first_lens {
    bool known[2]; /* and strong enough for a second look */
    struct camera_model cameras[2];
};

/* Only in a child, as OpenCV is called. What the views do not give stays unknown; errors
 * are those of memory. */
PO_MUST_CHECK enum po_status first_lens_make(const struct board_search *search,
                                             const struct po_settings *settings,
                                             struct first_lens *lens,
                                             struct po_error *error);

#endif
