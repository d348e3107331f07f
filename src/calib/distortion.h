/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lens models between the normalised image plane (x = X/Z) and pixels.
 *
 * Radial-tangential with rational, thin-prism and tilt terms as OpenCV's calib3d
 * documents them; fisheye is the equidistant polynomial (Kannala and Brandt 2006).
 */
#ifndef CALIB_DISTORTION_H
#define CALIB_DISTORTION_H

#include "calib/calibration.h"

/* Where the camera sees the direction (x, y, 1). */
void camera_project(const struct camera_model *camera, double x, double y, double *u_px,
                    double *v_px);
/* The direction of a pixel; false when the model cannot be inverted there. */
bool camera_unproject(const struct camera_model *camera, double u_px, double v_px,
                      double *x, double *y);

#endif
