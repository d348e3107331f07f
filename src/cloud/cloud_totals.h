/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Totals: what the strips of one image add up to, so that a cloud's extent and its
 * filters' losses are those of the whole image however many strips it had.
 *
 * Plain values; large, so they lie in scratch.
 */
#ifndef CLOUD_CLOUD_TOTALS_H
#define CLOUD_CLOUD_TOTALS_H

#include <stdint.h>

enum { CLOUD_FILTER_MAX = 12, CLOUD_DISPARITY_VALUES = 65536, CLOUD_LENGTH_BINS = 65536 };

/* What the strips of one image add up to; cloud_totals_init before the first. */
struct cloud_totals {
    uint64_t candidates;
    uint64_t points;
    uint64_t behind; /* candidates without a positive depth, of strips without a point */
    struct {
        uint64_t before;
        uint64_t after;
    } filters[CLOUD_FILTER_MAX];
    double min_mm[3];
    double max_mm[3];
    double sum_mm[3];
    uint32_t histogram[CLOUD_DISPARITY_VALUES]; /* of the points' disparities */
    uint32_t sigma_codes[256];                  /* of measured points */
    uint32_t aside[2][CLOUD_LENGTH_BINS];       /* of x and y, see length_histogram.h */
};

void cloud_totals_init(struct cloud_totals *totals);

#endif
