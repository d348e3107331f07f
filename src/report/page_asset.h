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

/* "sha256-...", as a content security policy names it; `text` has room for
 * PAGE_HASH_BYTES. */
enum { PAGE_HASH_BYTES = 64 };
void page_asset_hash(const char *name, char *text);

#endif
