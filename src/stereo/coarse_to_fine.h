/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matching in tiles, each with its own narrow range of disparities, for pairs whose whole
 * width times range does not fit the memory there is.
 *
 * A match of the pair at a half or a fourth of its size (or the prior, where there is
 * one) says which disparities occur in a tile. Tiles overlap so that paths settle before
 * the pixels that are kept, and see the image beyond their edges. Costs little memory and
 * far fewer evaluations; loses what the small match does not see, and paths across tiles.
 * The right view is what the left winners say: the cheapest left pixel that claims a
 * right one.
 */
#ifndef STEREO_COARSE_TO_FINE_H
#define STEREO_COARSE_TO_FINE_H

#include "stereo/matcher.h"
#include "stereo/sgm_geometry.h"

size_t coarse_to_fine_bytes(const struct sgm_geometry *whole);

PO_MUST_CHECK enum po_status
coarse_to_fine(const struct po_match_settings *settings, const struct sgm_geometry *whole,
               const struct match_input *input, struct scratch *scratch,
               struct match_output *output, struct po_error *error);

#endif
