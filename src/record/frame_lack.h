/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a finished frame may be done without: asked for, and not delivered. A frame that
 * lacks a part is done, its record names the part, a warning of it says why, and the exit
 * status of the run tells.
 *
 * Invariant: one table gives each part its bit, its name in frame.json and report.json,
 * and its words. Plain values.
 */
#ifndef RECORD_FRAME_LACK_H
#define RECORD_FRAME_LACK_H

#include <stdbool.h>
#include <stdint.h>

enum frame_lack {
    LACKS_NETWORK = 1,
    LACKS_PRIOR = 2,
    LACKS_MEASUREMENT = 4, /* hardly any of the pixels, and few of them surely */
    LACKS_POINTS = 8,
    LACKS_SURFACE = 16,
    LACKS_DEPTH = 32,
};

enum { FRAME_LACKS = 6 };

struct frame_lack_row {
    uint32_t bit;
    const char *name;
    const char *words; /* after "done", "finished" */
    bool may_pass;     /* the next run tries again */
};

/* 0 .. FRAME_LACKS - 1 */
const struct frame_lack_row *frame_lack_row(int index);

/* 0: there is none of that name. */
uint32_t frame_lack_named(const char *name);

#endif
