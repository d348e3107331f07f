/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Depth prior: a map of inverse depth without scale, from a network that sees one image
 * or from a file, as a second opinion where nothing is measured.
 *
 * It is aligned to what is measured first (scale, shift and a low-order field where
 * pixels held out say that it pays), refused where it does not fit, then corrected by the
 * residuals around each hole. It is guessed, not measured: the pixels it fills have a
 * class of their own, and measured ones stay as they are.
 *
 * Invariant: everything after the fit is integer arithmetic in sixteenths of a pixel, and
 * the fit is scalar double arithmetic in one order, so that all machines give one result.
 */
#ifndef REFINE_DEPTH_PRIOR_H
#define REFINE_DEPTH_PRIOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/scratch.h"
#include "image/image_view.h"
#include "process_offline/status.h"
#include "stereo/disparity_map.h"

enum { PRIOR_ORDERS = 4 };

/* How a prior lies on what is measured. */
struct prior_fit {
    bool accepted;
    int order; /* of the field: 0 scale and shift, 1 a plane more, 2 a scale that changes
                  over the image, 3 a surface of second degree */
    int samples;         /* measured pixels it was fitted to */
    double inlier_share; /* of the pixels held out: within 1.5 px */
    double residual_px;  /* mean of theirs, each counted as at most 4 px */
    const char *refusal; /* why it was not accepted; static text; NULL: it was */
};

/* A prior for a refinement, and what became of it. */
struct depth_prior {
    const float *values; /* of the size of the map, rows without padding, NaN: none */
    struct prior_fit fit;
    uint64_t filled; /* of the rows that are counted */
};

/* The final map of a refinement with what is known of its pixels; the prior's values have
 * its size, rows without padding, NaN where there is none. */
struct prior_target {
    struct disparity_map *map;
    struct image_view *classes;
    struct image_view *confidence;
    const float *prior;
    struct disparity_range range;
};

/* The prior in sixteenths of a pixel of disparity, DISPARITY_INVALID where it has no
 * value; filled where the fit was accepted. */
size_t depth_prior_align_bytes(void);
PO_MUST_CHECK enum po_status depth_prior_align(const struct prior_target *target,
                                               struct scratch *scratch,
                                               struct prior_fit *fit,
                                               struct disparity_map *aligned,
                                               struct po_error *error);

/* Fills holes of `target` that hold a value of a plain fill, where the measured surface
 * around says how the prior is off and the plain fill disagrees clearly; counts those in
 * rows first_row .. end_row - 1. */
size_t depth_prior_fill_bytes(int width_px, int height_px);
PO_MUST_CHECK enum po_status
depth_prior_fill(const struct prior_target *target, const struct prior_fit *fit,
                 const struct disparity_map *aligned, int first_row, int end_row,
                 struct scratch *scratch, uint64_t *filled, struct po_error *error);

#endif
