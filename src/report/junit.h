/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of a run as JUnit test cases, for the tables of CI systems. */
#ifndef REPORT_JUNIT_H
#define REPORT_JUNIT_H

#include "record/run_report.h"

/* Publishes `path` atomically. Needs report->totals. */
PO_MUST_CHECK enum po_status junit_write(const struct run_report *report,
                                         const char *path, struct po_error *error);

#endif
