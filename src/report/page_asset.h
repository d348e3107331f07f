/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page assets: the style, script and shaders of report.html. They are files of
 * src/report/page, put into the program when it is configured (CMakeLists.txt), so that
 * the page stays one file that needs nothing beside it. Static text, never freed.
 */
#ifndef REPORT_PAGE_ASSET_H
#define REPORT_PAGE_ASSET_H

/* The text of src/report/page/<name>; NULL: there is no such file. */
const char *page_asset(const char *name);

#endif
