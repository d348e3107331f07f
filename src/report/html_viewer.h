/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What opens over the page: the point viewer, and a picture enlarged; and their scripts.
 *
 * Points are in the page (html_frames.h), or in the page of their frame, which a hidden
 * frame loads and which sends them: browsers let no page from disk read its neighbours.
 */
#ifndef REPORT_HTML_VIEWER_H
#define REPORT_HTML_VIEWER_H

#include "report/markup.h"

/* After all frames. */
void html_write_viewer(struct markup *html);

#endif
