/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/range_choice.h"

#include <math.h>
#include <stddef.h>

enum { DEFAULT_COUNT = 128, COUNT_STEP = 16 };

/* What lies a little outside the depth limits must be matched where it is, or it would be
 * matched to something inside, and points at the limits lose their sub-pixel fit. */
static const double MARGIN_PX = 8.0;
static const double MARGIN_SHARE = 0.05;

static double margin_of(double disparity_px)
{
    return fmax(MARGIN_PX, MARGIN_SHARE * fabs(disparity_px));
}

static int clamp(double value, int low, int high)
{
    if (!(value > low))
        return low;
    return value < high ? (int)value : high;
}

static int round_up_count(double count)
{
    int whole = clamp(ceil(count), 1, DISPARITY_MAX_COUNT);
    return (whole + COUNT_STEP - 1) / COUNT_STEP * COUNT_STEP;
}

/* Disparities first..last, of which the settings may fix the start and the count. */
static struct disparity_range range_between(const struct po_match_settings *settings,
                                            double first, double last)
{
    struct disparity_range range;
    if (settings->min_disparity_px != PO_AUTO) {
        if (last < settings->min_disparity_px)
            last += settings->min_disparity_px - first;
        first = settings->min_disparity_px;
    }
    range.min_px = clamp(first, DISPARITY_MIN_PX, DISPARITY_LIMIT_PX - COUNT_STEP);
    range.count =
        round_up_count(settings->num_disparities != PO_AUTO ? settings->num_disparities
                                                            : last - range.min_px + 1);
    return range;
}

/* The farthest depth has the smallest disparity; infinity that of -doffs. */
static double first_of(const struct po_match_settings *settings,
                       const struct rectified_rig *rig)
{
    double infinity_px = fmin(0.0, -rig->doffs_px);
    if (!(settings->max_depth_mm > 0))
        return floor(infinity_px);
    double limit_px = rectified_rig_disparity(rig, settings->max_depth_mm);
    return floor(fmax(infinity_px, limit_px - margin_of(limit_px)));
}

static double last_of(const struct po_match_settings *settings,
                      const struct rectified_rig *rig)
{
    double limit_px = rectified_rig_disparity(rig, settings->min_depth_mm);
    return ceil(limit_px + margin_of(limit_px));
}

bool range_choose(const struct po_match_settings *settings,
                  const struct rectified_rig *rig, struct disparity_range *range)
{
    double first = 0;
    double last = DEFAULT_COUNT - 1;
    bool is_known = settings->num_disparities != PO_AUTO;
    if (rig != NULL && rig->unit == RIG_MM && settings->min_depth_mm > 0) {
        first = first_of(settings, rig);
        last = last_of(settings, rig);
        is_known = true;
    } else if (rig != NULL && rig->disparity_count_hint > 0) {
        last = rig->disparity_count_hint - 1;
        is_known = true;
    }
    *range = range_between(settings, first, last);
    return is_known;
}

enum po_status range_from_estimate(const struct po_match_settings *settings,
                                   const struct rectified_rig *rig,
                                   const struct range_estimate *estimate,
                                   struct disparity_range *range, struct po_error *error)
{
    struct range_estimate limited = *estimate;
    if (rig != NULL && rig->unit == RIG_MM && settings->max_depth_mm > 0) {
        double limit_px = rectified_rig_disparity(rig, settings->max_depth_mm);
        if (limit_px > limited.high_px)
            return po_fail(error, PO_NO_RANGE,
                           "nothing lies within --max-depth %g mm: the largest disparity "
                           "found is %.1f px, and that depth has %.1f px",
                           settings->max_depth_mm, limited.high_px, limit_px);
        limited.low_px = fmax(limited.low_px, first_of(settings, rig));
    }
    enum po_status status = range_estimate_to_range(&limited, range, error);
    if (status == PO_OK)
        *range = range_between(settings, range->min_px, range->min_px + range->count - 1);
    return status;
}
