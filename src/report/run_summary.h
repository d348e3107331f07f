/* SPDX-License-Identifier: Apache-2.0 */
/* What stands at the end of a run on stdout: counts, points, time, scores, where to look.
 */
#ifndef REPORT_RUN_SUMMARY_H
#define REPORT_RUN_SUMMARY_H

#include <stdio.h>

#include "record/run_report.h"

/* Needs report->totals. */
void run_summary_print(const struct run_report *report, FILE *stream);

#endif
