/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refinement: from the raw match to the final disparity map, its classes and confidence.
 *
 * The order is fixed (take the mask from the raw match, smooth measured with measured,
 * fill from the background side, never recompute the mask by value) and is readable in
 * refine.c, one call a step, one file a step. Each step adds its counts.
 */
#ifndef REFINE_REFINE_H
#define REFINE_REFINE_H

#include <stdbool.h>

#include "base/cancel.h"
#include "base/count_list.h"
#include "image/image_view.h"
#include "process_offline/settings.h"
#include "stereo/disparity_map.h"
#include "stereo/matcher.h"

struct confidence_probe;
struct depth_prior;

struct refine_input {
    struct image_view guide; /* rectified left image, grey or RGB */
    struct image_view left; /* both views as they were matched, grey, for the sub-pixel */
    struct image_view right; /* step; pixels NULL: without it */
    struct image_view
        valid; /* 255 where rectification saw the left pixel; pixels NULL: all */
    struct disparity_range range;
    const struct po_settings *settings;
    const struct cancel *cancel;
    const struct confidence_probe *probe; /* confidence.h; NULL: none */
    struct depth_prior *prior;            /* depth_prior.h; NULL: none */
    bool whole_windows; /* of medians, whatever the level: a second pass builds on it */
    /* The rows that are counted, the others being context of a strip; end 0: all. */
    int first_row;
    int end_row;
};

struct refine_output {
    struct disparity_map map;     /* final: measured and filled */
    struct image_view classes;    /* enum pixel_class */
    struct image_view confidence; /* 0..255, 255 = sure; 0 where not measured */
    struct image_view sigma; /* standard deviation of the disparity in 1/64 px, 255 = 4 px
                                or more; pixels NULL: none */
};

/* Scratch bytes of refine_run, outputs not included; and those of refine_take_output. */
size_t refine_scratch_bytes(const struct po_settings *settings, int width_px,
                            int height_px, int guide_channels,
                            struct disparity_range range);
size_t refine_library_bytes(const struct po_settings *settings, int width_px,
                            int height_px);
size_t refine_output_bytes(int width_px, int height_px);
PO_MUST_CHECK enum po_status refine_take_output(struct scratch *scratch, int width_px,
                                                int height_px,
                                                struct refine_output *output,
                                                struct po_error *error);

/* `match->left` may be overwritten. */
PO_MUST_CHECK enum po_status
refine_run(const struct refine_input *input, struct match_output *match,
           struct scratch *scratch, struct refine_output *output,
           struct count_list *counts, struct po_error *error);

#endif
