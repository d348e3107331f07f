/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame's view.html read back (frame/frame_view_steps.h writes it), for the report to
 * hold. Invariant: a part that is known holds base64, or JSON without '<': nothing that
 * could end the tag around it, whatever the file holds.
 *
 * Ownership: frame_page_release frees the text that the parts point into. One page may be
 * read after another into the same struct, which keeps its room: pages are megabytes.
 */
#ifndef REPORT_FRAME_PAGE_H
#define REPORT_FRAME_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/input_file.h"

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
    struct input_room room; /* zeroed before the first page */
    size_t bytes;
    char *parts[PAGE_PARTS]; /* NUL-terminated */
    size_t part_bytes[PAGE_PARTS];
};

/* False when there is no such file, or not of this form: its parts are unknown then. */
bool frame_page_read(const char *path, struct frame_page *page);
void frame_page_release(struct frame_page *page); /* a zeroed one is fine */

#endif
