/* SPDX-License-Identifier: Apache-2.0 */
/* Survey ranges: the disparities to search, as what children measured says it, and
 * whether what is searched holds what they saw. */
#ifndef SURVEY_SURVEY_RANGES_H
#define SURVEY_SURVEY_RANGES_H

#include "survey/survey_context.h"

/* Fills values->ranges where they are not known, and frame_ranges with
 * --range-per-frame. The pending frames of a group without a range end here: the images
 * do not say it, nor does --min-depth. */
void survey_take_ranges(const struct session_survey *survey);

/* Adds a finding where all disparities lie on the wrong side of zero, or outside of what
 * will be searched; the pending frames of such a group end. */
void survey_check_ranges(const struct session_survey *survey,
                         const struct session_check_input *input);

#endif
