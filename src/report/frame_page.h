/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame's view.html read back (frame/frame_view_steps.h writes it), for the report to
 * hold. Invariant: a part that is known holds base64, or JSON without '<': nothing that
 * could end the tag around it, whatever the file holds.
 *
 * Ownership: frame_page_release frees the text that the parts point into.
 */
#ifndef REPORT_FRAME_PAGE_H
#define REPORT_FRAME_PAGE_H

#include <stdbool.h>
#include <stddef.h>

enum frame_page_part {
    PAGE_LEFT,
    PAGE_DISPARITY,
    PAGE_CLASS,
    PAGE_CONFIDENCE,
    PAGE_FACTS,
    PAGE_POINTS,
    PAGE_PARTS,
};

struct frame_page {
    char *text;
    size_t bytes;
    char *parts[PAGE_PARTS]; /* NUL-terminated */
};

/* False when there is no such file, or not of this form. */
bool frame_page_read(const char *path, struct frame_page *page);
void frame_page_release(struct frame_page *page); /* a zeroed one is fine */

#endif
