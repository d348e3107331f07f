/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey_spread.h"

#include <math.h>

#include "base/number.h"
#include "survey/survey_group.h"
#include "survey/survey_samples.h"

/* Ends of the same surfaces differ by 5 % of the span from frame to frame of a drive, and
 * by 1 % of a hall; a board that is moved makes it 40 to 70 %. Below a few pixels the
 * rounding of the range to 16 covers it. */
static const double APART_SHARE = 0.1;
static const double APART_PX = 10;
/* A drive's frames together span 1.0 to 1.3 times what one does, a moved board's 1.7. */
static const double MIXED_TIMES = 2.0;
static const double MIXED_PX = 64;

/* What the frames of a group show, from the one that reaches least to the one that
 * reaches farthest, at both ends. */
struct spread {
    double low_px[2];
    double high_px[2];
    double span_sum_px; /* of the frames' own */
    int looked_at;
    int unseen; /* pending frames that were not looked at */
};

static void take(struct spread *spread, const struct range_estimate *range)
{
    bool first = spread->looked_at++ == 0;
    spread->span_sum_px += range->high_px - range->low_px;
    spread->low_px[0] = first ? range->low_px : fmin(spread->low_px[0], range->low_px);
    spread->low_px[1] = first ? range->low_px : fmax(spread->low_px[1], range->low_px);
    spread->high_px[0] =
        first ? range->high_px : fmin(spread->high_px[0], range->high_px);
    spread->high_px[1] =
        first ? range->high_px : fmax(spread->high_px[1], range->high_px);
}

static struct spread spread_of(const struct session_survey *survey, int group)
{
    struct spread spread = {0};
    const struct frame_groups *groups = survey->groups;
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++) {
        int frame = groups->frames[i];
        const struct frame_survey *row = &survey->surveys->rows[frame];
        bool is_known = (row->known & MEASURE_RANGE) != 0;
        if (is_known && row->range_status == PO_OK)
            take(&spread, &row->range);
        spread.unseen += !is_known && !row->failed &&
                         survey->run->state->frames[frame].status == PO_FRAME_PENDING;
    }
    return spread;
}

/* No disparity lies below that of infinity, where the rig says it. */
static bool is_at_infinity(const struct session_survey *survey, int group,
                           const struct spread *spread)
{
    struct rectification rectification;
    return survey_group_rig(survey, group, &rectification) &&
           spread->low_px[0] <= -rectification.rig.doffs_px;
}

static bool is_apart(const struct session_survey *survey, int group,
                     const struct spread *spread)
{
    const struct po_match_settings *match = &survey->settings->match;
    if (spread->unseen == 0 || match->min_depth_mm > 0) /* limits say what is searched */
        return false;
    double span_px = spread->high_px[1] - spread->low_px[0];
    double limit_px = fmax(APART_PX, APART_SHARE * span_px);
    bool low_is_given =
        match->min_disparity_px != PO_AUTO || is_at_infinity(survey, group, spread);
    return spread->high_px[1] - spread->high_px[0] > limit_px ||
           (!low_is_given && spread->low_px[1] - spread->low_px[0] > limit_px);
}

bool survey_want_apart(const struct session_survey *survey, int count)
{
    bool any = false;
    for (int group = 0; group < survey->groups->count; group++) {
        const struct spread spread = spread_of(survey, group);
        if (survey->values->range_known[group] || !is_apart(survey, group, &spread))
            continue;
        survey_want_group_range(survey, group, count);
        any = true;
    }
    return any;
}

/* All are searched alike, and hardly any needs all of it: two cameras, or two kinds of
 * scenes. */
static bool is_mixed(const struct session_survey *survey, const struct spread *spread)
{
    const struct po_match_settings *match = &survey->settings->match;
    double span_px = spread->high_px[1] - spread->low_px[0];
    return spread->looked_at > 1 && match->num_disparities == PO_AUTO &&
           !match->range_per_frame && span_px > MIXED_PX &&
           span_px > MIXED_TIMES * spread->span_sum_px / spread->looked_at;
}

static void hint_mixed(const struct session_survey *survey, const struct spread *spread)
{
    session_check_add(survey->check, CHECK_WARNING, -1, "range",
                      "%.0f to %.0f px are searched on every frame, of which one frame "
                      "shows %.0f px on average: where frames are of two cameras or two "
                      "kinds of scenes, --range-per-frame searches each in its own",
                      shown(spread->low_px[0], 0), shown(spread->high_px[1], 0),
                      spread->span_sum_px / spread->looked_at);
}

void survey_check_spread(const struct session_survey *survey)
{
    for (int group = 0; group < survey->groups->count; group++) {
        const struct spread spread = spread_of(survey, group);
        if (is_mixed(survey, &spread))
            hint_mixed(survey, &spread);
        if (!is_apart(survey, group, &spread))
            continue;
        session_check_add(survey->check, CHECK_WARNING, -1, "range",
                          "frames differ in how near they reach: the largest disparity "
                          "is %.0f to %.0f px "
                          "on %d frames, and %d more were not looked at; what is nearer "
                          "in those is cut "
                          "off: give --num-disparities, or --range-per-frame",
                          shown(spread.high_px[0], 0), shown(spread.high_px[1], 0),
                          spread.looked_at, spread.unseen);
    }
}
