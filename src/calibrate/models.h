/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lens models a calibration may use, from the simplest, and how one is fitted to the
 * views of a board: a start from nothing, a fit that bears gross errors, and rounds that
 * drop what does not fit.
 */
#ifndef CALIBRATE_MODELS_H
#define CALIBRATE_MODELS_H

#include "calibrate/views.h"

struct lens_model {
    const char *name; /* as --distortion takes it */
    const char *title;
    enum distortion_model model;
    int coefficients;
};

enum { LENS_MODELS = 3 };
extern const struct lens_model lens_models[LENS_MODELS];
/* Kalibr's radtan holds 4 coefficients, and it has no rational lens. */
extern const struct lens_model lens_models_of_kalibr[LENS_MODELS];

/* Focal lengths, centres, poses of boards and the pose between the cameras: good enough
 * for the fit. Errors: PO_BAD_CALIBRATION. */
PO_MUST_CHECK enum po_status lens_model_start(const struct lens_model *model,
                                              const struct view_set *views,
                                              struct bundle *bundle,
                                              struct po_error *error);

/* Poses of the boards by the cameras of `bundle`; a view that has none is not used. */
PO_MUST_CHECK enum po_status views_find_poses(struct bundle *bundle, int side,
                                              struct po_error *error);

/*
 * Fits in rounds: what lies too far off the fit by the spread of the rest is dropped
 * (kept, used), until nothing is. The drops are in the bundle's views.
 */
PO_MUST_CHECK enum po_status lens_model_fit(const struct lens_model *model,
                                            const struct view_set *views,
                                            struct bundle *bundle, struct bundle_fit *fit,
                                            struct po_error *error);

#endif
