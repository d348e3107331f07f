/* SPDX-License-Identifier: Apache-2.0 */
/* The fitted numbers behind confidence.c. */
#ifndef REFINE_CONFIDENCE_CARD_H
#define REFINE_CONFIDENCE_CARD_H

#include "refine/confidence.h"

enum { CARD_STEPS_MAX = 7, CARD_UNIT = 32, CARD_SIGMAS = 16, CARD_SIGMA_STEP = 16 };

/* Adds steps[i] / CARD_UNIT to the log-odds for each thresholds[i] the feature exceeds.
 */
struct card_feature {
    int count;
    int16_t thresholds[CARD_STEPS_MAX];
    int16_t steps[CARD_STEPS_MAX];
};

struct confidence_card {
    int16_t base;
    struct card_feature features[FEATURE_COUNT];
    /* 68 % of the pixels whose score reaches i * CARD_SIGMA_STEP are off by at most
     * sigmas[i], in 1/64 px; those below 0 count with the first. */
    uint8_t sigmas[CARD_SIGMAS];
};

/* With what a matcher tells of each pixel, and without. */
extern const struct confidence_card confidence_card_sgm;
extern const struct confidence_card confidence_card_plain;

#endif
