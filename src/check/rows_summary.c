/* SPDX-License-Identifier: Apache-2.0 */
#include "check/rows_summary.h"

#include <math.h>
#include <stdlib.h>

/* Steps of a field: exact in any text, and finer than a warp's 1/64 px. */
static const double FIELD_STEPS = 1024.0;

enum column {
    COLUMN_MEDIAN,
    COLUMN_SPREAD,
    COLUMN_A,
    COLUMN_B,
    COLUMN_C,
    COLUMN_UNTOUCHED,
    COLUMN_COUNT
};

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* The mean of the middle two where there is no middle. */
static double median(double *values, int count)
{
    if (count == 0)
        return NAN;
    qsort(values, (size_t)count, sizeof(*values), compare_doubles);
    return 0.5 * (values[(count - 1) / 2] + values[count / 2]);
}

static double stepped(double value)
{
    return round(value * FIELD_STEPS) / FIELD_STEPS;
}

bool survey_group_is_sampled(const struct frame_groups *groups, int group,
                             const struct frame_survey *surveys)
{
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++)
        if (surveys[groups->frames[i]].sampled)
            return true;
    return false;
}

static struct rows_summary summarize(const struct frame_groups *groups, int group,
                                     const struct frame_survey *surveys, bool sample_only)
{
    double columns[COLUMN_COUNT][ROWS_SUMMARY_FRAMES];
    struct rows_summary summary = {0};
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++) {
        const struct frame_survey *survey = &surveys[groups->frames[i]];
        const struct row_alignment *rows = &survey->rows;
        if ((survey->known & MEASURE_ROWS) == 0 || (sample_only && !survey->sampled))
            continue;
        summary.surveyed++;
        summary.exchanged += survey->exchanged;
        summary.one_picture += survey->is_one_picture;
        if (survey->untouched_rows.found && summary.untouched < ROWS_SUMMARY_FRAMES)
            columns[COLUMN_UNTOUCHED][summary.untouched++] =
                survey->untouched_rows.median_px;
        if (!rows->found || summary.measured == ROWS_SUMMARY_FRAMES)
            continue;
        int k = summary.measured++;
        columns[COLUMN_MEDIAN][k] = rows->median_px;
        columns[COLUMN_SPREAD][k] = rows->spread_px;
        columns[COLUMN_A][k] = rows->a_px;
        columns[COLUMN_B][k] = rows->b_px;
        columns[COLUMN_C][k] = rows->c_px;
    }
    summary.untouched_px = median(columns[COLUMN_UNTOUCHED], summary.untouched);
    if (summary.measured == 0)
        return summary;
    summary.offset_px = median(columns[COLUMN_MEDIAN], summary.measured);
    summary.spread_px = median(columns[COLUMN_SPREAD], summary.measured);
    summary.field =
        (struct vertical_field){stepped(median(columns[COLUMN_A], summary.measured)),
                                stepped(median(columns[COLUMN_B], summary.measured)),
                                stepped(median(columns[COLUMN_C], summary.measured))};
    return summary;
}

struct rows_summary rows_summarize(const struct frame_groups *groups, int group,
                                   const struct frame_survey *surveys)
{
    return summarize(groups, group, surveys, false);
}

struct rows_summary rows_summarize_sample(const struct frame_groups *groups, int group,
                                          const struct frame_survey *surveys)
{
    return summarize(groups, group, surveys,
                     survey_group_is_sampled(groups, group, surveys));
}

struct vertical_field vertical_field_sum(const struct vertical_field *first,
                                         const struct vertical_field *second)
{
    return (struct vertical_field){first->a_px + second->a_px, first->b_px + second->b_px,
                                   first->c_px + second->c_px};
}

double vertical_field_worst_px(const struct vertical_field *field)
{
    return fabs(field->a_px) + fabs(field->b_px) + fabs(field->c_px);
}
