/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/session_survey.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/number.h"
#include "survey/range_choice.h"
#include "survey/survey_pairs.h"
#include "survey/survey_samples.h"

/* The range is sought on five frames; rows are checked on every other of them, as that
 * takes longest. */
enum { SAMPLED_FRAMES = 5, CHECK_STEP = 2 };
enum { MIN_SAMPLED_FRAMES = 3, ROUNDS = 3 };

/* Fewer on a short session, where five surveys would cost more than they show: a third of
 * it up to four frames, the fifth from twenty frames on. */
static int sampled_frames(const struct session_survey *survey)
{
    int frames = survey->session->manifest->frame_count;
    int share = maximum(minimum(frames / 3, SAMPLED_FRAMES - 1), frames / 4);
    return clamp(share, MIN_SAMPLED_FRAMES, SAMPLED_FRAMES);
}

/* Where the first frames surveyed are broken, others may not be. */
static int frames_of_round(const struct session_survey *survey, int round)
{
    static const int later[ROUNDS] = {0, 4 * SAMPLED_FRAMES, INT_MAX};
    return round == 0 ? sampled_frames(survey) : later[round];
}

/* Ends the pending frames of a group. */
static void end_group(const struct session_survey *survey, int group,
                      enum po_status cause, const char *message)
{
    const struct frame_groups *groups = survey->groups;
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++)
        if (survey->run->state->frames[groups->frames[i]].status == PO_FRAME_PENDING)
            survey_fail_frame(survey->run, groups->frames[i], cause, message);
}

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
    bool has_rig =
        group > 0 && frame_planner_rig(survey->session, group - 1, &rectification);
    return range_from_estimate(&survey->settings->match,
                               has_rig ? &rectification.rig : NULL, estimate, range,
                               error);
}

/* Where the images do not say it, --min-depth does. */
static bool limits_say(const struct session_survey *survey, int group,
                       struct disparity_range *range)
{
    struct rectification rectification;
    bool has_rig =
        group > 0 && frame_planner_rig(survey->session, group - 1, &rectification);
    return has_rig &&
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
        end_group(survey, group, PO_NO_RANGE, reason);
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

static void take_ranges(const struct session_survey *survey)
{
    for (int group = 0; group < survey->groups->count; group++)
        if (!survey->values->range_known[group] && survey_is_pending(survey, group))
            take_group_range(survey, group);
    for (int i = 0;
         i < survey->session->manifest->frame_count && survey->frame_ranges != NULL; i++)
        take_frame_range(survey, i);
}

static struct session_check_input check_input(const struct session_survey *survey)
{
    return (struct session_check_input){
        .settings = &survey->settings->input,
        .manifest = survey->session->manifest,
        .groups = survey->groups,
        .surveys = survey->surveys->rows,
        .vertical_fields = survey->settings->input.rectify_refine
                               ? survey->values->vertical_fields
                               : NULL,
        .ranges = survey->values->ranges,
        .ranges_known = survey->values->range_known,
    };
}

/* What the size of the images means for each calibration. */
static void check_fits(const struct session_survey *survey)
{
    struct warning_list warnings;
    for (int i = 0; i < survey->session->manifest->calibration_count; i++) {
        frame_planner_fit_warnings(survey->session, i, &warnings);
        for (int w = 0; w < warnings.length; w++)
            session_check_add(survey->check, CHECK_WARNING, -1, "calibration", "%s",
                              warnings.texts[w]);
    }
}

static void report_findings(const struct session_survey *survey, int first)
{
    for (int i = first; i < survey->check->finding_count; i++) {
        char place[FRAME_ID_BYTES + 2] = "";
        const struct check_finding *finding = &survey->check->findings[i];
        if (finding->severity == CHECK_NOTE)
            continue;
        if (finding->frame >= 0)
            (void)snprintf(place, sizeof(place),
                           "%s: ", survey->session->manifest->frames[finding->frame].id);
        warning_list_add(survey->warnings, "%s%s", place, finding->text);
        log_line(finding->severity == CHECK_WARNING ? LOG_WARNING : LOG_ERROR, "%s%s",
                 place, finding->text);
    }
}

/* What the rows were like, for the report. */
static void note_rows(const struct session_survey *survey)
{
    enum { NOTED_GROUPS = 8 };
    int noted = 0;
    for (int group = 0; group < survey->groups->count && noted < NOTED_GROUPS; group++) {
        struct rows_summary rows =
            rows_summarize(survey->groups, group, survey->surveys->rows);
        if (rows.measured == 0)
            continue;
        noted++;
        run_journal_add(survey->journal,
                        "rows align within %.2f px (median %.2f px, %d %s)",
                        rows.spread_px, shown(rows.offset_px, 2), rows.measured,
                        rows.measured == 1 ? "frame" : "frames");
    }
}

/* Ends what must not be processed. */
static void end_misaligned(const struct session_survey *survey)
{
    const struct session_check_input input = check_input(survey);
    for (int group = 0; group < survey->groups->count; group++) {
        struct po_error error = {0};
        enum po_status status = session_check_group(&input, group, &error);
        if (status != PO_OK)
            end_group(survey, group, status, error.message);
    }
}

/* Depth limits may leave out most of what the images show; anything else that does is a
 * mistake. */
static void check_ranges(const struct session_survey *survey)
{
    const struct session_check_input input = check_input(survey);
    const struct po_match_settings *match = &survey->settings->match;
    if (match->min_depth_mm > 0 || match->max_depth_mm > 0 || match->range_per_frame)
        return;
    for (int group = 0; group < survey->groups->count; group++) {
        struct po_error error = {0};
        if (session_check_range(&input, group, survey->check, &error) == PO_OK)
            continue;
        session_check_add(survey->check, CHECK_ERROR, -1, "range", "%s", error.message);
        end_group(survey, group, PO_NO_RANGE, error.message);
    }
}

/* Without a calibration nobody else says which camera is the left one. A rig whose images
 * were shifted or cropped has such disparities too, so this is no error. */
static void check_signs(const struct session_survey *survey, int group)
{
    struct range_estimate joined = {0};
    const char *reason = NULL;
    const struct manifest *manifest = survey->session->manifest;
    if ((group > 0 && manifest->calibrations[group - 1].unit != RIG_NONE) ||
        join_estimates(survey, group, &joined, &reason) == 0 || joined.high_px >= 0)
        return;
    session_check_add(
        survey->check, CHECK_WARNING, -1, "swap",
        "all disparities lie below zero (%.0f to %.0f), as if left and right were "
        "exchanged; if they are, %s",
        joined.low_px, shown(joined.high_px, 0),
        survey->settings->input.swap ? "leave out --swap" : "use --swap");
}

static void take_vertical_field(const struct session_survey *survey, int group)
{
    struct vertical_field *field = &survey->values->vertical_fields[group];
    struct rows_summary rows =
        rows_summarize(survey->groups, group, survey->surveys->rows);
    if (rows.surveyed > 0 && rows.measured == 0)
        log_warning("--rectify-refine: too few points of the images are found in both to "
                    "measure rows: they stay");
    if (rows.measured == 0)
        return;
    *field = vertical_field_sum(field, &rows.field);
    log_info("rows were %.2f px apart (up to %.2f px) on %d frames",
             shown(rows.offset_px, 2), rows.spread_px, rows.measured);
    run_journal_add(survey->journal,
                    "rows were %.2f px apart (up to %.2f px) on %d frames: moved by "
                    "%.2f %+.2f x' %+.2f y' px",
                    shown(rows.offset_px, 2), rows.spread_px, rows.measured,
                    shown(field->a_px, 2), shown(field->b_px, 2), shown(field->c_px, 2));
}

/* Two passes: the second measures what the first left, where corners lie closer. */
static enum po_status refine_rows(const struct session_survey *survey,
                                  struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int pass = 0; pass < 2 && status == PO_OK; pass++) {
        survey_want_rows(survey, SAMPLED_FRAMES);
        status = frame_surveys_run(survey->run, &survey->request, survey->surveys, error);
        for (int group = 0; group < survey->groups->count && status == PO_OK; group++)
            if (!survey->values->rows_known[group])
                take_vertical_field(survey, group);
        survey_want_nothing(survey);
    }
    for (int group = 0; group < survey->groups->count; group++)
        survey->values->rows_known[group] = true;
    return status;
}

