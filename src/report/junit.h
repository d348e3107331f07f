/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of a run as JUnit test cases, for the tables of CI systems. */
#ifndef REPORT_JUNIT_H
#define REPORT_JUNIT_H

#include "record/run_report.h"
#include "report/baseline_findings.h"

/*
 * Whether `path` can take the test cases, asked before a run: PO_BAD_ARGUMENT when it
 * cannot be written, is one of the run's own files in `output_directory`, or is a file
 * that holds anything but test cases: an input given by mistake is not overwritten.
 */
PO_MUST_CHECK enum po_status junit_check(const char *path, const char *output_directory,
                                         struct po_error *error);

/* Writes `path` as named_file.h says. Needs report->totals. `findings`, sorted, NULL
 * without a baseline: what got worse is a failure of its frame, or of a case named
 * "baseline". */
PO_MUST_CHECK enum po_status junit_write(const struct run_report *report,
                                         const struct baseline_findings *findings,
                                         const char *path, struct po_error *error);

#endif
