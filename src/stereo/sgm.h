/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Semi-global matching (Hirschmueller 2008) on census and gradient costs, with 8-bit path
 * costs and 8-bit saturating sums.
 *
 * `fast` and `balanced` go once through the image, top to bottom, with three paths:
 * rightward, leftward, downward. `quality` adds the upward path: a first sweep from the
 * bottom keeps the upward state at the top of every block of rows; then, block by block,
 * a second from the bottom keeps the block's costs and the means of its upward and
 * leftward paths, and the main sweep adds the other two. So the whole is exact in any
 * memory, a cost is made twice, and no cost volume exists.
 *
 * A pixel all of whose sums are saturated gets DISPARITY_INVALID. The same inputs and
 * settings give the same bytes at every CPU level.
 */
#ifndef STEREO_SGM_H
#define STEREO_SGM_H

#include "stereo/matcher.h"

extern const struct matcher sgm_matcher;

#endif
