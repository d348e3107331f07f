/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simplest lens model that the views support: each is fitted, and a richer one must
 * predict views it has not seen clearly better, without losing the focal length to its
 * coefficients. Ownership: model_choice_release.
 */
#ifndef CALIBRATE_CHOOSE_MODEL_H
#define CALIBRATE_CHOOSE_MODEL_H

#include "calibrate/held_out.h"

struct model_trial {
    const struct lens_model *model; /* NULL: not tried */
    enum po_status status;
    struct po_error error; /* why it could not be fitted */
    struct bundle bundle;
    struct bundle_fit fit;
    struct held_out held;
};

struct model_choice {
    int chosen; /* index into trials */
    struct model_trial trials[LENS_MODELS];
};

/* `wanted` as --distortion says: PO_DISTORTION_AUTO tries all of `models`; one without a
 * title is not to be had. */
PO_MUST_CHECK enum po_status model_choice_make(const struct view_set *views,
                                               const struct lens_model *models,
                                               enum po_distortion wanted,
                                               struct model_choice *choice,
                                               struct po_error *error);
void model_choice_release(struct model_choice *choice);

/* Standard deviation of fx of the left camera, as a share of it. */
double focal_uncertainty(const struct bundle *bundle, const struct bundle_fit *fit);

#endif
