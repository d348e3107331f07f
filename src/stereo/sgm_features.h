/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What costs are made of: the census of 32 neighbours (Zabih and Woodfill 1994) and the
 * horizontal gradient of both images, row by row.
 *
 * Rings of nine image rows stand behind the features of the current row, so rows may be
 * asked for in either direction at the cost of one new image row each.
 */
#ifndef STEREO_SGM_FEATURES_H
#define STEREO_SGM_FEATURES_H

#include "stereo/matcher.h"
#include "stereo/sgm_workspace.h"

/* Empties the rings. */
void features_begin(const struct sgm_geometry *geometry, struct sgm_workspace *workspace);

/* Fills left_census, left_gradient and right for image row `y`. */
void features_row(const struct sgm_geometry *geometry, const struct match_input *input,
                  int y, struct sgm_workspace *workspace);

#endif
