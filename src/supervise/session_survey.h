/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session survey: what only the images can say before a run, found by children on a few
 * frames: the disparity range where nothing else tells it, and whether rows align at all.
 */
#ifndef SUPERVISE_SESSION_SURVEY_H
#define SUPERVISE_SESSION_SURVEY_H

#include "supervise/session_run.h"

/*
 * Fills values.ranges where range_known is false; the frames of a calibration whose range
 * cannot be found end here, as a guess would give plausible nonsense. With `checks_rows`:
 * PO_MISALIGNED when the rows of every frame looked at are off.
 */
PO_MUST_CHECK enum po_status session_survey(struct session_run *run, bool checks_rows,
                                            struct po_error *error);

#endif
