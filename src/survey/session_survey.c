/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/session_survey.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "budget/frame_planner.h"
#include "survey/range_choice.h"
#include "survey/survey_samples.h"

/* The range is sought on five frames; rows are checked on every other of them, as that
 * takes longest. */
enum { SAMPLED_FRAMES = 5, CHECK_STEP = 2 };
enum { MIN_SAMPLED_FRAMES = 3, SESSION_SHARE = 3, ROUNDS = 3 };

/* Fewer on a short session, where five looks would cost more than they tell. */
static int sampled_frames(const struct session_run *run)
{
    int share = run->manifest->frame_count / SESSION_SHARE;
    if (share < MIN_SAMPLED_FRAMES)
        return MIN_SAMPLED_FRAMES;
    return share < SAMPLED_FRAMES ? share : SAMPLED_FRAMES;
}

/* Where the first frames looked at are broken, others may not be. */
static int frames_of_round(const struct session_run *run, int round)
{
    static const int LATER[ROUNDS] = {0, 4 * SAMPLED_FRAMES, INT_MAX};
    return round == 0 ? sampled_frames(run) : LATER[round];
}

/* Ends the pending frames of a group. */
static void end_group(struct session_run *run, int group, enum po_status cause,
                      const char *message)
{
    const struct frame_groups *groups = &run->groups;
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++) {
        int frame = groups->frames[i];
        if (run->state.frames[frame].status != PO_FRAME_PENDING)
            continue;
        run->state.frames[frame].stage = STAGE_LOAD;
        run_state_end(&run->state, frame, PO_FRAME_FAILED, cause, message);
        session_run_report_frame(run, frame);
    }
}

/* The estimates of a group's frames, joined: all of them are searched alike. Returns how
 * many there are; `reason` of one that has none. */
static int join_estimates(const struct session_run *run, int group,
                          struct range_estimate *joined, const char **reason)
{
    int used = 0;
    const struct frame_groups *groups = &run->groups;
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++) {
        const struct frame_survey *survey = &run->surveys.rows[groups->frames[i]];
        if ((survey->known & MEASURE_RANGE) == 0)
            continue;
        if (survey->range_status != PO_OK)
            *reason = survey->range_reason;
        else if (used++ == 0)
            *joined = survey->range;
        else
            range_estimate_join(joined, &survey->range);
    }
    return used;
}

static enum po_status to_range(const struct session_run *run, int group,
                               const struct range_estimate *estimate,
                               struct disparity_range *range, struct po_error *error)
{
    struct rectification rectification;
    bool has_rig = group > 0 && frame_planner_rig(run, group - 1, &rectification);
    return range_from_estimate(&run->effective.values.match,
                               has_rig ? &rectification.rig : NULL, estimate, range,
                               error);
}

static void take_group_range(struct session_run *run, int group)
{
    struct range_estimate joined = {0};
    struct po_error error = {0};
    const char *reason = "no frame could be looked at; give --num-disparities";
    struct disparity_range *range = &run->values.ranges[group];
    int used = join_estimates(run, group, &joined, &reason);
    if (used > 0 && to_range(run, group, &joined, range, &error) != PO_OK) {
        reason = error.message;
        used = 0;
    }
    if (used == 0) {
        session_check_add(&run->check, CHECK_ERROR, -1, "range", "%s", reason);
        end_group(run, group, PO_NO_RANGE, reason);
        return;
    }
    run->values.range_known[group] = true;
    char of[WARNING_BYTES] = "";
    if (group > 0 && run->manifest->calibration_count > 1)
        (void)snprintf(of, sizeof(of), " of %.300s",
                       run->manifest->calibrations[group - 1].path);
    log_info("disparities %d to %d, estimated on %d %s%s", range->min_px,
             range->min_px + range->count - 1, used, used == 1 ? "frame" : "frames", of);
    run_journal_add(&run->journal, "disparities %d to %d, estimated on %d %s%s",
                    range->min_px, range->min_px + range->count - 1, used,
                    used == 1 ? "frame" : "frames", of);
}

