/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confidence curve: how many of the surest pixels are wrong, for every share of the image
 * that one may keep (sparsification, Kondermann et al. 2008; on stereo Hu and Mordohai
 * 2012). It separates error from coverage: a map that measures more is not punished for
 * it at the coverage of a map that measures less.
 *
 * Plain values; a sum may be filled in any order.
 */
#ifndef EVALUATE_CONFIDENCE_CURVE_H
#define EVALUATE_CONFIDENCE_CURVE_H

#include <stdbool.h>
#include <stdint.h>

enum { CURVE_COVERAGES = 10, CURVE_LEVELS = 256 };

struct confidence_curve {
    bool present;
    double
        bad2[CURVE_COVERAGES]; /* percent wrong among the surest 10, 20 ... 100 % of all
                                  pixels with ground truth; NAN above the density */
    double area; /* mean of that percentage over all coverages up to the density */
};

/* Pixels with ground truth, and of each confidence the measured and the wrong ones. */
struct curve_sum {
    uint64_t pixels;
    uint64_t measured[CURVE_LEVELS];
    uint64_t wrong[CURVE_LEVELS];
};

/* Pixels of one confidence count as wrong in their mean share. */
struct confidence_curve confidence_curve_make(const struct curve_sum *sum);

/* The curve's mean up to this share of all pixels, so that maps of unlike density
 * compare; NAN where less is measured. */
double confidence_curve_area_to(const struct curve_sum *sum, double coverage);

#endif
