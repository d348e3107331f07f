/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network match: from two rectified views to a raw match by a network of the user's, for
 * the checks and the refinement that stand behind any matcher.
 *
 * The right view's map comes from a second run on the mirrored pair (network_use.check),
 * or from the left one seen from the right: the nearer of two surfaces hides the other,
 * which finds occlusions but cannot contradict the network.
 *
 * Invariant: plan and use agree to the byte; everything but the maps is given back.
 */
#ifndef MATCH_NETWORK_MATCH_H
#define MATCH_NETWORK_MATCH_H

#include "base/cancel.h"
#include "image/image_view.h"
#include "neural/network_evaluate.h"
#include "neural/network_use.h"
#include "stereo/matcher.h"

/* Disparities in pixels; right.values == NULL: not asked for. */
struct network_maps {
    struct network_map left;
    struct network_map right;
};

size_t network_maps_bytes(const struct network_use *use, int width_px, int height_px);
PO_MUST_CHECK enum po_status network_maps_take(const struct network_use *use,
                                               struct scratch *scratch, int width_px,
                                               int height_px, struct network_maps *maps,
                                               struct po_error *error);

/* Two views of one size, grey or RGB. */
struct network_pair {
    const struct image_view *left;
    const struct image_view *right;
    const struct cancel *cancel;
};

/* Scratch of network_maps_evaluate for views of at most `channels` channels. */
size_t network_match_bytes(const struct network_use *use, int width_px, int height_px,
                           int channels);
/* Errors as network_evaluate. */
PO_MUST_CHECK enum po_status
network_maps_evaluate(const struct network_use *use, const struct network_pair *pair,
                      struct scratch *scratch, struct network_maps *maps,
                      struct network_findings *findings, struct po_error *error);

/*
 * Fills both maps of `output` (taken, of the rows from `first_row` on) with what lies in
 * `range`; a network knows no second-best match, so margin and cost become absent.
 */
void network_match_fill(const struct network_maps *maps, int first_row,
                        const struct disparity_range *range, struct match_output *output);

#endif