static void take_frame_range(struct session_run *run, int frame)
{
    struct po_error error = {0};
    const struct frame_survey *survey = &run->surveys.rows[frame];
    if (run->state.frames[frame].status != PO_FRAME_PENDING ||
        (survey->known & MEASURE_RANGE) == 0)
        return;
    enum po_status status = survey->range_status;
    if (status == PO_OK)
        status = to_range(run, run->manifest->frames[frame].calibration + 1,
                          &survey->range, &run->frame_ranges[frame], &error);
    else
        (void)po_fail(&error, status, "%s", survey->range_reason);
    if (status == PO_OK)
        return;
    run->state.frames[frame].stage = STAGE_LOAD;
    run_state_end(&run->state, frame, PO_FRAME_FAILED, status, error.message);
    session_run_report_frame(run, frame);
}

static void take_ranges(struct session_run *run)
{
    for (int group = 0; group < run->groups.count; group++)
        if (!run->values.range_known[group] && survey_is_pending(run, group))
            take_group_range(run, group);
    for (int i = 0; i < run->manifest->frame_count && run->frame_ranges != NULL; i++)
        take_frame_range(run, i);
}

static struct session_check_input check_input(const struct session_run *run)
{
    return (struct session_check_input){
        .settings = &run->effective.values.input,
        .manifest = run->manifest,
        .groups = &run->groups,
        .surveys = run->surveys.rows,
        .vertical_fields = run->effective.values.input.rectify_refine
                               ? run->values.vertical_fields
                               : NULL,
        .ranges = run->values.ranges,
        .ranges_known = run->values.range_known,
    };
}

/* What the size of the images means for each calibration. */
static void check_fits(struct session_run *run)
{
    struct warning_list warnings;
    for (int i = 0; i < run->manifest->calibration_count; i++) {
        frame_planner_fit_warnings(run, i, &warnings);
        for (int w = 0; w < warnings.length; w++)
            session_check_add(&run->check, CHECK_WARNING, -1, "calibration", "%s",
                              warnings.texts[w]);
    }
}

static void report_findings(struct session_run *run, int first)
{
    for (int i = first; i < run->check.finding_count; i++) {
        char place[FRAME_ID_BYTES + 2] = "";
        const struct check_finding *finding = &run->check.findings[i];
        if (finding->severity == CHECK_NOTE)
            continue;
        if (finding->frame >= 0)
            (void)snprintf(place, sizeof(place),
                           "%s: ", run->manifest->frames[finding->frame].id);
        warning_list_add(&run->warnings, "%s%s", place, finding->text);
        log_line(finding->severity == CHECK_WARNING ? LOG_WARNING : LOG_ERROR, "%s%s",
                 place, finding->text);
    }
}

/* What the rows were like, for the report. */
static void note_rows(struct session_run *run)
{
    enum { NOTED_GROUPS = 8 };
    int noted = 0;
    for (int group = 0; group < run->groups.count && noted < NOTED_GROUPS; group++) {
        struct rows_summary rows = rows_summarize(&run->groups, group, run->surveys.rows);
        if (rows.measured == 0)
            continue;
        noted++;
        run_journal_add(&run->journal,
                        "rows align within %.2f px (median %.2f px, %d %s)",
                        rows.spread_px, rows.offset_px, rows.measured,
                        rows.measured == 1 ? "frame" : "frames");
    }
}

/* Ends what must not be processed. */
static void end_misaligned(struct session_run *run)
{
    const struct session_check_input input = check_input(run);
    for (int group = 0; group < run->groups.count; group++) {
        struct po_error error = {0};
        enum po_status status = session_check_group(&input, group, &error);
        if (status != PO_OK)
            end_group(run, group, status, error.message);
    }
}

/* Depth limits may leave out most of what the images show; anything else that does is a
 * mistake. */
static void check_ranges(struct session_run *run)
{
    const struct session_check_input input = check_input(run);
    const struct po_match_settings *match = &run->effective.values.match;
    if (match->min_depth_mm > 0 || match->max_depth_mm > 0 || match->range_per_frame)
        return;
    for (int group = 0; group < run->groups.count; group++) {
        struct po_error error = {0};
        if (session_check_range(&input, group, &run->check, &error) == PO_OK)
            continue;
        session_check_add(&run->check, CHECK_ERROR, -1, "range", "%s", error.message);
        end_group(run, group, PO_NO_RANGE, error.message);
    }
}

/* Without a calibration nobody else says which camera is the left one. A rig whose images
 * were shifted or cropped has such disparities too, so this is no error. */
