/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey_samples.h"

#include "survey/survey_group.h"

static bool is_candidate(const struct session_survey *survey, int frame)
{
    return survey->run->state->frames[frame].status == PO_FRAME_PENDING &&
           !survey->surveys->rows[frame].failed;
}

bool survey_knows_rows(const struct session_survey *survey)
{
    for (int group = 0; group < survey->groups->count; group++)
        if (!survey->values->rows_known[group] && survey_is_pending(survey, group))
            return false;
    return true;
}

/* `count` candidates spread over `frames` (NULL: frames 0..total-1), of which every
 * `step`-th is asked. */
static void want_spread(const struct session_survey *survey, const int *frames, int total,
                        unsigned wanted, int count, int step)
{
    int chosen = 0;
    int64_t candidates = 0;
    int64_t rank = 0;
    for (int i = 0; i < total; i++)
        candidates += is_candidate(survey, frames != NULL ? frames[i] : i);
    for (int i = 0; i < total && candidates > 0; i++) {
        int frame = frames != NULL ? frames[i] : i;
        if (!is_candidate(survey, frame))
            continue;
        bool is_chosen =
            rank == 0 || rank * count / candidates != (rank - 1) * count / candidates;
        rank++;
        if (is_chosen && chosen++ % step == 0)
            survey->surveys->rows[frame].wanted |= wanted;
    }
}

static void want_in_group(const struct session_survey *survey, int group, unsigned wanted,
                          int count)
{
    const int *first = survey->groups->first;
    want_spread(survey, survey->groups->frames + first[group],
                first[group + 1] - first[group], wanted, count, 1);
}

void survey_want_nothing(const struct session_survey *survey)
{
    for (int i = 0; i < survey->session->manifest->frame_count; i++)
        survey->surveys->rows[i].wanted = survey->surveys->rows[i].known = 0;
}

void survey_want_sample(const struct session_survey *survey, unsigned wanted, int count,
                        int step)
{
    survey_want(survey, wanted, count, step);
    for (int i = 0; i < survey->session->manifest->frame_count; i++)
        survey->surveys->rows[i].sampled =
            (survey->surveys->rows[i].wanted & wanted) == wanted;
}

void survey_want(const struct session_survey *survey, unsigned wanted, int count,
                 int step)
{
    want_spread(survey, NULL, survey->session->manifest->frame_count, wanted, count,
                step);
}

void survey_want_rows(const struct session_survey *survey, int count)
{
    for (int group = 0; group < survey->groups->count; group++)
        if (!survey->values->rows_known[group])
            want_in_group(survey, group, MEASURE_ROWS, count);
}

static bool has_range(const struct session_survey *survey, int group)
{
    const struct frame_groups *groups = survey->groups;
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++)
        if ((survey->surveys->rows[groups->frames[i]].known & MEASURE_RANGE) != 0)
            return true;
    return false;
}

void survey_want_ranges(const struct session_survey *survey, int count)
{
    for (int group = 0; group < survey->groups->count; group++)
        if (!survey->values->range_known[group] && !has_range(survey, group))
            want_in_group(survey, group, MEASURE_RANGE, count);
}

void survey_want_group_range(const struct session_survey *survey, int group, int count)
{
    want_in_group(survey, group, MEASURE_RANGE, count);
}

void survey_want_frame_ranges(const struct session_survey *survey)
{
    for (int i = 0;
         i < survey->session->manifest->frame_count && survey->frame_ranges != NULL; i++)
        if (survey->values
                ->range_by_frame[survey->session->manifest->frames[i].calibration + 1])
            survey->surveys->rows[i].wanted |= MEASURE_RANGE;
}
