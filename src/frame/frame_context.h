/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame context: what all frames of a run share, what one frame is given, and what it
 * leaves behind. Plain values; what they point to is borrowed.
 */
#ifndef FRAME_FRAME_CONTEXT_H
#define FRAME_FRAME_CONTEXT_H

#include "base/cancel.h"
#include "base/count_list.h"
#include "base/scratch.h"
#include "base/warning_list.h"
#include "calib/rectification.h"
#include "cloud/cloud.h"
#include "evaluate/plane_quality.h"
#include "evaluate/score.h"
#include "frame/frame_plan.h"
#include "frame/frame_rectifiers.h"
#include "frame/kept_pairs.h"
#include "image/image_file.h"
#include "neural/prior_use.h"
#include "process_offline/settings.h"
#include "rectify/rectifier.h"
#include "rectify/row_warp.h"
#include "session/manifest.h"

enum frame_stage {
    STAGE_QUEUED,
    STAGE_LOAD,
    STAGE_RECTIFY,
    STAGE_NETWORK,
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
    const struct frame_rectifiers *rectifiers;
    const struct disparity_range *ranges; /* by calibration index + 1 (0: no calibration),
                                             at full resolution */
    const struct disparity_range *frame_ranges; /* by frame, which then win; NULL: none */
    const struct vertical_field
        *vertical_fields;            /* by calibration index + 1; NULL: rows stay */
    struct image_scale16 scale16[2]; /* of the left and the right camera */
    int downscale;                   /* 1, 2 or 4: resolved from settings */
    double depth_unit_mm;            /* of depth.png: 1, 2, 5 or 10 */
    const char *frames_directory;    /* <output>/frames */
    const char *state_directory;     /* <output>/.state */
    const char *build_tag; /* in the names of folders that are being built, where other
                              processes build here too; NULL: none do */
    bool measures_only;    /* writes nothing: only whether the frame would be done */
    size_t frame_budget_bytes;           /* 0: none */
    const struct network_use *network;   /* of --matcher network; NULL: none */
    const struct prior_use *prior;       /* of --prior; NULL: none */
    const struct kept_pairs *kept_pairs; /* of surveyed frames; NULL: none */
    bool prior_beside; /* a core is free for its network while a frame is matched */
};

/* One frame, probed and planned, before any of its memory is taken. */
struct frame_job {
    int frame; /* index in the manifest */
    struct image_header left;
    struct image_header right;
    struct rectification rectification; /* of this frame; identity without calibration */
    struct frame_plan plan;
    bool network_apart; /* not the first attempt: run it in a child of its own */
};

/* What the frame searches, at full resolution. */
struct disparity_range frame_range(const struct frame_context *context, int frame);

/* Sets the vertical field of the frame's calibration (index, -1: none), if it has one. */
void frame_set_vertical_field(const struct vertical_field *vertical_fields,
                              int calibration, struct rectification *rectification);

struct frame_result {
    enum frame_stage stage; /* the last one reached */
    uint32_t stage_us[STAGE_COUNT];
    struct hash input_hashes[FRAME_INPUTS_MAX]; /* content of the files it is made from */
    bool network_failed; /* matched without the network that was asked for */
    bool prior_failed;   /* done without the depth prior that was asked for */
    uint32_t lacks;      /* bits of enum frame_lack */
    bool match_reused;   /* every strip's raw match came from the cache */
    uint64_t points;
    struct cloud_extent extent;
    struct frame_scores scores;
    struct plane_quality plane; /* of --quality-check */
    size_t predicted_bytes;
    int width_px, height_px;
    struct disparity_range range;
    struct count_list counts;
    struct warning_list warnings;
};

/* The count of a frame's measured pixels, at full size. */
#define FRAME_MEASURED_COUNT "class_measured"
/* Those of them whose confidence is 0.9 or more; absent where there is none. */
#define FRAME_SURE_COUNT "class_measured_surely"
/* How the warning begins of a frame that only a lenient run lets pass. */
#define FRAME_ALLOWED_WARNING "little is measured, and it was let pass"
/* Whether --min-measured applies; depth limits leave out what they like. */
bool frame_measured_is_asked(const struct po_settings *settings);
/* Whether the settings let frames pass that fail by default. */
bool frame_measured_is_lenient(const struct po_settings *settings);

#endif
