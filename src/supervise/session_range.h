/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disparities a session searches, for each calibration: what was asked for, else what
 * the format says (ndisp), else what the depth limits mean on this rig, else 0..127.
 */
#ifndef SUPERVISE_SESSION_RANGE_H
#define SUPERVISE_SESSION_RANGE_H

#include "calib/rectified_rig.h"
#include "process_offline/settings.h"
#include "stereo/disparity_map.h"

/* `rig` NULL: no calibration. Always a range that the matchers take. */
struct disparity_range session_range_choose(const struct po_match_settings *settings,
                                            const struct rectified_rig *rig);

#endif
