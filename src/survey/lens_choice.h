/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lens choice: which of two models the four coefficients of a calibration are of that
 * does not say it, by how far rows of the images are apart after rectification with each.
 */
#ifndef SURVEY_LENS_CHOICE_H
#define SURVEY_LENS_CHOICE_H

#include "survey/session_survey.h"

/*
 * Tries both on a few frames for every calibration of `manifest` that is in doubt, and
 * leaves the better one in it; what was taken and why is a warning. *changed: one is
 * another than before, so that what was chosen by its rig must be chosen again.
 */
PO_MUST_CHECK enum po_status lens_choose(const struct session_survey *survey,
                                         struct manifest *manifest, bool *changed,
                                         struct po_error *error);

/* Takes what is kept in `values`, and says so where it was said before. True when a lens
 * is another than before. */
bool lens_take_kept(const struct session_values *values, struct manifest *manifest,
                    struct warning_list *warnings);

/* Whether there is anything to try. */
bool lens_is_open(const struct manifest *manifest);

#endif
