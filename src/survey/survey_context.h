/* SPDX-License-Identifier: Apache-2.0 */
/* What a survey reads and fills. Ownership: everything in it is the caller's. */
#ifndef SURVEY_SURVEY_CONTEXT_H
#define SURVEY_SURVEY_CONTEXT_H

#include "check/session_check.h"
#include "store/run_journal.h"
#include "store/session_values.h"
#include "survey/frame_surveys.h"

struct session_survey {
    struct survey_run *run;
    struct survey_request request;
    const struct po_settings *settings;
    const struct probed_session *session;
    struct frame_groups *groups;
    struct session_values *values;
    struct disparity_range *frame_ranges; /* with --range-per-frame; else NULL */
    struct frame_surveys *surveys;
    struct kept_pairs *kept_pairs; /* room for surveyed pairs is made here; NULL: none */
    struct session_check *check;   /* what was found */
    struct warning_list *warnings;
    struct run_journal *journal;
};

#endif
