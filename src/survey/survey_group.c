/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/survey_group.h"

bool survey_is_pending(const struct session_survey *survey, int group)
{
    const struct frame_groups *groups = survey->groups;
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++)
        if (survey->run->state->frames[groups->frames[i]].status == PO_FRAME_PENDING)
            return true;
    return false;
}

void survey_end_group(const struct session_survey *survey, int group,
                      enum po_status cause, const char *message)
{
    const struct frame_groups *groups = survey->groups;
    for (int i = groups->first[group]; i < groups->first[group + 1]; i++)
        if (survey->run->state->frames[groups->frames[i]].status == PO_FRAME_PENDING)
            survey_fail_frame(survey->run, groups->frames[i], cause, message);
}

bool survey_group_rig(const struct session_survey *survey, int group,
                      struct rectification *rectification)
{
    return group > 0 && frame_planner_rig(survey->session, group - 1, rectification);
}
