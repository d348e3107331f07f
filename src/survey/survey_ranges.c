/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey_ranges.h"

#include <stdio.h>

#include "base/log.h"
#include "base/number.h"
#include "survey/range_choice.h"
#include "survey/survey_group.h"
#include "survey/survey_spread.h"

/* The estimates of a group's frames, joined: all of them are searched alike. Returns how
 * many there are; `reason` of one that has none. */
static int join_estimates(const struct session_survey *survey, int group,
                          struct range_estimate *joined, const char **reason)
{
    int used = 0;
    const struct frame_groups *groups = survey->groups;
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++) {
        const struct frame_survey *row = &survey->surveys->rows[groups->frames[i]];
        if ((row->known & MEASURE_RANGE) == 0)
            continue;
        if (row->range_status != PO_OK)
            *reason = row->range_reason;
        else if (used++ == 0)
            *joined = row->range;
        else
            range_estimate_join(joined, &row->range);
    }
    return used;
}

static enum po_status to_range(const struct session_survey *survey, int group,
                               const struct range_estimate *estimate,
                               struct disparity_range *range, struct po_error *error)
{
    struct rectification rectification;
    bool has_rig = survey_group_rig(survey, group, &rectification);
    return range_from_estimate(&survey->settings->match,
                               has_rig ? &rectification.rig : NULL, estimate, range,
                               error);
}

/* Where the images do not say it, --min-depth does. */
static bool limits_say(const struct session_survey *survey, int group,
                       struct disparity_range *range)
{
    struct rectification rectification;
    return survey_group_rig(survey, group, &rectification) &&
           range_from_limits(&survey->settings->match, &rectification.rig, range);
}

static void take_group_range(const struct session_survey *survey, int group)
{
    struct range_estimate joined = {0};
    struct po_error error = {0};
    const char *reason = "no frame could be looked at; give --num-disparities";
    struct disparity_range *range = &survey->values->ranges[group];
    int used = join_estimates(survey, group, &joined, &reason);
    if (used > 0 && to_range(survey, group, &joined, range, &error) != PO_OK) {
        reason = error.message;
        used = 0;
    }
    if (used == 0 && limits_say(survey, group, range)) {
        survey->values->range_known[group] = true;
        log_info("disparities %d to %d, from --min-depth: %s", range->min_px,
                 range->min_px + range->count - 1, reason);
        return;
    }
    if (used == 0) {
        session_check_add(survey->check, CHECK_ERROR, -1, "range", "%s", reason);
        survey_end_group(survey, group, PO_NO_RANGE, reason);
        return;
    }
    survey->values->range_known[group] = true;
    char of[WARNING_BYTES] = "";
    if (group > 0 && survey->session->manifest->calibration_count > 1)
        (void)snprintf(of, sizeof(of), " of %.300s",
                       survey->session->manifest->calibrations[group - 1].path);
    log_info("disparities %d to %d, estimated on %d %s%s", range->min_px,
             range->min_px + range->count - 1, used, used == 1 ? "frame" : "frames", of);
    run_journal_add(survey->journal, "disparities %d to %d, estimated on %d %s%s",
                    range->min_px, range->min_px + range->count - 1, used,
                    used == 1 ? "frame" : "frames", of);
}

static void take_frame_range(const struct session_survey *survey, int frame)
{
    struct po_error error = {0};
    const struct frame_survey *row = &survey->surveys->rows[frame];
    if (survey->run->state->frames[frame].status != PO_FRAME_PENDING ||
        (row->known & MEASURE_RANGE) == 0)
        return;
    enum po_status status = row->range_status;
    if (status == PO_OK)
        status =
            to_range(survey, survey->session->manifest->frames[frame].calibration + 1,
                     &row->range, &survey->frame_ranges[frame], &error);
    else
        (void)po_fail(&error, status, "%s", row->range_reason);
    if (status == PO_OK ||
        limits_say(survey, survey->session->manifest->frames[frame].calibration + 1,
                   &survey->frame_ranges[frame]))
        return;
    survey_fail_frame(survey->run, frame, status, error.message);
}

void survey_take_ranges(const struct session_survey *survey)
{
    for (int group = 0; group < survey->groups->count; group++)
        if (!survey->values->range_known[group] && survey_is_pending(survey, group))
            take_group_range(survey, group);
    for (int i = 0;
         i < survey->session->manifest->frame_count && survey->frame_ranges != NULL; i++)
        take_frame_range(survey, i);
}

/* Frames whose points are found again, nearly all of them below zero. */
static bool matches_lie_behind(const struct session_survey *survey, int group,
                               struct range_estimate *joined)
{
    int behind = 0;
    int seen = 0;
    const struct frame_groups *groups = survey->groups;
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++) {
        const struct frame_survey *row = &survey->surveys->rows[groups->frames[i]];
        const struct row_alignment *rows = &row->rows;
        if ((row->known & MEASURE_ROWS) == 0 || !row_alignment_is_sure(rows))
            continue;
        seen++;
        if (rows->disparity_high_px >= 0)
            continue;
        if (behind == 0 || rows->disparity_low_px < joined->low_px)
            joined->low_px = rows->disparity_low_px;
        if (behind == 0 || rows->disparity_high_px > joined->high_px)
            joined->high_px = rows->disparity_high_px;
        behind++;
    }
    return 2 * behind > seen;
}

/* Without a calibration nobody else says which camera is the left one. A rig whose images
 * were shifted or cropped has such disparities too, so this is no error. */
static void check_signs(const struct session_survey *survey, int group)
{
    struct range_estimate joined = {0};
    const char *reason = NULL;
    const struct manifest *manifest = survey->session->manifest;
    if (group > 0 && manifest->calibrations[group - 1].unit != RIG_NONE)
        return;
    bool lie_below =
        join_estimates(survey, group, &joined, &reason) > 0 && joined.high_px < 0;
    if (!lie_below && !matches_lie_behind(survey, group, &joined))
        return;
    session_check_add(
        survey->check, CHECK_WARNING, -1, "swap",
        "all disparities lie below zero (%.0f to %.0f), as if left and right were "
        "exchanged; if they are, %s",
        joined.low_px, shown(joined.high_px, 0),
        survey->settings->input.swap ? "leave out --swap" : "use --swap");
}

/* Depth limits may leave out most of what the images show; anything else that does is a
 * mistake. */
static void check_ranges(const struct session_survey *survey,
                         const struct session_check_input *input)
{
    const struct po_match_settings *match = &survey->settings->match;
    if (match->min_depth_mm > 0 || match->max_depth_mm > 0 || match->range_per_frame)
        return;
    for (int group = 0; group < survey->groups->count; group++) {
        struct po_error error = {0};
        if (session_check_range(input, group, survey->check, &error) == PO_OK)
            continue;
        session_check_add(survey->check, CHECK_ERROR, -1, "range", "%s", error.message);
        survey_end_group(survey, group, PO_NO_RANGE, error.message);
    }
}

void survey_check_ranges(const struct session_survey *survey,
                         const struct session_check_input *input)
{
    for (int group = 0; group < survey->groups->count; group++)
        check_signs(survey, group);
    survey_check_spread(survey);
    check_ranges(survey, input);
}
