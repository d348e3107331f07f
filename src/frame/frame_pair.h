/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first stages of a frame's pipeline alone: the rectified pair in grey, for what
 * surveys images before a run (disparity range, row alignment).
 */
#ifndef FRAME_FRAME_PAIR_H
#define FRAME_FRAME_PAIR_H

#include "frame/frame_pipeline.h"

struct frame_pair {
    struct image_view left; /* grey, at the matching resolution; both in scratch */
    struct image_view right;
    struct image_view
        left_valid; /* 255 where rectification saw; pixels NULL: everywhere */
    struct image_view right_valid;
    enum po_cpu_level cpu; /* that the settings allow */
    bool is_one_picture;   /* both files hold the same bytes */
};

/* Scratch as of job->plan is more than enough. Warnings of the readers are dropped. Where
 * the frame has room in context->kept_pairs, the pair is kept for it. */
PO_MUST_CHECK enum po_status
frame_pair_load(const struct frame_context *context, const struct frame_job *job,
                struct scratch *scratch, const struct cancel *cancel,
                struct frame_pair *pair, struct po_error *error);

#endif
