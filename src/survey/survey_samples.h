/* SPDX-License-Identifier: Apache-2.0 */
/* Which frames are surveyed, and for what: sets `wanted` in survey->surveys. Frames
 * are spread evenly over those that are pending, so that the same ones serve every
 * purpose.
 */
#ifndef SURVEY_SURVEY_SAMPLES_H
#define SURVEY_SURVEY_SAMPLES_H

#include "survey/survey_context.h"

/* Whether every group with pending frames has its vertical field. */
bool survey_knows_rows(const struct session_survey *survey);

void survey_want_nothing(const struct session_survey *survey);
/* The same of the frames by which their rig is judged. */
void survey_want_sample(const struct session_survey *survey, unsigned wanted, int count,
                        int step);
/* On every `step`-th of up to `count` frames of the session. */
void survey_want(const struct session_survey *survey, unsigned wanted, int count,
                 int step);
/* Rows on up to `count` frames of each group whose vertical field is not known. */
void survey_want_rows(const struct session_survey *survey, int count);
/* The range on up to `count` frames of each group that still needs one. */
void survey_want_ranges(const struct session_survey *survey, int count);
/* The range on up to `count` frames of one group. */
void survey_want_group_range(const struct session_survey *survey, int group, int count);
/* With --range-per-frame: the range on each frame that needs one. */
void survey_want_frame_ranges(const struct session_survey *survey);

#endif
