/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one road of a frame: load, downscale, rectify, match, refine, triangulate, filter,
 * write, commit. One call a line in frame_pipeline.c; each begins by telling its stage.
 */
#ifndef FRAME_FRAME_PIPELINE_H
#define FRAME_FRAME_PIPELINE_H

#include "base/cancel.h"
#include "base/count_list.h"
#include "base/scratch.h"
#include "base/warning_list.h"
#include "calib/rectification.h"
#include "cloud/cloud.h"
#include "evaluate/score.h"
#include "frame/frame_plan.h"
#include "image/image_file.h"
#include "process_offline/settings.h"
#include "rectify/rectifier.h"
#include "session/manifest.h"

enum frame_stage {
    STAGE_QUEUED,
    STAGE_LOAD,
    STAGE_RECTIFY,
    STAGE_MATCH,
    STAGE_REFINE,
    STAGE_CLOUD,
    STAGE_EVALUATE,
    STAGE_WRITE,
    STAGE_COMMIT,
    STAGE_COUNT,
};

const char *frame_stage_name(enum frame_stage stage); /* "load", "rectify", ... */

/* What all frames of a run share; read-only while workers run. */
struct frame_context {
    const struct po_settings *settings;
    const struct manifest *manifest;
    const struct rectification *rectifications; /* by calibration index */
    struct rectifier *const *rectifiers;        /* by calibration index; NULL: identity */
    struct disparity_range range;               /* of the session, full resolution */
    struct image_scale16 scale16;
    double depth_unit_mm;         /* of depth.png: 1, 2, 5 or 10 */
    const char *frames_directory; /* <output>/frames */
    const char *state_directory;  /* <output>/.state */
    size_t frame_budget_bytes;    /* 0: none */
};

/* Told before each stage; runs on the worker's thread. */
typedef void frame_stage_callback(void *context, int frame, enum frame_stage stage);

struct frame_result {
    enum frame_stage stage; /* the last one reached */
    uint32_t stage_us[STAGE_COUNT];
    uint64_t points;
    struct cloud_extent extent;
    struct frame_scores scores;
    bool scored;
    size_t predicted_bytes;
    int width_px, height_px;
    struct disparity_range range;
    struct count_list counts;
    struct warning_list warnings;
};

PO_MUST_CHECK enum po_status
frame_pipeline_run(const struct frame_context *context, int frame,
                   struct scratch *scratch, const struct cancel *cancel,
                   frame_stage_callback *stage, void *stage_context,
                   struct frame_result *result, struct po_error *error);

#endif
