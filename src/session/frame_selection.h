/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frames that --frames and --single-frame choose, by place in natural order.
 * Ownership: plain value.
 */
#ifndef SESSION_FRAME_SELECTION_H
#define SESSION_FRAME_SELECTION_H

#include <stdbool.h>

#include "process_offline/status.h"

enum { FRAME_RANGES_MAX = 1024, FRAME_RANGE_OPEN = 0x7fffffff };

struct frame_range {
    int first;
    int last; /* inclusive; FRAME_RANGE_OPEN: to the end */
};

struct frame_selection {
    bool all;
    int count;
    struct frame_range ranges[FRAME_RANGES_MAX];
};

/* "0-9,15", "20-" (to the end); NULL: all. */
PO_MUST_CHECK enum po_status frame_selection_parse(const char *text,
                                                   struct frame_selection *selection,
                                                   struct po_error *error);
bool frame_selection_holds(const struct frame_selection *selection, int index);

#endif
