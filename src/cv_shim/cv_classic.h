/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain OpenCV calls of the usual stereo recipe, for the benchmark that compares with
 * it. Nothing on a frame's path calls these: the bytes of OpenCV's float filters change
 * with the CPU.
 */
#ifndef CV_SHIM_CV_CLASSIC_H
#define CV_SHIM_CV_CLASSIC_H

#include "cv_shim/cv_shim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Pixels of disparity, or anything else with a float a pixel; contiguous. */
struct cv_plane {
    int width_px, height_px;
    float *values;
};

/* disparity.convertTo(CV_32F, 1/16). stride in elements. */
PO_MUST_CHECK enum po_status cv_classic_to_float(const int16_t *sixteenths,
                                                 ptrdiff_t stride,
                                                 struct cv_plane *disparity,
                                                 struct po_error *error);

PO_MUST_CHECK enum po_status cv_classic_bilateral(const struct cv_plane *source,
                                                  int diameter_px, double sigma_color,
                                                  double sigma_space_px,
                                                  struct cv_plane *target,
                                                  struct po_error *error);

/* Scales the range to 8 bit, inpaints (Navier-Stokes) what lies below `min_px`, scales
 * back. */
PO_MUST_CHECK enum po_status cv_classic_inpaint(struct cv_plane *disparity, double min_px,
                                                double max_px, double radius_px,
                                                struct po_error *error);

/* cv::reprojectImageTo3D; `xyz` holds three floats a pixel. `q` is 4x4, row-major. */
PO_MUST_CHECK enum po_status cv_classic_reproject(const struct cv_plane *disparity,
                                                  const double q[16], float *xyz,
                                                  struct po_error *error);

/* cv::resize, bilinear. */
PO_MUST_CHECK enum po_status cv_classic_resize(const struct cv_image *source,
                                               struct cv_image *target,
                                               struct po_error *error);

#ifdef __cplusplus
}
#endif
#endif
