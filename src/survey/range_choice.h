/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disparities to search, as far as settings and calibration say: what was asked for,
 * else the format's own count (ndisp). Where neither speaks, the images must
 * (session_survey.h). Depth limits cut clouds; they widen a search to --min-depth, and
 * shorten it only where that halves it at least.
 */
#ifndef SURVEY_RANGE_CHOICE_H
#define SURVEY_RANGE_CHOICE_H

#include <stdbool.h>

#include "calib/rectified_rig.h"
#include "check/range_estimate.h"
#include "process_offline/settings.h"

/* `rig` NULL: no calibration. Always fills a range that the matchers take; false when it
 * is only the default, 0..127, and the images should be asked. */
bool range_choose(const struct po_match_settings *settings,
                  const struct rectified_rig *rig, struct disparity_range *range);

/* What the limits alone say, for images that show no range; false without --min-depth. */
bool range_from_limits(const struct po_match_settings *settings,
                       const struct rectified_rig *rig, struct disparity_range *range);

/* The range of an estimate, within the depth limits and moved to the start that was asked
 * for, if they were. PO_NO_RANGE when nothing of it is left, or it is too wide. */
PO_MUST_CHECK enum po_status range_from_estimate(const struct po_match_settings *settings,
                                                 const struct rectified_rig *rig,
                                                 const struct range_estimate *estimate,
                                                 struct disparity_range *range,
                                                 struct po_error *error);

#endif
