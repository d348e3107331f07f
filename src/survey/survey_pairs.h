/* SPDX-License-Identifier: Apache-2.0 */
/* Which surveyed frames may keep their rectified pair (frame/kept_pairs.h). */
#ifndef SURVEY_SURVEY_PAIRS_H
#define SURVEY_SURVEY_PAIRS_H

#include "survey/survey_context.h"

/* Makes room for the first of those frames about which something is wanted, in
 * survey->kept_pairs; none where a small part of the budget does not hold it, or where
 * surveys would wait for it. */
void survey_pairs_make(const struct session_survey *survey);

#endif
