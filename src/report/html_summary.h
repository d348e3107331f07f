/* SPDX-License-Identifier: Apache-2.0 */
/* The head of report.html: what was reconstructed, how well, what to look at; then the
 * numbers of quality and of cost. */
#ifndef REPORT_HTML_SUMMARY_H
#define REPORT_HTML_SUMMARY_H

#include "record/run_report.h"
#include "report/markup.h"

void html_write_summary(struct markup *html, const struct run_report *report);
void html_write_cost(struct markup *html, const struct run_report *report);

/* A row of a table of facts. */
void html_write_row(struct markup *html, const char *name, const char *value);

#endif
