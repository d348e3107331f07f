/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The size that an image's head states, read in a child: a file whose read never returns
 * costs its frame, not the session. Without an answer within `limit_s` it is not known.
 */
#ifndef CHECK_SIZE_APART_H
#define CHECK_SIZE_APART_H

#include "image/image_size.h"

struct size_peek size_apart(double limit_s);

#endif