static void check_signs(struct session_run *run)
{
    struct range_estimate joined = {0};
    const char *reason = NULL;
    if (join_estimates(run, 0, &joined, &reason) == 0 || joined.high_px >= 0)
        return;
    session_check_add(
        &run->check, CHECK_WARNING, -1, "swap",
        "all disparities lie below zero (%.0f to %.0f), as if left and right were "
        "exchanged; if they are, %s",
        joined.low_px, joined.high_px,
        run->effective.values.input.swap ? "leave out --swap" : "use --swap");
}

static void take_vertical_field(struct session_run *run, int group)
{
    struct vertical_field *field = &run->values.vertical_fields[group];
    struct rows_summary rows = rows_summarize(&run->groups, group, run->surveys.rows);
    if (rows.surveyed > 0 && rows.measured == 0)
        log_warning("--rectify-refine: too few points of the images are found in both to "
                    "measure rows: they stay");
    if (rows.measured == 0)
        return;
    *field = vertical_field_sum(field, &rows.field);
    log_info("rows were %.2f px apart (up to %.2f px) on %d frames", rows.offset_px,
             rows.spread_px, rows.measured);
    run_journal_add(&run->journal,
                    "rows were %.2f px apart (up to %.2f px) on %d frames: moved by "
                    "%.2f %+.2f x' %+.2f y' px",
                    rows.offset_px, rows.spread_px, rows.measured, field->a_px,
                    field->b_px, field->c_px);
}

/* Two passes: the second measures what the first left, where corners lie closer. */
static enum po_status refine_rows(struct session_run *run, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int pass = 0; pass < 2 && status == PO_OK; pass++) {
        survey_want_rows(run, SAMPLED_FRAMES);
        status = frame_surveys_run(run, error);
        for (int group = 0; group < run->groups.count && status == PO_OK; group++)
            if (!run->values.rows_known[group])
                take_vertical_field(run, group);
        survey_want_nothing(run);
        session_setups_make(run);
    }
    for (int group = 0; group < run->groups.count; group++)
        run->values.rows_known[group] = true;
    return status;
}

static void want_all(struct session_run *run, enum survey_kind kind)
{
    if (kind == SURVEY_FULL)
        survey_want(run, MEASURE_IMAGES | MEASURE_ROWS, run->manifest->frame_count, 1);
    if (kind == SURVEY_QUIET && !run->values.loaded)
        survey_want(run, MEASURE_IMAGES | MEASURE_ROWS, sampled_frames(run), CHECK_STEP);
    survey_want_frame_ranges(run);
}

static enum po_status survey_images(struct session_run *run, enum survey_kind kind,
                                    struct po_error *error)
{
    enum po_status status = PO_OK;
    want_all(run, kind);
    for (int round = 0; round < ROUNDS && status == PO_OK; round++) {
        survey_want_ranges(run, frames_of_round(run, round));
        status = frame_surveys_run(run, error);
        if (run->control.reason != STOP_NONE)
            break;
    }
    return status;
}

enum po_status session_survey(struct session_run *run, enum survey_kind kind,
                              struct po_error *error)
{
    enum po_status status = PO_OK;
    if (run->groups.count == 0)
        status = frame_groups_init(&run->groups, run->manifest, error);
    if (status == PO_OK)
        status = frame_surveys_init(&run->surveys, run->manifest->frame_count, error);
    if (status == PO_OK)
        status = survey_make_frame_ranges(run, error);
    if (status == PO_OK && !survey_knows_rows(run))
        status = refine_rows(run, error);
    if (status == PO_OK && run->control.reason == STOP_NONE)
        status = survey_images(run, kind, error);
    if (status != PO_OK || run->control.reason != STOP_NONE)
        return status;
    const struct session_check_input input = check_input(run);
    check_fits(run);
    session_check_make(&input, &run->check);
    if (kind == SURVEY_QUIET) {
        report_findings(run, 0);
        note_rows(run);
    }
    if (kind != SURVEY_RANGES)
        end_misaligned(run);
    take_ranges(run);
    int reported = run->check.finding_count;
    check_signs(run);
    check_ranges(run);
    if (kind == SURVEY_QUIET)
        report_findings(run, reported);
    session_setups_make(run);
    return PO_OK;
}
