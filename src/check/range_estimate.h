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
#include "image/image_view.h"
#include "stereo/disparity_map.h"

struct range_estimate_request {
    struct image_view left; /* rectified, grey */
    struct image_view right;
    struct image_view left_valid; /* pixels NULL: everywhere */
    struct image_view right_valid;
    double floor_px; /* no disparity lies below it: minus doffs for a known rig;
                        -INFINITY: unknown (converging, cropped or shifted images) */
    const struct cancel *cancel;
};

struct range_estimate {
    double low_px; /* at the size of the given images */
    double high_px;
    uint64_t trusted; /* pixels of the small match it stands on */
};

/* Scratch bytes for images of this size, whatever their floor. */
size_t range_estimate_bytes(int width_px, int height_px);

PO_MUST_CHECK enum po_status range_estimate(const struct range_estimate_request *request,
                                            struct scratch *scratch,
                                            struct range_estimate *estimate,
                                            struct po_error *error);

/* Widens `joined` so that it holds `other` too. */
void range_estimate_join(struct range_estimate *joined,
                         const struct range_estimate *other);

/* The smallest searchable range that covers low..high; PO_NO_RANGE above the matcher's
 * bound. */
PO_MUST_CHECK enum po_status
range_estimate_to_range(const struct range_estimate *estimate,
                        struct disparity_range *range, struct po_error *error);

#endif
