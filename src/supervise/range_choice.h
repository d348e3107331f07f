/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disparities to search, as far as settings and calibration say: what was asked for,
 * else the format's own count (ndisp), else what the depth limits mean on this rig. Where
 * none of them speaks, the images must (session_survey.h).
 */
#ifndef SUPERVISE_RANGE_CHOICE_H
#define SUPERVISE_RANGE_CHOICE_H

#include <stdbool.h>

#include "calib/rectified_rig.h"
#include "process_offline/settings.h"
#include "stereo/disparity_map.h"

/* `rig` NULL: no calibration. Always fills a range that the matchers take; false when it
 * is only the default, 0..127, and the images should be asked. */
bool range_choose(const struct po_match_settings *settings,
                  const struct rectified_rig *rig, struct disparity_range *range);

/* An estimated range, moved to the start that was asked for, if one was. */
struct disparity_range range_with_settings(const struct po_match_settings *settings,
                                           struct disparity_range estimated);

#endif
