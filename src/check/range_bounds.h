/* SPDX-License-Identifier: Apache-2.0 */
/* The bounds of the disparities that were found in images, and the range they ask for.
 * Plain values. */
#ifndef CHECK_RANGE_BOUNDS_H
#define CHECK_RANGE_BOUNDS_H

#include "stereo/disparity_map.h"

struct range_estimate {
    double low_px; /* at the size of the given images */
    double high_px;
    uint64_t trusted; /* pixels of the small match it stands on */
};

/* Widens `joined` so that it holds `other` too. */
void range_estimate_join(struct range_estimate *joined,
                         const struct range_estimate *other);

/* The smallest searchable range that covers low..high; PO_NO_RANGE above the matcher's
 * bound. */
PO_MUST_CHECK enum po_status
range_estimate_to_range(const struct range_estimate *estimate,
                        struct disparity_range *range, struct po_error *error);

#endif
