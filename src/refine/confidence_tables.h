/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fitted numbers behind confidence.c, one set for each kind of match. Written by
 * scripts/train_confidence.py; the generated file asserts the order of the features it
 * was fitted to.
 */
#ifndef REFINE_CONFIDENCE_TABLES_H
#define REFINE_CONFIDENCE_TABLES_H

#include "refine/confidence_features.h"
#include "stereo/byte_forest.h"

enum { CONFIDENCE_SIGMAS = 256 / FOREST_SCORE_UNIT };

struct confidence_tables {
    struct byte_forest local; /* of the features of a pixel and its neighbours */
    struct byte_forest raw;   /* and of the surface behind it: what is dropped */
    struct byte_forest final; /* of the finished map */
    uint8_t curve[256];       /* confidence by final score, never falling */
    /* 68 % of the pixels whose final score reaches i * FOREST_SCORE_UNIT are off by at
     * most sigmas[i], in 1/64 px. */
    uint8_t sigmas[CONFIDENCE_SIGMAS];
};

extern const struct confidence_tables confidence_tables_fast;
extern const struct confidence_tables confidence_tables_balanced;
extern const struct confidence_tables confidence_tables_quality;
extern const struct confidence_tables confidence_tables_plain; /* of a bare map */

#endif
