/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check before a run: what is known to ruin a night's work, found on a few frames
 * before hours are spent. Looks at images: only in a child.
 *
 * Invariant: plain values of bounded size, so that a child can send them over a pipe.
 */
#ifndef CHECK_SESSION_CHECK_H
#define CHECK_SESSION_CHECK_H

#include <stdbool.h>

#include "check/image_check.h"
#include "frame/frame_pipeline.h"
#include "rectify/row_alignment.h"

enum { CHECK_FRAMES_MAX = 8, CHECK_FINDINGS_MAX = 48, CHECK_FINDING_BYTES = 320 };

enum check_severity { CHECK_NOTE, CHECK_WARNING, CHECK_ERROR };

/* One thing that was looked at and how it stands. */
struct check_finding {
    enum check_severity severity;
    int frame;      /* index in the manifest; -1: the session */
    char topic[24]; /* "rows", "exposure", "calibration", "range" */
    char text[CHECK_FINDING_BYTES];
};

struct check_frame {
    int frame;
    bool loaded;
    struct pair_statistics images;
    struct row_alignment rows;
};

struct session_check {
    int frame_count;
    struct check_frame frames[CHECK_FRAMES_MAX];
    int finding_count;
    int findings_dropped;
    struct check_finding findings[CHECK_FINDINGS_MAX];
    double worst_rows_px; /* NaN: not measured on any frame */
};

/*
 * Checks up to `max_frames` frames spread over the session, or all of them when
 * `max_frames` is 0 (the findings stay bounded). Takes scratch from the heap, one frame
 * at a time.
 */
PO_MUST_CHECK enum po_status session_check_run(const struct frame_context *context,
                                               int max_frames,
                                               const struct cancel *cancel,
                                               struct session_check *check,
                                               struct po_error *error);

enum check_severity session_check_worst(const struct session_check *check);

#endif
