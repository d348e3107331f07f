/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matcher: two rectified views in, the raw match out. The seam behind which our own
 * semi-global matcher and OpenCV's stand; one row of
 * stereo/matchers.c each.
 *
 * A matcher takes all its memory from scratch, as its plan said to the byte (OpenCV's own
 * allocations are in `library_bytes`), polls `cancel`, and is a pure function of its
 * inputs.
 */
#ifndef STEREO_MATCHER_H
#define STEREO_MATCHER_H

#include <stdbool.h>

#include "base/cancel.h"
#include "base/scratch.h"
#include "image/image_view.h"
#include "process_offline/settings.h"
#include "stereo/disparity_map.h"

struct match_input {
    struct image_view left;  /* grey */
    struct image_view right; /* grey, same size */
    struct image_view guide; /* the left image, grey or RGB: where penalties drop */
    struct disparity_range range;
    const struct disparity_map *prior; /* quality's second pass: dense; NULL: none */
    const struct image_view
        *prior_confidence;       /* 0: no penalty at this pixel; NULL: everywhere */
    const struct cancel *cancel; /* NULL: never */
};

/*
 * All maps have the size of the images and are taken by the caller (matcher_take_output).
 * `left`: the winner of each left pixel with sub-pixel fraction, unchecked;
 * DISPARITY_INVALID where OpenCV found none, or where ours has no sum of path costs below
 * saturation. `right`: the same for right-image pixels but in whole pixels (measured: the
 * fraction changes no check), value d at x meaning left pixel x + d; values == NULL when
 * the matcher has none.
 */
struct match_output {
    struct disparity_map left;
    struct disparity_map right;
    struct image_view
        uniqueness_margin;  /* min(255, 255 * (second - best) / best): 0 is ambiguous;
                    second best at least 2 px away; pixels NULL: none */
    struct image_view cost; /* min(255, best summed cost a path); pixels NULL: none */
    struct image_view first_pass; /* of a second pass: what the first says of the value
                                     (match/first_pass.h); pixels NULL: none */
    uint64_t evaluations;         /* disparities of pixels that ours summed paths for */
};

/* What is matched, before there is any image. */
struct match_size {
    int width_px;
    int height_px;
    int guide_channels;
    struct disparity_range range;
};

struct match_plan {
    size_t scratch_bytes; /* taken from scratch while matching; outputs not included */
    size_t library_bytes; /* allocated by OpenCV while matching */
    size_t output_bytes;  /* matcher_take_output */
    int strip_rows;       /* rows a strip of `quality` holds; height when whole */
    bool tiled; /* sgm: narrow ranges by tiles, as the budget cannot hold more */
};

struct matcher {
    const char *name; /* "sgm", "opencv" */
    bool has_right;
    /* PO_BAD_ARGUMENT for settings the matcher cannot honour, with the bound.
     * `budget_bytes` (0: none) is what scratch + library may use: the plan picks strips
     * to fit, or fails with PO_MEMORY_LIMIT and both numbers. */
    enum po_status (*plan)(const struct po_match_settings *settings,
                           const struct match_size *size, size_t budget_bytes,
                           struct match_plan *plan, struct po_error *error);
    enum po_status (*run)(const struct po_match_settings *settings,
                          const struct match_plan *plan, const struct match_input *input,
                          struct scratch *scratch, struct match_output *output,
                          struct po_error *error);
};

PO_MUST_CHECK enum po_status
matcher_take_output(const struct matcher *matcher, struct scratch *scratch, int width_px,
                    int height_px, struct match_output *output, struct po_error *error);

#endif
