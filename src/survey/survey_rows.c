/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey_rows.h"

#include "base/log.h"
#include "base/number.h"
#include "survey/survey_samples.h"

/* Where the first pass measures nothing, rows stay; where only the second does not, they
 * are as the first one left them. */
static void take_vertical_field(const struct session_survey *survey, int group, int pass)
{
    struct vertical_field *field = &survey->values->vertical_fields[group];
    struct rows_summary rows =
        rows_summarize(survey->groups, group, survey->surveys->rows);
    if (pass == 0 && rows.surveyed > 0 && rows.measured == 0) {
        warning_list_tell(survey->warnings,
                          "--rectify-refine: too few points of the images are found in "
                          "both to measure rows: they stay");
    }
    if (rows.measured == 0)
        return;
    *field = vertical_field_sum(field, &rows.field);
    log_info(
        "rows were %.2f px apart (75 %% of places up to %.2f px), frames measured: %d",
        shown(rows.offset_px, 2), rows.spread_px, rows.measured);
    run_journal_add(survey->journal,
                    "rows were %.2f px apart (75 %% of places up to %.2f px), frames "
                    "measured: %d: moved by "
                    "%.2f %+.2f x' %+.2f y' px",
                    shown(rows.offset_px, 2), rows.spread_px, rows.measured,
                    shown(field->a_px, 2), shown(field->b_px, 2), shown(field->c_px, 2));
}

/* Two passes: the second measures what the first left, where corners lie closer. */
enum po_status survey_refine_rows(const struct session_survey *survey, int frames,
                                  struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int pass = 0; pass < 2 && status == PO_OK; pass++) {
        survey_want_rows(survey, frames);
        status = frame_surveys_run(survey->run, &survey->request, survey->surveys, error);
        for (int group = 0; group < survey->groups->count && status == PO_OK; group++)
            if (!survey->values->rows_known[group])
                take_vertical_field(survey, group, pass);
        survey_want_nothing(survey);
    }
    for (int group = 0; group < survey->groups->count; group++)
        survey->values->rows_known[group] = true;
    return status;
}

/* What the rows were like, for the report. */
void survey_note_rows(const struct session_survey *survey)
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
