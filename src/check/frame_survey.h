/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A survey of one frame before the run: exposure and sharpness, whether rows align, which
 * disparities there are. The pair is loaded once for all of it. Only in a child.
 *
 * Invariant: what was found is a plain value without pointers, so that a child can leave
 * it in shared memory. Rows and disparities are in pixels of the full size.
 */
#ifndef CHECK_FRAME_SURVEY_H
#define CHECK_FRAME_SURVEY_H

#include "check/image_check.h"
#include "check/range_estimate.h"
#include "frame/frame_pipeline.h"
#include "rectify/row_alignment.h"

enum survey_wanted {
    MEASURE_IMAGES = 1 << 0,
    MEASURE_ROWS = 1 << 1,
    MEASURE_RANGE = 1 << 2,
};

enum { SURVEY_REASON_BYTES = 240 };

struct frame_survey {
    unsigned wanted; /* survey_wanted bits, set by who asks */
    unsigned known;  /* those that were measured */
    bool failed;     /* the pair could not be surveyed */
    struct pair_statistics images;
    bool shows_board; /* a chessboard, in both images; of frames without a calibration */
    struct row_alignment rows;
    struct row_alignment untouched_rows; /* of images that appear rectified before, as
                                            they come from the file */
    bool sampled;        /* its rig is judged by it, before a run and in --check
                            alike */
    bool is_one_picture; /* left and right are the same file, and it shows something */
    bool exchanged;      /* it matches only as if left and right were exchanged */
    enum po_status range_status; /* PO_NO_RANGE: the pair does not say; see the reason */
    struct range_estimate range;
    char range_reason[SURVEY_REASON_BYTES];
};

/* Scratch bytes of a survey of a planned frame. */
size_t frame_survey_bytes(const struct frame_plan *plan);

/* Fills `survey` as its `wanted` asks. Errors: the pair cannot be loaded. */
PO_MUST_CHECK enum po_status
frame_survey_run(const struct frame_context *context, const struct frame_job *job,
                 const struct cancel *cancel, struct scratch *scratch,
                 struct frame_survey *survey, struct po_error *error);

#endif
