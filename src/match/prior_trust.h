/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prior trust: where the second pass may follow the first.
 *
 * Where nearly nothing was measured a dense prior is made of guesses, and a pass that
 * follows them would find them confirmed: noise would come out as a measured surface.
 * Plain views of one size, the caller's.
 */
#ifndef MATCH_PRIOR_TRUST_H
#define MATCH_PRIOR_TRUST_H

#include "image/image_view.h"

/* 255 where enough of the surroundings is measured in `classes` (enum pixel_class), else
 * 0. */
void prior_trust_make(const struct image_view *classes, struct image_view *trust);

#endif
