/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Survey spread: whether the frames that were looked at agree how far their disparities
 * reach. Where they do, a few stand for the session; where they do not, as when a board
 * is held at all distances, the next one may reach farther than any of them.
 */
#ifndef SURVEY_SURVEY_SPREAD_H
#define SURVEY_SURVEY_SPREAD_H

#include "survey/survey_context.h"

/* Asks for the range on up to `count` frames of each group whose frames do not agree;
 * whether there is such a group. */
bool survey_want_apart(const struct session_survey *survey, int count);

/* Adds a warning for each group whose frames do not agree and were not all looked at. */
void survey_check_spread(const struct session_survey *survey);

#endif
