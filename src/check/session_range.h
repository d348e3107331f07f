/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disparity range of a session: estimated on a few frames spread over it and joined,
 * so that all frames are searched alike. Looks at images: only in a child.
 */
#ifndef CHECK_SESSION_RANGE_H
#define CHECK_SESSION_RANGE_H

#include "check/range_estimate.h"
#include "frame/frame_pipeline.h"

enum { SESSION_RANGE_FRAMES = 5 };

struct session_range {
    struct disparity_range range; /* at full resolution */
    int frames_tried;
    int frames_used;
};

/*
 * Estimates over the frames of one calibration (index as in frame_entry, -1: those
 * without). context->ranges need only hold something that can be planned with.
 * PO_NO_RANGE when no frame gives one.
 */
PO_MUST_CHECK enum po_status session_range_find(const struct frame_context *context,
                                                int calibration,
                                                const struct cancel *cancel,
                                                struct session_range *range,
                                                struct po_error *error);

/* The range of one frame, for --range-per-frame. */
PO_MUST_CHECK enum po_status session_range_of_frame(const struct frame_context *context,
                                                    int frame,
                                                    const struct cancel *cancel,
                                                    struct range_estimate *estimate,
                                                    struct po_error *error);

#endif
