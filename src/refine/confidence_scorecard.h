/* SPDX-License-Identifier: Apache-2.0 */
/* The fitted numbers behind confidence.c. */
#ifndef REFINE_CONFIDENCE_SCORECARD_H
#define REFINE_CONFIDENCE_SCORECARD_H

#include "refine/confidence.h"

enum {
    SCORECARD_STEPS_MAX = 7,
    SCORECARD_UNIT = 32,
    SCORECARD_SIGMAS = 16,
    SCORECARD_SIGMA_STEP = 16
};

/* Adds steps[i] / SCORECARD_UNIT to the log-odds for each thresholds[i] the feature
 * exceeds.
 */
struct scorecard_feature {
    int count;
    int16_t thresholds[SCORECARD_STEPS_MAX];
    int16_t steps[SCORECARD_STEPS_MAX];
};

struct confidence_scorecard {
    int16_t base;
    struct scorecard_feature features[FEATURE_COUNT];
    /* 68 % of the pixels whose score reaches i * SCORECARD_SIGMA_STEP are off by at most
     * sigmas[i], in 1/64 px; those below 0 count with the first. */
    uint8_t sigmas[SCORECARD_SIGMAS];
};

/* With what a matcher tells of each pixel, and without. */
extern const struct confidence_scorecard confidence_scorecard_sgm;
extern const struct confidence_scorecard confidence_scorecard_plain;

#endif
