/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confidence: how likely a measured pixel is right within one pixel, and the standard
 * deviation of its disparity, from what matching and refinement know of it.
 *
 * A scorecard adds whole-number log-odds for what each of a few features exceeds; a
 * logistic curve turns the sum into a probability. The numbers were fitted on some data
 * sets and checked on others: tests/bench/fit_confidence.py.
 */
#ifndef REFINE_CONFIDENCE_H
#define REFINE_CONFIDENCE_H

#include "base/scratch.h"
#include "image/image_view.h"
#include "refine/confidence_scorecard.h"
#include "stereo/matcher.h"

struct confidence_input {
    const struct disparity_map *map;  /* final, dense */
    const struct disparity_map *work; /* before the last median */
    const struct image_view *classes;
    const struct match_output *match; /* margin, cost and right may be absent */
    const struct image_view *guide;
};

/* Working rows; features[i][x] holds feature i of the row last asked for. */
struct confidence_rows {
    int width_px;
    int16_t *features[FEATURE_COUNT];
    int16_t *scores;
    uint8_t *counts; /* measured pixels of each column within four rows */
    int16_t *low, *high;
    uint8_t *steps;
};

size_t confidence_bytes(int width_px);
PO_MUST_CHECK enum po_status confidence_rows_take(struct scratch *scratch, int width_px,
                                                  struct confidence_rows *rows,
                                                  struct po_error *error);

/* The features of row y. */
void confidence_measure(const struct confidence_input *input, int y,
                        struct confidence_rows *rows);

/* Confidence 0..255 and sigma in 1/64 px of measured pixels; 0 and 255 of all others. */
PO_MUST_CHECK enum po_status confidence_rate(const struct confidence_input *input,
                                             struct scratch *scratch,
                                             struct image_view *confidence,
                                             struct image_view *sigma,
                                             struct po_error *error);

#endif
