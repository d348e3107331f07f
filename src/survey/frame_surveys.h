/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame surveys: what children saw in images before the run, one row a frame.
 *
 * The table is shared memory: the supervisor asks in `wanted`, the child that looks at a
 * frame fills in the rest. A survey takes memory from the run's budget like a frame does.
 * Ownership: frame_surveys_release.
 */
#ifndef SURVEY_FRAME_SURVEYS_H
#define SURVEY_FRAME_SURVEYS_H

#include "budget/memory_plan.h"
#include "check/frame_survey.h"
#include "survey/survey_pass.h"

struct frame_surveys {
    size_t bytes;
    struct frame_survey *rows; /* by frame; NULL: none were asked for yet */
};

/* How frames are surveyed; borrowed. */
struct survey_request {
    const struct frame_setup *setup;
    const struct memory_request *memory;
    const struct memory_plan *plan; /* with its budget */
};

/* Makes the table, once. */
PO_MUST_CHECK enum po_status frame_surveys_init(struct frame_surveys *surveys,
                                                int frame_count, struct po_error *error);
void frame_surveys_release(struct frame_surveys *surveys); /* safe on a zeroed struct */

/*
 * Has children survey the pending frames about which something is wanted that is not
 * known. A frame that cannot be loaded, hangs, crashes or does not fit the memory limit
 * even at a quarter of its size ends here: so it would in the run.
 */
PO_MUST_CHECK enum po_status frame_surveys_run(struct survey_run *run,
                                               const struct survey_request *request,
                                               struct frame_surveys *surveys,
                                               struct po_error *error);

#endif
