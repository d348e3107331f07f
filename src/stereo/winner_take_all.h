/* SPDX-License-Identifier: Apache-2.0 */
/* From the winners of a row to disparities with fractions, margins and costs. */
#ifndef STEREO_WINNER_TAKE_ALL_H
#define STEREO_WINNER_TAKE_ALL_H

#include "stereo/matcher.h"
#include "stereo/sgm_geometry.h"

/* Writes row `y` of all maps the caller wants; `row` is as forward left it. */
void winners_row(const struct sgm_geometry *geometry, uint8_t steep_rise,
                 const struct sgm_row *row, int y, struct match_output *output);

#endif
