/* SPDX-License-Identifier: Apache-2.0 */
/* The table of frames in report.html. */
#ifndef REPORT_HTML_FRAMES_H
#define REPORT_HTML_FRAMES_H

#include "record/run_report.h"
#include "report/markup.h"

/*
 * Frames that did not finish come first, with cause and remedy, then the others, each up
 * to HTML_FRAMES_MAX, as a page of many thousand images helps nobody. The views of the
 * first frames are in the page, up to HTML_EMBEDDED_BYTES; of the others it shows the
 * files beside it.
 */
enum { HTML_FRAMES_MAX = 1000, HTML_EMBEDDED_BYTES = 40 << 20 };

void html_write_frames(struct markup *html, const struct run_report *report);
/* The class of the badge: "done", "reused", "bad", "". */
const char *html_status_class(enum po_frame_status status);

#endif
