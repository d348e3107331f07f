/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The point viewer of report.html: a canvas and a script that draws a cloud.ply by WebGL.
 *
 * No points are embedded: the supervisor never opens a cloud. Over HTTP the script
 * fetches the file; from disk, where browsers forbid that, it asks to drop the file on
 * the page.
 */
#ifndef REPORT_HTML_VIEWER_H
#define REPORT_HTML_VIEWER_H

#include "report/markup.h"

/* Hidden until a cloud is asked for. */
void html_write_canvas(struct markup *html);
/* The script; after the canvas and all buttons with a data-cloud attribute. */
void html_write_viewer(struct markup *html);

#endif
