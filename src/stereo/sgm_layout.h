/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that give the kernels where positions, winners and their neighbours lie. */
#ifndef STEREO_SGM_LAYOUT_H
#define STEREO_SGM_LAYOUT_H

#include "stereo/sgm_workspace.h"

/* Fills right_offsets, padding, winner_slots, hidden and excluded_offsets. */
void layout_begin(const struct sgm_geometry *geometry, struct sgm_workspace *workspace);

#endif
