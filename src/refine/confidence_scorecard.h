/* SPDX-License-Identifier: Apache-2.0 */
/* The fitted numbers behind confidence.c. */
#ifndef REFINE_CONFIDENCE_SCORECARD_H
#define REFINE_CONFIDENCE_SCORECARD_H

#include <stdint.h>

enum confidence_feature {
    FEATURE_UNIQUENESS_MARGIN, /* match_output.margin */
    FEATURE_COST,              /* match_output.cost */
    FEATURE_DIFFERENCE,        /* of left and right match, sixteenths; 255: none */
    FEATURE_SPAN,              /* largest minus smallest of 3x3 in the final map */
    FEATURE_MEASURED,          /* measured pixels among 9x9 */
    FEATURE_SMOOTHED,          /* what the medians changed, sixteenths */
    FEATURE_TEXTURE,           /* largest horizontal step of the guide within 2 px */
    FEATURE_COUNT,
};

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
