/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scores of a disparity map against ground truth, as the Middlebury evaluation counts
 * them: percent of pixels with ground truth whose error exceeds a bound, invalid pixels
 * counted as bad; mae over pixels that have both.
 */
#ifndef EVALUATE_SCORE_H
#define EVALUATE_SCORE_H

#include <stdbool.h>

#include "image/image_view.h"
#include "process_offline/status.h"
#include "stereo/disparity_map.h"

struct score {
    bool present;
    double bad05, bad1, bad2, bad4; /* percent of pixels with ground truth */
    double mae;                     /* pixels */
    double density;    /* percent of pixels with ground truth that have a value */
    double bad2_valid; /* percent of pixels that have both */
    uint64_t pixels;
};

struct frame_scores {
    struct score dense_all, dense_nonocc;       /* measured and filled pixels */
    struct score measured_all, measured_nonocc; /* measured pixels alone */
};

/*
 * Reads the ground truth (PFM, 16-bit or scaled 8-bit PNG: value / scale) and the mask
 * (255: visible in both; NULL: no nonocc scores), which must have the map's size. A pixel
 * is measured when its class says so; without classes (pixels NULL) all values are. A
 * score is present when at least one pixel has ground truth.
 */
PO_MUST_CHECK enum po_status
score_frame(const struct disparity_map *map, const struct image_view *classes,
            const char *ground_truth_path, const char *mask_path, double scale,
            struct frame_scores *scores, struct po_error *error);

/* Mean over the frames that have the score, each with the same weight; pixels add up. */
struct frame_scores score_mean(const struct frame_scores *scores, int count);

#endif
