/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey_pairs.h"

/* Of the budget: frames that would need the rest must not run fewer at once for it. */
enum { BUDGET_SHARE = 8 };

static bool is_wanted(const struct session_survey *survey, int frame)
{
    const struct frame_survey *row = &survey->surveys->rows[frame];
    return survey->run->state->frames[frame].status == PO_FRAME_PENDING && !row->failed &&
           (row->wanted & ~row->known) != 0;
}

struct demand {
    int count;
    int frames[KEPT_PAIRS_MAX];
    uint64_t pair_bytes; /* the largest */
    uint64_t work_bytes; /* of a survey, the largest */
};

static struct demand demand_of(const struct session_survey *survey)
{
    struct frame_plan plan;
    struct frame_planner planner;
    struct demand demand = {0};
    frame_planner_init(&planner, survey->session, survey->request.setup);
    for (int i = 0; i < survey->session->manifest->frame_count; i++) {
        if (!is_wanted(survey, i) ||
            frame_planner_plan(&planner, i, &plan, NULL) != PO_OK)
            continue;
        uint64_t work_bytes = frame_survey_bytes(&plan);
        if (work_bytes > demand.work_bytes)
            demand.work_bytes = work_bytes;
        if (demand.count == KEPT_PAIRS_MAX)
            continue;
        demand.frames[demand.count++] = i;
        if (kept_pair_bytes(&plan) > demand.pair_bytes)
            demand.pair_bytes = kept_pair_bytes(&plan);
    }
    return demand;
}

void survey_pairs_make(const struct session_survey *survey)
{
    if (survey->kept_pairs == NULL || survey->kept_pairs->slots != NULL)
        return;
    const struct demand demand = demand_of(survey);
    uint64_t budget_bytes = survey->request.plan->budget_bytes;
    uint64_t room_bytes = (uint64_t)demand.count * demand.pair_bytes;
    uint64_t workers = (uint64_t)survey->run->engine->workers;
    if (room_bytes > budget_bytes / BUDGET_SHARE ||
        demand.work_bytes > (budget_bytes - room_bytes) / workers)
        return;
    kept_pairs_init(survey->kept_pairs, demand.frames, demand.count,
                    (size_t)demand.pair_bytes);
}
