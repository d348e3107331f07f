/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame plan: the bytes a frame needs, before anything is allocated. The one number that
 * sizes a worker's scratch, is asked of the budget and is printed by --dry-run.
 */
#ifndef FRAME_FRAME_PLAN_H
#define FRAME_FRAME_PLAN_H

#include "calib/rectification.h"
#include "image/image_file.h"
#include "match/match_stage.h"
#include "neural/prior_use.h"
#include "process_offline/settings.h"

enum {
    STRIP_CONTEXT_ROWS = 64, /* above and below: paths settle, refinement sees around */
    MIN_STRIP_ROWS = 64,
    STRIP_ROWS_STEP = 16,
};

struct frame_plan {
    size_t scratch_bytes; /* capacity of the arena */
    size_t library_bytes; /* decoders and OpenCV */
    size_t total_bytes;
    size_t view_bytes; /* of scratch: the rectified pair */
    size_t pair_bytes; /* of scratch: loading and rectifying it */
    int downscale;
    struct disparity_range range;        /* at the matching resolution */
    int width_px, height_px;             /* of the rectified left image */
    int match_width_px, match_height_px; /* after downscaling */
    int channels;                        /* of the left image: 1 or 3 */
    int right_channels;                  /* 3 where a network takes colour, else 1 */
    size_t network_map_bytes;  /* of scratch: held from the network to the match */
    size_t network_work_bytes; /* of scratch: while the network runs */
    size_t network_library_bytes;
    size_t prior_map_bytes;  /* of scratch: held to the end */
    size_t prior_work_bytes; /* of scratch: while its network runs, beside the match */
    size_t prior_library_bytes;
    bool masks;                    /* rectification leaves pixels it has not seen */
    int strip_count;               /* 1: the image is processed whole */
    int strip_rows;                /* of each but the last; match_height_px when whole */
    struct match_stage_plan match; /* of the tallest strip with its context */
    struct match_stage_plan correction; /* of all strips; absent when there is one */
};

/* What a frame's plan follows from. */
struct frame_plan_request {
    const struct po_settings *settings;
    const struct image_header *left;
    const struct image_header *right;
    const struct rectification *rectification;
    struct disparity_range range;      /* at full resolution */
    int downscale;                     /* 1, 2 or 4 */
    size_t budget_bytes;               /* 0: none */
    const struct network_use *network; /* NULL: none */
    const struct prior_use *prior;     /* NULL: none */
};

PO_MUST_CHECK enum po_status frame_plan_make(const struct frame_plan_request *request,
                                             struct frame_plan *plan,
                                             struct po_error *error);

#endif
