/* SPDX-License-Identifier: Apache-2.0 */
/* Which frames a survey looks at, and for what: sets `wanted` in run->surveys. Frames are
 * spread evenly over those that are pending, so that the same ones serve every purpose.
 */
#ifndef SURVEY_SURVEY_SAMPLES_H
#define SURVEY_SURVEY_SAMPLES_H

#include "supervise/session_run.h"

/* Whether a group has frames that have not ended. */
bool survey_is_pending(const struct session_run *run, int group);
/* Whether every group with pending frames has its row field. */
bool survey_knows_rows(const struct session_run *run);

void survey_want_nothing(struct session_run *run);
/* On every `step`-th of up to `count` frames of the session. */
void survey_want(struct session_run *run, unsigned wanted, int count, int step);
/* Rows on up to `count` frames of each group whose row field is not known. */
void survey_want_rows(struct session_run *run, int count);
/* The range on up to `count` frames of each group that still needs one. */
void survey_want_ranges(struct session_run *run, int count);
/* With --range-per-frame: the range on each frame that needs one. */
void survey_want_frame_ranges(struct session_run *run);
/* Makes run->frame_ranges with --range-per-frame: the calibrations' until looked at. */
PO_MUST_CHECK enum po_status survey_make_frame_ranges(struct session_run *run,
                                                      struct po_error *error);

#endif
