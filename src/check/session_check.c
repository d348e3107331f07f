/* SPDX-License-Identifier: Apache-2.0 */
#include "check/session_check.h"
#include "base/number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NOTED_CALIBRATIONS = 8 }; /* with more, only what is wrong is reported */
static const double ROWS_WARNING_PX = 0.5;
static const double RANGE_SLACK_PX = 2.0;

void session_check_add(struct session_check *check, enum check_severity severity,
                       int frame, const char *topic, const char *format, ...)
{
    if (check->finding_count == CHECK_FINDINGS_MAX) {
        check->findings_dropped++;
        return;
    }
    struct check_finding *finding = &check->findings[check->finding_count++];
    finding->severity = severity;
    finding->frame = frame;
    (void)snprintf(finding->topic, sizeof(finding->topic), "%s", topic);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(finding->text, sizeof(finding->text), format, arguments);
    va_end(arguments);
}

static const char *plural(int count)
{
    return count == 1 ? "frame" : "frames";
}

enum po_status session_check_group(const struct session_check_input *input, int group,
                                   struct po_error *error)
{
    struct rows_summary rows =
        rows_summarize_sample(input->groups, group, input->surveys);
    if (2 * rows.one_picture > rows.surveyed)
        return po_fail(error, PO_MISALIGNED,
                       "left and right are the same picture (on %d of %d %s), which has "
                       "no depth; give the images of two cameras",
                       rows.one_picture, rows.surveyed, plural(rows.surveyed));
    if (2 * rows.exchanged > rows.surveyed)
        return po_fail(error, PO_MISALIGNED,
                       "left and right are exchanged: the images match only the other "
                       "way round (on %d of %d %s); %s",
                       rows.exchanged, rows.surveyed, plural(rows.surveyed),
                       input->settings->swap ? "leave out --swap" : "use --swap");
    if (rows.measured == 0 || !row_offset_is_off(rows.offset_px) ||
        input->settings->allow_misaligned)
        return PO_OK;
    const char *refine = input->settings->rectify_refine
                             ? ""
                             : "--rectify-refine to measure and remove the offset, or ";
    if (group == 0)
        return po_fail(
            error, PO_MISALIGNED,
            "rows of the pairs are %.1f px apart (median of %d %s) and no "
            "calibration tells how to rectify them; give one with "
            "--calibration (--calibrate makes one from pictures of a board), or "
            "%s--allow-misaligned to go on",
            fabs(rows.offset_px), rows.measured, plural(rows.measured), refine);
    return po_fail(error, PO_MISALIGNED,
                   "rows of the rectified pairs are %.1f px apart (median of %d %s): the "
                   "calibration does not belong to these images; give the right one, or "
                   "--recalibrate it from them, or "
                   "%s--allow-misaligned to go on",
                   fabs(rows.offset_px), rows.measured, plural(rows.measured), refine);
}

static void check_rows(const struct session_check_input *input, int group,
                       const struct rows_summary *rows, struct session_check *check)
{
    bool notes = input->manifest->calibration_count <= NOTED_CALIBRATIONS;
    int frame = -1;
    if (rows->measured == 0 && notes)
        session_check_add(check, CHECK_NOTE, frame, "rows",
                          "row alignment cannot be judged: too few points of the images "
                          "are found in both (%d %s looked at)",
                          rows->surveyed, plural(rows->surveyed));
    if (rows->measured == 0)
        return;
    if (row_offset_is_off(rows->offset_px))
        session_check_add(check, CHECK_WARNING, frame, "rows",
                          "rows of the rectified pairs are %.1f px apart (median of %d "
                          "%s); going on as --allow-misaligned says",
                          fabs(rows->offset_px), rows->measured, plural(rows->measured));
    else if (rows->spread_px > ROWS_WARNING_PX)
        session_check_add(
            check, CHECK_WARNING, frame, "rows",
            "rows of the rectified pairs are up to %.2f px apart in most places (median "
            "%.2f px, %d "
            "%s): expect more errors; --rectify-refine removes a smooth offset",
            rows->spread_px, shown(rows->offset_px, 2), rows->measured,
            plural(rows->measured));
    else if (notes)
        session_check_add(check, CHECK_NOTE, frame, "rows",
                          "rows align within %.2f px (median %.2f px, %d %s)",
                          rows->spread_px, shown(rows->offset_px, 2), rows->measured,
                          plural(rows->measured));
    if (input->vertical_fields != NULL) {
        const struct vertical_field *field = &input->vertical_fields[group];
        session_check_add(check, CHECK_NOTE, frame, "rows",
                          "--rectify-refine moved rows by %.2f %+.2f x' %+.2f y' px",
                          shown(field->a_px, 2), shown(field->b_px, 2),
                          shown(field->c_px, 2));
    }
}

