/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame claim: which frames may not replace what stands in their place. A frame whose
 * folder holds what this program did not write, and one that would put disparities
 * without a calibration in the place of a cloud, fail before they start.
 */
#ifndef SUPERVISE_FRAME_CLAIM_H
#define SUPERVISE_FRAME_CLAIM_H

#include "supervise/session_run.h"

/* Ends pending frames of the run. */
void frame_claim_check(struct session_run *run);

#endif
