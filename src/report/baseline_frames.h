/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison with a baseline, frame by frame. */
#ifndef REPORT_BASELINE_FRAMES_H
#define REPORT_BASELINE_FRAMES_H

#include "report/baseline_parts.h"

/* Compares the frames of the baseline with those of the same id. */
PO_MUST_CHECK enum po_status baseline_compare_frames(struct comparison *comparison,
                                                     struct po_error *error);

#endif
