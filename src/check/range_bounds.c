/* SPDX-License-Identifier: Apache-2.0 */
#include "check/range_bounds.h"

#include <math.h>

void range_estimate_join(struct range_estimate *joined,
                         const struct range_estimate *other)
{
    joined->low_px = fmin(joined->low_px, other->low_px);
    joined->high_px = fmax(joined->high_px, other->high_px);
    joined->trusted += other->trusted;
}

enum po_status range_estimate_to_range(const struct range_estimate *estimate,
                                       struct disparity_range *range,
                                       struct po_error *error)
{
    int low = (int)floor(estimate->low_px);
    int high = (int)ceil(estimate->high_px);
    int count = (high - low + 1 + 15) / 16 * 16;
    if (low < DISPARITY_MIN_PX || count > DISPARITY_MAX_COUNT ||
        low + count > DISPARITY_LIMIT_PX)
        return po_fail(
            error, PO_NO_RANGE,
            "the disparities span %d..%d px, above the %d that can be searched; use "
            "--downscale, or limit them with --min-depth",
            low, high, DISPARITY_MAX_COUNT);
    *range = (struct disparity_range){low, count};
    return PO_OK;
}
