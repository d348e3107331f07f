/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confidence: how likely a measured pixel is right within one pixel, and the standard
 * deviation of its disparity, from what matching and refinement know of it.
 *
 * Three forests, each with the score of the one before among its features: the first sees
 * a pixel and its neighbours, the second also the surface that stands behind it, weighted
 * by the first; both look at the raw match. The third looks at the finished map, and at
 * how it lies on that surface. Fitted by scripts/train_confidence.py, on some data sets
 * and judged on others.
 */
#ifndef REFINE_CONFIDENCE_H
#define REFINE_CONFIDENCE_H

#include "process_offline/settings.h"
#include "refine/confidence_tables.h"

/* What a program that trains sees: called with each row's features, after a forest's. */
enum confidence_stage { CONFIDENCE_LOCAL, CONFIDENCE_RAW, CONFIDENCE_FINAL };

/* Bit i: the stage knows feature i. */
uint32_t confidence_features(enum confidence_stage stage);

struct confidence_probe {
    const struct confidence_tables *tables; /* NULL: the program's own */
    void (*row)(void *context, enum confidence_stage stage, int y,
                const struct feature_input *input, const struct feature_rows *rows);
    void *context;
};

struct confidence_job {
    struct feature_input input; /* without green, which is made of the guide */
    const struct po_match_settings *settings;
    const struct confidence_probe *probe; /* NULL: none */
    struct scratch *scratch;
};

/* The surface that stays from judging to rating, surface_support_bytes, is not among
 * them. */
size_t confidence_bytes(int width_px, int height_px, int guide_channels);

/* Scores of the raw match, FOREST_SCORE_ZERO where right and wrong are as likely. What
 * `support` holds stays in scratch. */
PO_MUST_CHECK enum po_status confidence_judge(const struct confidence_job *job,
                                              struct image_view *scores,
                                              struct surface_support *support,
                                              struct po_error *error);

/* Confidence 0..255 and sigma in 1/64 px of measured pixels; 0 and 255 of all others.
 * `confidence` comes with the scores of confidence_judge, job->input.support with its
 * surface. */
PO_MUST_CHECK enum po_status confidence_rate(const struct confidence_job *job,
                                             struct image_view *confidence,
                                             struct image_view *sigma,
                                             struct po_error *error);

#endif
