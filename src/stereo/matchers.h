/* SPDX-License-Identifier: Apache-2.0 */
/* The table of matchers. */
#ifndef STEREO_MATCHERS_H
#define STEREO_MATCHERS_H

#include "stereo/matcher.h"

const struct matcher *matcher_find(enum po_matcher which);

#endif
