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
#include "report/baseline_tolerance.h"

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
