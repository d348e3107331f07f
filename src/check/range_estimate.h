/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disparity range of a pair, from the images alone: a small match over a wide range,
 * its trusted part, and the quantiles of that, widened. Where most of what is found lies
 * at the far end of the search, a wider one follows.
 *
 * Invariant: what cannot be trusted is an error (PO_NO_RANGE), never a guess.
 */
#ifndef CHECK_RANGE_ESTIMATE_H
#define CHECK_RANGE_ESTIMATE_H

#include <stdbool.h>

#include "base/cancel.h"
#include "base/scratch.h"
#include "check/range_bounds.h"
#include "image/image_view.h"

struct range_estimate_request {
    struct image_view left; /* rectified, grey */
    struct image_view right;
    struct image_view left_valid; /* pixels NULL: everywhere */
    struct image_view right_valid;
    double floor_px; /* no disparity lies below it: minus doffs for a known rig;
                        -INFINITY: unknown (converging, cropped or shifted images) */
    const struct cancel *cancel;
};

/* Scratch bytes for images of this size, whatever their floor. */
size_t range_estimate_bytes(int width_px, int height_px);

PO_MUST_CHECK enum po_status range_estimate(const struct range_estimate_request *request,
                                            struct scratch *scratch,
                                            struct range_estimate *estimate,
                                            struct po_error *error);

#endif