/* The black round a fisheye lens's circle is none that rectification left. */
static bool has_image_circle(const struct calibration *calibration)
{
    return calibration->cameras[0].model == DISTORTION_FISHEYE;
}

/* Raw images do not come with the black border that rectification leaves. */
static void check_rectified_before(const struct session_check_input *input, int group,
                                   const struct rows_summary *rows,
                                   struct session_check *check)
{
    int seen = 0;
    int framed = 0;
    char measured[96] = "";
    if (group == 0 || input->manifest->calibrations[group - 1].rectified ||
        input->manifest->calibrations[group - 1].unit == RIG_NONE ||
        has_image_circle(&input->manifest->calibrations[group - 1]))
        return;
    for (int i = input->groups->first[group]; i < input->groups->first[group + 1]; i++) {
        const struct frame_survey *survey = &input->surveys[input->groups->frames[i]];
        if ((survey->known & MEASURE_IMAGES) == 0)
            continue;
        seen++;
        framed += pair_looks_rectified(&survey->images);
    }
    if (rows->untouched > 0)
        (void)snprintf(measured, sizeof(measured),
                       " (as they come, their rows are %.1f px apart)",
                       fabs(rows->untouched_px));
    if (framed > 0 && 2 * framed > seen)
        session_check_add(check, CHECK_WARNING, -1, "calibration",
                          "the images have black borders, as rectified images do%s, but "
                          "%.150s describes "
                          "raw cameras and they are rectified once more; if they are "
                          "rectified already, "
                          "use --rectified",
                          measured, input->manifest->calibrations[group - 1].path);
}

static void check_group(const struct session_check_input *input, int group,
                        const struct rows_summary *rows, struct session_check *check)
{
    struct po_error error = {0};
    if (rows->surveyed > 0) {
        if (session_check_group(input, group, &error) != PO_OK)
            session_check_add(check, CHECK_ERROR, -1,
                              2 * rows->exchanged > rows->surveyed ? "swap" : "rows",
                              "%s", error.message);
        else
            check_rows(input, group, rows, check);
    }
    check_rectified_before(input, group, rows, check);
}

static void check_frame(const struct session_check_input *input, int frame,
                        const struct rows_summary *rows, struct session_check *check)
{
    const struct frame_survey *survey = &input->surveys[frame];
    struct image_findings findings;
    image_check(&survey->images, &findings);
    for (int i = 0; i < findings.count; i++)
        session_check_add(check, CHECK_WARNING, frame, "images", "%s", findings.texts[i]);
    if ((survey->known & MEASURE_ROWS) != 0 && survey->rows.found &&
        row_offset_is_off(survey->rows.median_px - rows->offset_px))
        session_check_add(check, CHECK_WARNING, frame, "rows",
                          "rows are %.1f px apart, those of the other frames %.1f px",
                          survey->rows.median_px, rows->offset_px);
}

/* Frames without a calibration that show a board could give one. */
static void check_boards(const struct session_check_input *input,
                         struct session_check *check)
{
    int seen = 0;
    int boards = 0;
    for (int i = 0; i < input->manifest->frame_count; i++) {
        const struct frame_survey *survey = &input->surveys[i];
        if (input->manifest->frames[i].calibration >= 0 ||
            (survey->known & MEASURE_IMAGES) == 0)
            continue;
        seen++;
        boards += survey->shows_board;
    }
    check->shows_boards = boards >= 2 && 2 * boards >= seen;
    if (!check->shows_boards)
        return;
    session_check_add(
        check, CHECK_WARNING, -1, "calibration",
        "%d of %d frames show a chessboard and there is no calibration: make "
        "one with process_offline --calibrate --input %.200s --square MM "
        "--output calibration.yml",
        boards, seen, input->manifest->root);
}

void session_check_make(const struct session_check_input *input,
                        struct session_check *check)
{
    const struct frame_groups *groups = input->groups;
    for (int group = 0; group < groups->count; group++) {
        struct rows_summary rows = rows_summarize(groups, group, input->surveys);
        check_group(input, group, &rows, check);
        for (int i = groups->first[group]; i < groups->first[group + 1]; i++) {
            int frame = groups->frames[i];
            if ((input->surveys[frame].known & MEASURE_IMAGES) == 0)
                continue;
            check->frames_surveyed++;
            check_frame(input, frame, &rows, check);
        }
    }
    check_boards(input, check);
}

