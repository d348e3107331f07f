/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenCV's StereoSGBM as a matcher, in all its four modes.
 *
 * Both images are padded on the left by the largest disparity (and on the right by what
 * the smallest is below zero), so that OpenCV computes every column of the left image:
 * without it the first `largest disparity` columns stay empty. OpenCV cannot be cancelled
 * while it matches; the flag is looked at before and after.
 */
#ifndef STEREO_OPENCV_MATCHER_H
#define STEREO_OPENCV_MATCHER_H

#include "stereo/matcher.h"

extern const struct matcher opencv_matcher;

#endif
