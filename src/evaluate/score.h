/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scores of a disparity map against ground truth, as the Middlebury evaluation counts
 * them: percent of pixels with ground truth whose error exceeds a bound, invalid pixels
 * counted as bad; mae over pixels that have both.
 */
#ifndef EVALUATE_SCORE_H
#define EVALUATE_SCORE_H

#include "evaluate/frame_scores.h"
#include "image/image_view.h"
#include "process_offline/status.h"
#include "stereo/disparity_map.h"

/* What is scored, of one size. A pixel is measured when its class says so; without
 * classes (NULL or without pixels) all values are. Without confidence there is no curve.
 */
struct score_views {
    const struct disparity_map *map;
    const struct image_view *classes;
    const struct image_view *confidence;
};

struct truth_files {
    const char *truth; /* PFM, 16-bit or scaled 8-bit PNG: value / scale */
    const char *mask;  /* 255: visible in both; NULL: no nonocc scores */
    double scale;
};

/* The files must have the map's size. A score is present when at least one pixel has
 * ground truth. */
PO_MUST_CHECK enum po_status score_frame(const struct score_views *views,
                                         const struct truth_files *files,
                                         struct frame_scores *scores,
                                         struct po_error *error);

/* Ground truth and mask: width * height floats, NAN where there is nothing. */
struct ground_truth {
    int width_px;
    int height_px;
    float *disparities;
    float *mask; /* NULL: none */
};

/* One score on its way: errors summed, bounds exceeded counted. */
struct score_sum {
    struct score sums;
    uint64_t valid;
};

/* The scores of a map that comes in strips. Owns the ground truth; release accepts what
 * is zeroed. */
struct score_totals {
    struct ground_truth truth;
    struct score_sum dense_all, dense_nonocc, dense_in_view;
    struct score_sum measured_all, measured_nonocc;
    struct curve_sum curve;
};

/* Rows first_y .. end_y - 1 of the views, whose row 0 is row `top_y` of the whole. */
struct score_rows {
    int top_y, first_y, end_y;
};

/* As score_frame, for a map of this size. */
PO_MUST_CHECK enum po_status score_totals_begin(struct score_totals *totals, int width_px,
                                                int height_px,
                                                const struct truth_files *files,
                                                struct po_error *error);
void score_totals_add(struct score_totals *totals, const struct score_views *views,
                      const struct score_rows *rows);
struct frame_scores score_totals_end(const struct score_totals *totals);
void score_totals_release(struct score_totals *totals);

#endif
