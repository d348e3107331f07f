/* SPDX-License-Identifier: Apache-2.0 */
#include "cv_shim/cv_classic.h"

#include <opencv2/calib3d.hpp>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>

#include "cv_shim/cv_guard.hpp"

namespace
{

cv::Mat wrap_plane(const struct cv_plane *plane)
{
    return cv::Mat(plane->height_px, plane->width_px, CV_32FC1, plane->values);
}

} // namespace

enum po_status cv_classic_to_float(const int16_t *sixteenths, ptrdiff_t stride,
                                   struct cv_plane *disparity, struct po_error *error)
{
    return cv_guard::run("convertTo", error, [&] {
        cv::Mat source(disparity->height_px, disparity->width_px, CV_16S,
                       const_cast<int16_t *>(sixteenths),
                       static_cast<size_t>(stride) * sizeof(int16_t));
        cv::Mat target = wrap_plane(disparity);
        source.convertTo(target, CV_32F, 1.0 / 16.0);
        cv_guard::require_in_place(target, disparity->values);
    });
}

enum po_status cv_classic_bilateral(const struct cv_plane *source, int diameter_px,
                                    double sigma_color, double sigma_space_px,
                                    struct cv_plane *target, struct po_error *error)
{
    return cv_guard::run("bilateralFilter", error, [&] {
        cv::Mat result = wrap_plane(target);
        cv::bilateralFilter(wrap_plane(source), result, diameter_px, sigma_color,
                            sigma_space_px);
        cv_guard::require_in_place(result, target->values);
    });
}

enum po_status cv_classic_inpaint(struct cv_plane *disparity, double min_px,
                                  double max_px, double radius_px, struct po_error *error)
{
    return cv_guard::run("inpaint", error, [&] {
        cv::Mat values = wrap_plane(disparity);
        const double scale = 255.0 / (max_px - min_px);
        cv::Mat bytes;
        cv::Mat filled;
        cv::Mat holes = values < min_px;
        values.convertTo(bytes, CV_8U, scale, -min_px * scale);
        cv::inpaint(bytes, holes, filled, radius_px, cv::INPAINT_NS);
        cv::Mat restored;
        filled.convertTo(restored, CV_32F, 1.0 / scale, min_px);
        restored.copyTo(values, holes);
    });
}

enum po_status cv_classic_reproject(const struct cv_plane *disparity, const double q[16],
                                    float *xyz, struct po_error *error)
{
    return cv_guard::run("reprojectImageTo3D", error, [&] {
        cv::Mat matrix(4, 4, CV_64F, const_cast<double *>(q));
        cv::Mat points(disparity->height_px, disparity->width_px, CV_32FC3, xyz);
        cv::reprojectImageTo3D(wrap_plane(disparity), points, matrix, false, CV_32F);
        cv_guard::require_in_place(points, xyz);
    });
}

enum po_status cv_classic_resize(const struct cv_image *source, struct cv_image *target,
                                 struct po_error *error)
{
    return cv_guard::run("resize", error, [&] {
        cv::Mat result = cv_guard::wrap(target);
        cv::resize(cv_guard::wrap(source), result, result.size(), 0.0, 0.0,
                   cv::INTER_LINEAR);
        cv_guard::require_in_place(result, target->pixels);
    });
}
