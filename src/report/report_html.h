/* SPDX-License-Identifier: Apache-2.0 */
/* report.html: the report as one self-contained page; previews and clouds are relative
 * links. */
#ifndef REPORT_REPORT_HTML_H
#define REPORT_REPORT_HTML_H

#include "record/run_report.h"

#define REPORT_HTML_FILE "report.html"

/* Publishes `path` atomically. Needs report->totals. */
PO_MUST_CHECK enum po_status report_html_write(const struct run_report *report,
                                               const char *path, struct po_error *error);

#endif
