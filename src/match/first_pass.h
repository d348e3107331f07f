/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the first of two passes says of the values of the second, as a feature of
 * confidence. A second pass follows its prior, so that it agrees is no evidence; what the
 * first pass knew of the value before there was a prior is.
 *
 * One byte a pixel: above FIRST_PASS_FILLED where the first pass measured the same value,
 * more the surer it was; below where it measured another, less the surer it was;
 * FIRST_PASS_FILLED where it measured nothing, or where there is no first pass.
 *
 * Ownership: the view lies in scratch until the caller rewinds it.
 */
#ifndef MATCH_FIRST_PASS_H
#define MATCH_FIRST_PASS_H

#include "base/scratch.h"
#include "image/image_view.h"
#include "stereo/disparity_map.h"

enum { FIRST_PASS_FILLED = 96 };

/* Says FIRST_PASS_FILLED of all pixels. */
PO_MUST_CHECK enum po_status first_pass_take(struct scratch *scratch, int width_px,
                                             int height_px, struct image_view *says,
                                             struct po_error *error);

/* `confidence` is 0 where `first` was not measured. */
void first_pass_compare(const struct disparity_map *first,
                        const struct image_view *confidence,
                        const struct disparity_map *second, struct image_view *says);

#endif