/* Where the matches of a frame lie against the searched range. */
enum range_fit { FIT_UNKNOWN, FIT_INSIDE, FIT_PARTLY, FIT_OUTSIDE, FIT_COUNT };

static enum range_fit range_fit_of(const struct frame_survey *survey,
                                   struct disparity_range range)
{
    const struct row_alignment *rows = &survey->rows;
    double first = range.min_px - RANGE_SLACK_PX;
    double last = range.min_px + range.count - 1 + RANGE_SLACK_PX;
    if ((survey->known & MEASURE_ROWS) == 0 || !rows->found || survey->exchanged)
        return FIT_UNKNOWN;
    if (rows->disparity_high_px < first || rows->disparity_low_px > last)
        return FIT_OUTSIDE;
    return rows->disparity_low_px < first || rows->disparity_high_px > last ? FIT_PARTLY
                                                                            : FIT_INSIDE;
}

bool session_check_doubts(const struct frame_survey *survey, struct disparity_range range)
{
    const struct row_alignment *rows = &survey->rows;
    return (survey->known & MEASURE_ROWS) != 0 &&
           (!rows->found || 2 * rows->agreeing < rows->corners || survey->exchanged ||
            row_alignment_is_off(rows) || range_fit_of(survey, range) == FIT_OUTSIDE);
}

static void report_range(struct session_check *check, int frame,
                         const struct frame_survey *survey, struct disparity_range range)
{
    bool outside = range_fit_of(survey, range) == FIT_OUTSIDE;
    session_check_add(check, CHECK_WARNING, frame, "range",
                      "the images match at disparities %.0f to %.0f, %s of the %d to %d "
                      "that are searched: %s",
                      survey->rows.disparity_low_px, survey->rows.disparity_high_px,
                      outside ? "outside" : "partly outside", range.min_px,
                      range.min_px + range.count - 1,
                      outside ? "left and right are exchanged, or the range is wrong"
                              : "what lies outside is lost or wrong");
}

enum po_status session_check_range(const struct session_check_input *input, int group,
                                   struct session_check *check, struct po_error *error)
{
    const int *frames = input->groups->frames;
    int begin = input->groups->first[group];
    int end = input->groups->first[group + 1];
    const struct disparity_range range = input->ranges[group];
    const struct frame_survey *outside = NULL;
    int counts[FIT_COUNT] = {0};
    bool is_sampled = survey_group_is_sampled(input->groups, group, input->surveys);
    for (int i = begin; i < end && input->ranges_known[group]; i++) {
        const struct frame_survey *survey = &input->surveys[frames[i]];
        enum range_fit fit = range_fit_of(survey, range);
        if (is_sampled && !survey->sampled)
            continue;
        counts[fit]++;
        if (fit == FIT_OUTSIDE)
            outside = survey;
    }
    int measured = counts[FIT_INSIDE] + counts[FIT_PARTLY] + counts[FIT_OUTSIDE];
    if (outside != NULL && 2 * counts[FIT_OUTSIDE] > measured)
        return po_fail(
            error, PO_NO_RANGE,
            "the images match at disparities %.0f to %.0f, and %d to %d are searched (%d "
            "of %d %s): left and right are exchanged (%s), or the range is wrong (give "
            "--num-disparities auto, or --min-disparity and --num-disparities)",
            outside->rows.disparity_low_px, outside->rows.disparity_high_px, range.min_px,
            range.min_px + range.count - 1, counts[FIT_OUTSIDE], measured,
            plural(measured), input->settings->swap ? "leave out --swap" : "use --swap");
    for (int i = begin; i < end && input->ranges_known[group]; i++) {
        const struct frame_survey *survey = &input->surveys[frames[i]];
        if (range_fit_of(survey, range) >= FIT_PARTLY)
            report_range(check, frames[i], survey, range);
    }
    return PO_OK;
}

enum check_severity session_check_worst(const struct session_check *check)
{
    enum check_severity worst = CHECK_NOTE;
    for (int i = 0; i < check->finding_count; i++)
        if (check->findings[i].severity > worst)
            worst = check->findings[i].severity;
    return worst;
}
