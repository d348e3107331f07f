/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the images of a folder that no layout knows are pairs of halves: a few of them
 * are surveyed in a child, before there is a session.
 */
#ifndef SURVEY_HALVES_SURVEY_H
#define SURVEY_HALVES_SURVEY_H

#include "check/halves_check.h"
#include "process/engine.h"

enum { HALVES_SAMPLES = 3 };

struct halves_survey {
    int known; /* images that could be surveyed */
    int pairs; /* of these, those of two halves */
    struct halves_check first_pair;
};

/* `paths` of at most HALVES_SAMPLES images. What goes wrong with one of them leaves it
 * out. */
PO_MUST_CHECK enum po_status halves_survey_run(const struct engine_settings *settings,
                                               const char *const *paths, int count,
                                               struct halves_survey *survey,
                                               struct po_error *error);

#endif
