/* SPDX-License-Identifier: Apache-2.0 */
/* The sweeps over one window of a pair, row by row: from features to winners. */
#ifndef STEREO_SGM_SWEEP_H
#define STEREO_SGM_SWEEP_H

#include "stereo/matcher.h"
#include "stereo/sgm_geometry.h"

/* Takes sgm_workspace_bytes(geometry) of scratch and gives it back. The maps of `output`
 * have the window's size; `input` is the whole pair, `range` of it aside: the geometry's
 * counts. */
PO_MUST_CHECK enum po_status
sgm_sweep(const struct po_match_settings *settings, const struct sgm_geometry *geometry,
          const struct match_input *input, struct scratch *scratch,
          struct match_output *output, struct po_error *error);

#endif
