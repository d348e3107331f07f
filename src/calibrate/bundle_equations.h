/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fit's normal equations, for bundle_fit.c alone:
 *
 *     | A  B | | shared |   | g |       A: cameras and the pose between them
 *     | B' C | | views  | = | h |       C: one 6x6 block a view
 *
 * reduced to S = A - sum B C^-1 B', which is also the information that the data hold on
 * the shared parameters. Rotations are updated from the left: R <- exp(w) R.
 *
 * Invariant: of A, C and S only the lower triangles are filled; rows of parameters that
 * are not free are zero in A and B and those of the unit matrix in S. Ownership: the
 * caller's, `views` too, one a view of the bundle.
 */
#ifndef CALIBRATE_BUNDLE_EQUATIONS_H
#define CALIBRATE_BUNDLE_EQUATIONS_H

#include "calibrate/bundle.h"

enum { BUNDLE_POSE_AT = 2 * BUNDLE_CAMERA };

/* Of one view. */
struct bundle_view_block {
    double coupling[BUNDLE_SHARED * BUNDLE_POSE]; /* B */
    double own[BUNDLE_POSE * BUNDLE_POSE];
    double gradient[BUNDLE_POSE];
    double factor[BUNDLE_POSE * BUNDLE_POSE];
};

struct bundle_equations {
    bool free[BUNDLE_SHARED];
    double shared[BUNDLE_SHARED * BUNDLE_SHARED];
    double gradient[BUNDLE_SHARED];
    double cost; /* robust, when weights are */
    double squares;
    int residuals;
    int behind; /* corners that no camera can see */
    struct bundle_view_block *views;
};

/* Which parameters move. */
void bundle_equations_free(const struct bundle *bundle,
                           struct bundle_equations *equations);
/* At the bundle's present values; weights as bundle_fit_make has them. */
void bundle_equations_make(const struct bundle *bundle, double cauchy_px,
                           struct bundle_equations *equations);
/* A camera that takes part saw the board of this view. */
bool bundle_view_is_present(const struct bundle *bundle, int view);
/* Free parameters, shared ones and poses of boards. */
int bundle_equations_unknowns(const struct bundle *bundle,
                              const struct bundle_equations *equations);

/* S and its right side, the diagonal times 1 + damping; the views' factors are kept for
 * the way back. False when a view does not determine its pose. */
bool bundle_equations_reduce(const struct bundle *bundle,
                             struct bundle_equations *equations, double damping,
                             double matrix[BUNDLE_SHARED * BUNDLE_SHARED],
                             double vector[BUNDLE_SHARED]);
/* Cholesky factor of S scaled to a diagonal of ones; false when S is not positive. */
bool bundle_factor_scaled(double matrix[BUNDLE_SHARED * BUNDLE_SHARED],
                          double scale[BUNDLE_SHARED]);
/* fit->covariance, from fit->sigma_px and the equations at the minimum, and the
 * correlation of f with the boards' distance. */
bool bundle_covariance_make(const struct bundle *bundle,
                            struct bundle_equations *equations, struct bundle_fit *fit);

#endif
