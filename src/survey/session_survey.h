/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session survey: what only the images can say before a run, found by children on a few
 * frames: the disparity range where nothing else tells it, whether rows align, and the
 * field that --rectify-refine takes out of them.
 *
 * It reads the settings and probes, and fills the values of the session that are not
 * known yet. Ownership: everything in struct session_survey is the caller's.
 */
#ifndef SURVEY_SESSION_SURVEY_H
#define SURVEY_SESSION_SURVEY_H

#include "check/session_check.h"
#include "store/run_journal.h"
#include "store/session_values.h"
#include "survey/frame_surveys.h"

enum survey_kind {
    SURVEY_RANGES, /* only what a plan needs */
    SURVEY_QUIET,  /* and the check of a few frames, as before each run */
    SURVEY_FULL,   /* the check of every frame */
};

struct session_survey {
    struct survey_run *run;
    struct survey_request request;
    const struct po_settings *settings;
    const struct probed_session *session;
    struct frame_groups *groups;
    struct session_values *values;
    struct disparity_range *frame_ranges; /* with --range-per-frame; else NULL */
    struct frame_surveys *surveys;
    struct session_check *check; /* what was found */
    struct warning_list *warnings;
    struct run_journal *journal;
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
