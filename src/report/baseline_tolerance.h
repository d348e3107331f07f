/* SPDX-License-Identifier: Apache-2.0 */
/* How much worse than a baseline a run may be. Plain value. */
#ifndef REPORT_BASELINE_TOLERANCE_H
#define REPORT_BASELINE_TOLERANCE_H

#include "process_offline/status.h"

/* How much worse is still fine. Keys of --tolerance in parentheses. */
struct baseline_tolerance {
    double bad_points;     /* rise of a mean bad-pixel rate, in percentage points (bad) */
    double mae_px;         /* rise of the mean error (mae) */
    double density_points; /* fall of the mean density, in percentage points (density) */
    double frame_factor;   /* these three, times it, hold for a single frame; 0: frames
                              are not compared (frame) */
    double points_percent; /* fall of a frame's points (points) */
    double extent_percent; /* move of a frame's corners, of the diagonal (extent) */
    double time_ratio;     /* of the mean frame time; 0: not compared (time) */
    double memory_ratio;   /* of the peak; 0: not compared (memory) */
};

/* `text` NULL: the defaults. PO_BAD_ARGUMENT names the key or number. */
PO_MUST_CHECK enum po_status
baseline_tolerance_parse(const char *text, struct baseline_tolerance *tolerance,
                         struct po_error *error);

#endif
