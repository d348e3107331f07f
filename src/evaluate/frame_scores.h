/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scores of a frame against ground truth, and their means over frames: the values alone.
 * score.h makes them, records hold them, reports compare them.
 *
 * Plain values. In a sum, what no frame has is absent.
 */
#ifndef EVALUATE_FRAME_SCORES_H
#define EVALUATE_FRAME_SCORES_H

#include <stdbool.h>
#include <stdint.h>

#include "evaluate/confidence_curve.h"

struct score {
    bool present;
    double bad05, bad1, bad2, bad3, bad4; /* percent of pixels with ground truth */
    double mae;                           /* pixels */
    double density;    /* percent of pixels with ground truth that have a value */
    double bad2_valid; /* percent of pixels that have both */
    uint64_t pixels;
};

struct frame_scores {
    bool present;                         /* there was ground truth */
    struct score dense_all, dense_nonocc; /* measured and filled pixels */
    struct score dense_in_view;           /* whose true match the right image holds */
    struct score measured_all, measured_nonocc; /* measured pixels alone */
    struct confidence_curve curve;
};

/* The scores of a frame by number, for all loops over them. */
enum { SCORE_GROUPS = 5 };
const char *score_group_name(int group); /* "dense_all", ... */
struct score *score_group(struct frame_scores *scores, int group);
const struct score *score_group_const(const struct frame_scores *scores, int group);

/* Sums of one score, and the mean of so many. */
void score_add(struct score *sum, const struct score *score);
void score_divide(struct score *sum, int count);

/* Starts zeroed. */
struct frame_scores_sum {
    struct frame_scores sums;
    int frames[SCORE_GROUPS]; /* that have the score */
    int curve_frames;
};

void frame_scores_add(struct frame_scores_sum *sum, const struct frame_scores *scores);

/* Each frame that has a score counts alike; pixels add up. */
struct frame_scores frame_scores_mean(const struct frame_scores_sum *sum);

#endif
