/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Baseline: is this run worse than an earlier one, and by how much?
 *
 * Compares statuses, points, extents and accuracy frame by frame and in the mean, and
 * time and memory as ratios. What got worse beyond its tolerance is one line each.
 */
#ifndef REPORT_BASELINE_H
#define REPORT_BASELINE_H

#include <stdio.h>

#include "record/run_report.h"
#include "report/baseline_findings.h"

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

/*
 * Prints one line for each thing that got worse, and fills a zeroed list with all of
 * them. Two runs that have no finished frame in common are worse, too: nothing was
 * compared. What differs in settings and version is printed as a note.
 */
PO_MUST_CHECK enum po_status
baseline_compare(const struct past_report *past, const struct past_report *present,
                 const struct baseline_tolerance *tolerance, FILE *stream,
                 struct baseline_findings *findings, struct po_error *error);

#endif
