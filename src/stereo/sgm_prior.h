/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The penalty of a prior: a pixel's cost rises by how far a disparity is from what an
 * earlier pass says, less one pixel, at most PRIOR_PENALTY_MAX.
 *
 * The rise depends on d - prior alone but for the prior's fraction, which is below, at or
 * above a half: three shapes, and a fourth of zeros for pixels without a trusted prior,
 * laid out once in phases like the right image's features.
 */
#ifndef STEREO_SGM_PRIOR_H
#define STEREO_SGM_PRIOR_H

#include "stereo/matcher.h"
#include "stereo/sgm_workspace.h"

/* Lays out the shapes. */
void prior_begin(const struct sgm_geometry *geometry, struct sgm_workspace *workspace);

/* Fills prior_penalty_starts for image row `y`; input->prior is there. */
void prior_row(const struct sgm_geometry *geometry, const struct match_input *input,
               int y, struct sgm_workspace *workspace);

#endif
