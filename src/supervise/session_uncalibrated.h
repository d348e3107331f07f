/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --rectify-uncalibrated in a run: finds how the cameras of the frames without a
 * calibration stand, or takes what an earlier run kept, and gives it to these frames as a
 * calibration without a unit.
 */
#ifndef SUPERVISE_SESSION_UNCALIBRATED_H
#define SUPERVISE_SESSION_UNCALIBRATED_H

#include "supervise/session_run.h"

/* Once, before anything else looks at the frames. `keeps`: what is found is written to
 * .state, which is ours then. Nothing is done where it is not asked for, every frame has
 * a calibration, or a plan knows it. Errors: as uncalibrated_rig_find. */
PO_MUST_CHECK enum po_status
session_rectify_uncalibrated(struct session_run *run, bool keeps, struct po_error *error);

/* Takes what a plan kept, in silence. */
PO_MUST_CHECK enum po_status
session_rectification_take(struct session_run *run, const struct kept_rectification *kept,
                           struct po_error *error);

/* For --check: which of three ways leads to disparities or clouds where a calibration is
 * missing, as a finding. */
PO_MUST_CHECK enum po_status session_offer_rectification(struct session_run *run,
                                                         struct po_error *error);

#endif
