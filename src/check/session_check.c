/* SPDX-License-Identifier: Apache-2.0 */
#include "check/session_check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NOTED_CALIBRATIONS = 8 }; /* with more, only what is wrong is told */
static const double ROWS_WARNING_PX = 0.5;
static const double ROWS_ERROR_PX = 2.0;

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
    struct rows_summary rows = rows_summarize(input->groups, group, input->looks);
    if (2 * rows.exchanged > rows.looked_at)
        return po_fail(error, PO_MISALIGNED,
                       "left and right are exchanged: the images match only the other "
                       "way round (on %d of %d %s); %s",
                       rows.exchanged, rows.looked_at, plural(rows.looked_at),
                       input->settings->swap ? "leave out --swap" : "use --swap");
    if (rows.measured == 0 || fabs(rows.offset_px) <= ROWS_ERROR_PX ||
        input->settings->allow_misaligned)
        return PO_OK;
    const char *refine = input->settings->rectify_refine
                             ? ""
                             : "--rectify-refine to measure and remove the offset, or ";
    if (group == 0)
        return po_fail(error, PO_MISALIGNED,
                       "rows of the pairs are %.1f px apart (median of %d %s) and no "
                       "calibration tells how to rectify them; give one with "
                       "--calibration, or %s--allow-misaligned to go on",
                       fabs(rows.offset_px), rows.measured, plural(rows.measured),
                       refine);
    return po_fail(error, PO_MISALIGNED,
                   "rows of the rectified pairs are %.1f px apart (median of %d %s): the "
                   "calibration does not belong to these images; give the right one, or "
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
                          rows->looked_at, plural(rows->looked_at));
    if (rows->measured == 0)
        return;
    if (fabs(rows->offset_px) > ROWS_ERROR_PX)
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
            rows->spread_px, rows->offset_px, rows->measured, plural(rows->measured));
    else if (notes)
        session_check_add(check, CHECK_NOTE, frame, "rows",
                          "rows align within %.2f px (median %.2f px, %d %s)",
                          rows->spread_px, rows->offset_px, rows->measured,
                          plural(rows->measured));
    if (input->row_fields != NULL) {
        const struct row_field *field = &input->row_fields[group];
        session_check_add(check, CHECK_NOTE, frame, "rows",
                          "--rectify-refine moved rows by %.2f %+.2f x' %+.2f y' px",
                          field->a_px, field->b_px, field->c_px);
    }
}

/* Raw images do not come with the black border that rectification leaves. */
static void check_rectified_before(const struct session_check_input *input, int group,
                                   const struct rows_summary *rows,
                                   struct session_check *check)
{
    int seen = 0;
    int framed = 0;
    char measured[96] = "";
    if (group == 0 || input->manifest->calibrations[group - 1].rectified)
        return;
    for (int i = input->groups->first[group]; i < input->groups->first[group + 1]; i++) {
        const struct frame_look *look = &input->looks[input->groups->frames[i]];
        if ((look->known & LOOK_IMAGES) == 0)
            continue;
        seen++;
        framed += pair_looks_rectified(&look->images);
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
    if (rows->looked_at > 0) {
        if (session_check_group(input, group, &error) != PO_OK)
            session_check_add(check, CHECK_ERROR, -1,
                              2 * rows->exchanged > rows->looked_at ? "swap" : "rows",
                              "%s", error.message);
        else
            check_rows(input, group, rows, check);
    }
    check_rectified_before(input, group, rows, check);
}

static void check_frame(const struct session_check_input *input, int frame,
                        const struct rows_summary *rows, struct session_check *check)
{
    const struct frame_look *look = &input->looks[frame];
    struct image_findings findings;
    image_check(&look->images, &findings);
    for (int i = 0; i < findings.count; i++)
        session_check_add(check, CHECK_WARNING, frame, "images", "%s", findings.texts[i]);
    if ((look->known & LOOK_ROWS) != 0 && look->rows.found &&
        fabs(look->rows.median_px - rows->offset_px) > ROWS_ERROR_PX)
        session_check_add(check, CHECK_WARNING, frame, "rows",
                          "rows are %.1f px apart, those of the other frames %.1f px",
                          look->rows.median_px, rows->offset_px);
}

void session_check_make(const struct session_check_input *input,
                        struct session_check *check)
{
    const struct frame_groups *groups = input->groups;
    for (int group = 0; group < groups->count; group++) {
        struct rows_summary rows = rows_summarize(groups, group, input->looks);
        check_group(input, group, &rows, check);
        for (int i = groups->first[group]; i < groups->first[group + 1]; i++) {
            int frame = groups->frames[i];
            if ((input->looks[frame].known & LOOK_IMAGES) == 0)
                continue;
            check->frames_seen++;
            check_frame(input, frame, &rows, check);
        }
    }
}

enum check_severity session_check_worst(const struct session_check *check)
{
    enum check_severity worst = CHECK_NOTE;
    for (int i = 0; i < check->finding_count; i++)
        if (check->findings[i].severity > worst)
            worst = check->findings[i].severity;
    return worst;
}
