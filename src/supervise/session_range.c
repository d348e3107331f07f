/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/session_range.h"

#include <math.h>
#include <stddef.h>

enum { DEFAULT_COUNT = 128, COUNT_STEP = 16 };

static int clamp(double value, int low, int high)
{
    if (!(value > low))
        return low;
    return value < high ? (int)value : high;
}

static int round_up_count(double count)
{
    int whole = clamp(ceil(count), 1, DISPARITY_MAX_COUNT);
    int rounded = (whole + COUNT_STEP - 1) / COUNT_STEP * COUNT_STEP;
    return rounded < DISPARITY_MAX_COUNT ? rounded : DISPARITY_MAX_COUNT;
}

static bool has_depth_limits(const struct po_match_settings *settings,
                             const struct rectified_rig *rig)
{
    return rig != NULL && rig->unit == RIG_MM && settings->min_depth_mm > 0;
}

/* The nearest depth asks for the largest disparity, the farthest for the smallest. */
static void from_depth_limits(const struct po_match_settings *settings,
                              const struct rectified_rig *rig, double *first,
                              double *last)
{
    *last = rectified_rig_disparity(rig, settings->min_depth_mm);
    *first = 0;
    if (settings->max_depth_mm > 0)
        *first = floor(rectified_rig_disparity(rig, settings->max_depth_mm));
}

struct disparity_range session_range_choose(const struct po_match_settings *settings,
                                            const struct rectified_rig *rig)
{
    double first = 0;
    double last = DEFAULT_COUNT - 1;
    if (rig != NULL && rig->disparity_count_hint > 0)
        last = rig->disparity_count_hint - 1;
    else if (has_depth_limits(settings, rig))
        from_depth_limits(settings, rig, &first, &last);
    if (settings->min_disparity_px != PO_AUTO) {
        /* A range asked for by its start alone keeps its length. */
        if (settings->num_disparities == PO_AUTO && last < settings->min_disparity_px)
            last += settings->min_disparity_px - first;
        first = settings->min_disparity_px;
    }
    struct disparity_range range;
    range.min_px = clamp(first, DISPARITY_MIN_PX, DISPARITY_LIMIT_PX - COUNT_STEP);
    range.count =
        round_up_count(settings->num_disparities != PO_AUTO ? settings->num_disparities
                                                            : last - range.min_px + 1);
    return range;
}
