/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How unsure a depth is: one standard deviation, from that of the disparity.
 *
 * The match knows its own noise (refine's sigma plane); what the rectification leaves
 * between the two images it cannot see, and that adds to every pixel. Filled pixels have
 * no noise of their own and get the error such guesses usually have.
 *
 * sigma_Z / Z = sigma_d / (d + doffs): from Z = f B / (d + doffs).
 */
#ifndef CLOUD_DEPTH_SIGMA_H
#define CLOUD_DEPTH_SIGMA_H

#include "cloud/cloud.h"

enum { SIGMA_CODES = 256 };

/* Of a disparity, in pixels of the matched image. `code` is refine's, in 1/64 px. */
double depth_sigma_px(int code, bool measured);

/* The smallest disparity, in sixteenths, whose depth is sure to `percent`. */
int depth_sigma_least(double sigma_px, double percent, double doffs_px);

#endif
