/* SPDX-License-Identifier: Apache-2.0 */
/* The run's end in words: report.json, report.html, JUnit, baseline, summary. */
#ifndef SUPERVISE_RUN_REPORTING_H
#define SUPERVISE_RUN_REPORTING_H

#include "supervise/session_run.h"

/* Writes everything that was asked for and sets summary->exit_status. */
PO_MUST_CHECK enum po_status run_reporting_write(struct session_run *run,
                                                 struct po_summary *summary,
                                                 struct po_error *error);

#endif
