/* SPDX-License-Identifier: Apache-2.0 */
#include "stereo/matchers.h"

#include "stereo/opencv_matcher.h"
#include "stereo/sgm.h"

static const struct matcher *const matchers[] = {
    [PO_MATCHER_SGM] = &sgm_matcher,
    [PO_MATCHER_OPENCV] = &opencv_matcher,
    [PO_MATCHER_NETWORK] = &sgm_matcher, /* stands in where a network fails */
};

const struct matcher *matcher_find(enum po_matcher which)
{
    return matchers[which];
}
