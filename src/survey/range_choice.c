/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/range_choice.h"

#include <math.h>
#include <stddef.h>

enum { DEFAULT_COUNT = 128, COUNT_STEP = 16 };

/* What lies outside the depth limits must be matched where it is, or it would be matched
 * to something inside, and what is inside would lose its neighbours and its confidence.
 * So limits shorten a search only where they at least halve it, and then not to the
 * pixel. */
static const double MARGIN_PX = 16.0;
static const double MARGIN_SHARE = 0.1;
static const double WORTH_IT = 0.5;

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

static double infinity_of(const struct rectified_rig *rig)
{
    return floor(fmin(0.0, -rig->doffs_px));
}

/* The farthest depth has the smallest disparity; infinity that of -doffs. */
static double first_of(const struct po_match_settings *settings,
                       const struct rectified_rig *rig)
{
    if (!(settings->max_depth_mm > 0))
        return infinity_of(rig);
    double limit_px = rectified_rig_disparity(rig, settings->max_depth_mm);
    return fmax(infinity_of(rig), floor(limit_px - margin_of(limit_px)));
}

static double last_of(const struct po_match_settings *settings,
                      const struct rectified_rig *rig)
{
    double limit_px = rectified_rig_disparity(rig, settings->min_depth_mm);
    return ceil(limit_px + margin_of(limit_px));
}

static bool in_millimetres(const struct rectified_rig *rig)
{
    return rig != NULL && rig->unit == RIG_MM;
}

struct span {
    double first_px, last_px;
};

/* What is searched within the limits where `whole` would be without. A near limit may be
 * nearer than anything found so far: it widens the search as well. */
static struct span within_limits(const struct po_match_settings *settings,
                                 const struct rectified_rig *rig, struct span whole)
{
    struct span limited = whole;
    if (settings->max_depth_mm > 0)
        limited.first_px = fmax(whole.first_px, first_of(settings, rig));
    if (settings->min_depth_mm > 0) {
        limited.first_px = first_of(settings, rig);
        limited.last_px = last_of(settings, rig);
    }
    whole.first_px = fmin(whole.first_px, limited.first_px);
    whole.last_px = fmax(whole.last_px, limited.last_px);
    double whole_count = whole.last_px - whole.first_px + 1;
    double limited_count = limited.last_px - limited.first_px + 1;
    bool is_worth_it = limited_count <= WORTH_IT * whole_count;
    return is_worth_it || whole_count > DISPARITY_MAX_COUNT ? limited : whole;
}

bool range_from_limits(const struct po_match_settings *settings,
                       const struct rectified_rig *rig, struct disparity_range *range)
{
    if (!in_millimetres(rig) || !(settings->min_depth_mm > 0))
        return false;
    struct span whole = {infinity_of(rig), last_of(settings, rig)};
    whole = within_limits(settings, rig, whole);
    *range = range_between(settings, whole.first_px, whole.last_px);
    return true;
}

bool range_choose(const struct po_match_settings *settings,
                  const struct rectified_rig *rig, struct disparity_range *range)
{
    struct span span = {0, DEFAULT_COUNT - 1};
    bool is_known = settings->num_disparities != PO_AUTO;
    if (rig != NULL && rig->disparity_count_hint > 0) {
        span.last_px = rig->disparity_count_hint - 1;
        is_known = true;
    }
    if (is_known && in_millimetres(rig) && settings->min_depth_mm > 0)
        span = within_limits(settings, rig, span);
    *range = range_between(settings, span.first_px, span.last_px);
    return is_known;
}

enum po_status range_from_estimate(const struct po_match_settings *settings,
                                   const struct rectified_rig *rig,
                                   const struct range_estimate *estimate,
                                   struct disparity_range *range, struct po_error *error)
{
    struct span span = {floor(estimate->low_px), ceil(estimate->high_px)};
    double limit_px = 0;
    if (in_millimetres(rig)) {
        limit_px = rectified_rig_disparity(rig, settings->max_depth_mm);
        span = within_limits(settings, rig, span);
    }
    if (in_millimetres(rig) && settings->max_depth_mm > 0 &&
        !(settings->min_depth_mm > 0) && limit_px > estimate->high_px)
        return po_fail(error, PO_NO_RANGE,
                       "nothing lies within --max-depth %g mm: the largest disparity "
                       "found is %.1f px, and that depth has %.1f px",
                       settings->max_depth_mm, estimate->high_px, limit_px);
    const struct range_estimate limited = {.low_px = span.first_px,
                                           .high_px = span.last_px};
    enum po_status status = range_estimate_to_range(&limited, range, error);
    if (status == PO_OK)
        *range = range_between(settings, range->min_px, range->min_px + range->count - 1);
    return status;
}