static void want_all(const struct session_survey *survey, enum survey_kind kind)
{
    if (kind == SURVEY_FULL || (kind == SURVEY_QUIET && !survey->values->loaded))
        survey_want_sample(survey, MEASURE_IMAGES | MEASURE_ROWS, sampled_frames(survey),
                           CHECK_STEP);
    if (kind == SURVEY_FULL)
        survey_want(survey, MEASURE_IMAGES | MEASURE_ROWS,
                    survey->session->manifest->frame_count, 1);
    survey_want_frame_ranges(survey);
}

static enum po_status survey_images(const struct session_survey *survey,
                                    enum survey_kind kind, struct po_error *error)
{
    enum po_status status = PO_OK;
    want_all(survey, kind);
    for (int round = 0; round < ROUNDS && status == PO_OK; round++) {
        survey_want_ranges(survey, frames_of_round(survey, round));
        if (round == 0)
            survey_pairs_make(survey);
        status = frame_surveys_run(survey->run, &survey->request, survey->surveys, error);
        if (survey->run->control->reason != STOP_NONE)
            break;
    }
    return status;
}

enum po_status session_survey_run(const struct session_survey *survey,
                                  enum survey_kind kind, struct po_error *error)
{
    enum po_status status = PO_OK;
    if (survey->groups->count == 0)
        status = frame_groups_init(survey->groups, survey->session->manifest, error);
    if (status == PO_OK)
        status = frame_surveys_init(survey->surveys,
                                    survey->session->manifest->frame_count, error);
    if (status == PO_OK && !survey_knows_rows(survey))
        status = refine_rows(survey, error);
    if (status == PO_OK && survey->run->control->reason == STOP_NONE)
        status = survey_images(survey, kind, error);
    if (status != PO_OK || survey->run->control->reason != STOP_NONE)
        return status;
    const struct session_check_input input = check_input(survey);
    check_fits(survey);
    session_check_make(&input, survey->check);
    if (kind == SURVEY_QUIET) {
        report_findings(survey, 0);
        note_rows(survey);
    }
    if (kind != SURVEY_RANGES)
        end_misaligned(survey);
    take_ranges(survey);
    int reported = survey->check->finding_count;
    for (int group = 0; group < survey->groups->count; group++)
        check_signs(survey, group);
    check_ranges(survey);
    if (kind == SURVEY_QUIET)
        report_findings(survey, reported);
    return PO_OK;
}
