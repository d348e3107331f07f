/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only OpenCV of the program, behind C. No exception leaves it; cv::Mat headers are
 * put around the caller's memory; OpenCV's threads are off (cv::setNumThreads(0)). Never
 * called in the supervisor.
 */
#ifndef CV_SHIM_CV_SHIM_H
#define CV_SHIM_CV_SHIM_H

#include <stddef.h>
#include <stdint.h>

#include "cv_shim/cv_image.h"
#include "process_offline/settings.h"
#include "process_offline/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cv_sgbm_settings {
    int min_disparity, num_disparities, block_size, p1, p2;
    int disp12_max_diff, pre_filter_cap, uniqueness_ratio, speckle_window, speckle_range;
    enum po_opencv_mode mode;
};

/* Loads the module, whose first call would do it otherwise: before frames rather than
 * within one. */
PO_MUST_CHECK enum po_status cv_shim_init(struct po_error *error);
const char *cv_shim_version(void);

/* StereoSGBM; output int16 sixteenths, (minDisparity - 1) * 16 where invalid. stride in
 * elements. */
PO_MUST_CHECK enum po_status cv_shim_sgbm(const struct cv_sgbm_settings *settings,
                                          const struct cv_image *left,
                                          const struct cv_image *right,
                                          int16_t *disparity, ptrdiff_t stride,
                                          struct po_error *error);

/* Fixed-point remap tables (CV_16SC2 and CV_16UC1 interpolation index) of a camera;
 * model: 0 radial-tangential (initUndistortRectifyMap), 1 fisheye. map_xy: 2*w*h int16,
 * map_fraction: w*h uint16, contiguous. */
PO_MUST_CHECK enum po_status
cv_shim_rectify_maps(const double camera[9], const double *distortion,
                     int distortion_count, int fisheye, const double rotation[9],
                     const double projection[9], int width_px, int height_px,
                     int16_t *map_xy, uint16_t *map_fraction, struct po_error *error);

/* Bilinear remap, black outside the source: what tests hold rectify/remap.h to. */
PO_MUST_CHECK enum po_status cv_shim_remap(const struct cv_image *source, int16_t *map_xy,
                                           uint16_t *map_fraction,
                                           struct cv_image *target,
                                           struct po_error *error);

/* cv::inpaint (Navier-Stokes) of 8-bit values where mask is not 0. */
PO_MUST_CHECK enum po_status cv_shim_inpaint(const struct cv_image *values,
                                             const struct cv_image *mask,
                                             double radius_px, struct cv_image *result,
                                             struct po_error *error);

#ifdef __cplusplus
}
#endif
#endif
