/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of one calibration in a survey: group 0 has none, group i + 1 has
 * calibration i (check/frame_groups.h). */
#ifndef SURVEY_SURVEY_GROUP_H
#define SURVEY_SURVEY_GROUP_H

#include "survey/survey_context.h"

/* Whether a group has frames that have not ended. */
bool survey_is_pending(const struct session_survey *survey, int group);
/* Ends its pending frames. */
void survey_end_group(const struct session_survey *survey, int group,
                      enum po_status cause, const char *message);
/* How its frames are rectified; false: not known, or they have no calibration. */
bool survey_group_rig(const struct session_survey *survey, int group,
                      struct rectification *rectification);

#endif
