/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session survey: what only the images can say before a run, found by children on a few
 * frames: the disparity range where nothing else gives it, whether rows align, and the
 * field that --rectify-refine takes out of them.
 *
 * It reads the settings and probes, and fills the values of the session that are not
 * known yet. Ownership: everything in struct session_survey is the caller's.
 */
#ifndef SURVEY_SESSION_SURVEY_H
#define SURVEY_SESSION_SURVEY_H

#include "survey/survey_context.h"

enum survey_kind {
    SURVEY_RANGES, /* only what a plan needs */
    SURVEY_QUIET,  /* and the check of a few frames, as before each run */
    SURVEY_FULL,   /* the check of every frame */
};

/*
 * Fills values->ranges where range_known is false, values->vertical_fields, frame_ranges
 * with --range-per-frame, and the check. The frames of a calibration whose range cannot
 * be found, or whose rows do not align, end here with the reason: a guess would give
 * plausible nonsense.
 */
PO_MUST_CHECK enum po_status session_survey_run(const struct session_survey *survey,
                                                enum survey_kind kind,
                                                struct po_error *error);

#endif
