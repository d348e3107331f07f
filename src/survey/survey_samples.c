/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey_samples.h"

#include <stdlib.h>

static bool is_candidate(const struct session_run *run, int frame)
{
    return run->state.frames[frame].status == PO_FRAME_PENDING &&
           !run->surveys.rows[frame].failed;
}

bool survey_is_pending(const struct session_run *run, int group)
{
    const struct frame_groups *groups = &run->groups;
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++)
        if (run->state.frames[groups->frames[i]].status == PO_FRAME_PENDING)
            return true;
    return false;
}

bool survey_knows_rows(const struct session_run *run)
{
    for (int group = 0; group < run->groups.count; group++)
        if (!run->values.rows_known[group] && survey_is_pending(run, group))
            return false;
    return true;
}

/* `count` candidates spread over `frames` (NULL: frames 0..total-1), of which every
 * `step`-th is asked. */
static void want_spread(struct session_run *run, const int *frames, int total,
                        unsigned wanted, int count, int step)
{
    int chosen = 0;
    int64_t candidates = 0;
    int64_t rank = 0;
    for (int i = 0; i < total; i++)
        candidates += is_candidate(run, frames != NULL ? frames[i] : i);
    for (int i = 0; i < total && candidates > 0; i++) {
        int frame = frames != NULL ? frames[i] : i;
        if (!is_candidate(run, frame))
            continue;
        bool is_chosen =
            rank == 0 || rank * count / candidates != (rank - 1) * count / candidates;
        rank++;
        if (is_chosen && chosen++ % step == 0)
            run->surveys.rows[frame].wanted |= wanted;
    }
}

static void want_in_group(struct session_run *run, int group, unsigned wanted, int count)
{
    const int *first = run->groups.first;
    want_spread(run, run->groups.frames + first[group], first[group + 1] - first[group],
                wanted, count, 1);
}

void survey_want_nothing(struct session_run *run)
{
    for (int i = 0; i < run->manifest->frame_count; i++)
        run->surveys.rows[i].wanted = run->surveys.rows[i].known = 0;
}

void survey_want(struct session_run *run, unsigned wanted, int count, int step)
{
    want_spread(run, NULL, run->manifest->frame_count, wanted, count, step);
}

void survey_want_rows(struct session_run *run, int count)
{
    for (int group = 0; group < run->groups.count; group++)
        if (!run->values.rows_known[group])
            want_in_group(run, group, MEASURE_ROWS, count);
}

static bool has_range(const struct session_run *run, int group)
{
    const struct frame_groups *groups = &run->groups;
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++)
        if ((run->surveys.rows[groups->frames[i]].known & MEASURE_RANGE) != 0)
            return true;
    return false;
}

void survey_want_ranges(struct session_run *run, int count)
{
    for (int group = 0; group < run->groups.count; group++)
        if (!run->values.range_known[group] && !has_range(run, group))
            want_in_group(run, group, MEASURE_RANGE, count);
}

void survey_want_frame_ranges(struct session_run *run)
{
    for (int i = 0; i < run->manifest->frame_count && run->frame_ranges != NULL; i++)
        if (run->values.range_by_frame[run->manifest->frames[i].calibration + 1])
            run->surveys.rows[i].wanted |= MEASURE_RANGE;
}

enum po_status survey_make_frame_ranges(struct session_run *run, struct po_error *error)
{
    int count = run->manifest->frame_count;
    if (!run->effective.values.match.range_per_frame || run->frame_ranges != NULL)
        return PO_OK;
    run->frame_ranges = calloc((size_t)count + 1, sizeof(*run->frame_ranges));
    if (run->frame_ranges == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for %d ranges", count);
    for (int i = 0; i < count; i++)
        run->frame_ranges[i] =
            run->values.ranges[run->manifest->frames[i].calibration + 1];
    session_setups_make(run);
    return PO_OK;
}
