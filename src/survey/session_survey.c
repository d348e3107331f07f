/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/session_survey.h"

#include <limits.h>
#include <stdio.h>

#include "base/log.h"
#include "base/number.h"
#include "survey/survey_group.h"
#include "survey/survey_pairs.h"
#include "survey/survey_ranges.h"
#include "survey/survey_rows.h"
#include "survey/survey_samples.h"
#include "survey/survey_spread.h"

/* The range is sought on five frames; rows are checked on every other of them, as that
 * takes longest. */
enum { SAMPLED_FRAMES = 5, CHECK_STEP = 2 };
enum { MIN_SAMPLED_FRAMES = 3, ROUNDS = 3 };
/* Where they do not agree on the range: a look costs about a quarter of a frame. */
enum { SAMPLED_FRAMES_APART = 32 };

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

/* Ends what must not be processed. */
static void end_misaligned(const struct session_survey *survey)
{
    const struct session_check_input input = check_input(survey);
    for (int group = 0; group < survey->groups->count; group++) {
        struct po_error error = {0};
        enum po_status status = session_check_group(&input, group, &error);
        if (status != PO_OK)
            survey_end_group(survey, group, status, error.message);
    }
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
            return status;
    }
    if (status == PO_OK && survey_want_apart(survey, SAMPLED_FRAMES_APART))
        status = frame_surveys_run(survey->run, &survey->request, survey->surveys, error);
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
        status = survey_refine_rows(survey, SAMPLED_FRAMES, error);
    if (status == PO_OK && survey->run->control->reason == STOP_NONE)
        status = survey_images(survey, kind, error);
    if (status != PO_OK || survey->run->control->reason != STOP_NONE)
        return status;
    const struct session_check_input input = check_input(survey);
    check_fits(survey);
    session_check_make(&input, survey->check);
    if (kind == SURVEY_QUIET) {
        report_findings(survey, 0);
        survey_note_rows(survey);
    }
    if (kind != SURVEY_RANGES)
        end_misaligned(survey);
    survey_take_ranges(survey);
    int reported = survey->check->finding_count;
    survey_check_ranges(survey, &input);
    if (kind == SURVEY_QUIET)
        report_findings(survey, reported);
    return PO_OK;
}
