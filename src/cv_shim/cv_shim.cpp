/* SPDX-License-Identifier: Apache-2.0 */
#include "cv_shim/cv_shim.h"

#include <opencv2/calib3d.hpp>
#include <opencv2/core.hpp>
#include <opencv2/core/version.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>

#include "cv_shim/cv_guard.hpp"

namespace
{

int sgbm_mode(enum po_opencv_mode mode)
{
    switch (mode) {
    case PO_OPENCV_SGBM:
        return cv::StereoSGBM::MODE_SGBM;
    case PO_OPENCV_3WAY:
        return cv::StereoSGBM::MODE_SGBM_3WAY;
    case PO_OPENCV_HH:
        return cv::StereoSGBM::MODE_HH;
    case PO_OPENCV_HH4:
        return cv::StereoSGBM::MODE_HH4;
    }
    CV_Error(cv::Error::StsBadArg, "unknown StereoSGBM mode");
}

cv::Mat matrix3(const double values[9])
{
    return cv::Mat(3, 3, CV_64F, const_cast<double *>(values));
}

void make_maps(const cv::Mat &camera, const cv::Mat &distortion, bool fisheye,
               const cv::Mat &rotation, const cv::Mat &projection, int type,
               cv::Mat *first, cv::Mat *second)
{
    if (fisheye)
        cv::fisheye::initUndistortRectifyMap(camera, distortion, rotation, projection,
                                             first->size(), type, *first, *second);
    else
        cv::initUndistortRectifyMap(camera, distortion, rotation, projection,
                                    first->size(), type, *first, *second);
}

/* OpenCV's pinhole maps know no skew; u = fx x + skew y + cx differs from what they hold
 * by skew y, with y = (v - cy) / fy. */
void add_skew(const double camera[9], cv::Mat *u, const cv::Mat &v)
{
    const double per_row = camera[1] / camera[4];
    for (int row = 0; row < u->rows; row++)
        for (int x = 0; x < u->cols; x++)
            u->at<float>(row, x) += static_cast<float>(
                per_row * (static_cast<double>(v.at<float>(row, x)) - camera[5]));
}

} // namespace

enum po_status cv_shim_init(struct po_error *error)
{
    // 0 and not 1: for one thread TBB is set up all the same, loads its helpers and dies
    // by SIGSEGV in the loader where memory is refused.
    return cv_guard::run("setup", error, [] { cv::setNumThreads(0); });
}

const char *cv_shim_version(void)
{
    return CV_VERSION;
}

enum po_status cv_shim_sgbm(const struct cv_sgbm_settings *settings,
                            const struct cv_image *left, const struct cv_image *right,
                            int16_t *disparity, ptrdiff_t stride, struct po_error *error)
{
    return cv_guard::run("StereoSGBM", error, [&] {
        cv::Mat target(left->height_px, left->width_px, CV_16S, disparity,
                       static_cast<size_t>(stride) * sizeof(int16_t));
        cv::Ptr<cv::StereoSGBM> matcher = cv::StereoSGBM::create(
            settings->min_disparity, settings->num_disparities, settings->block_size,
            settings->p1, settings->p2, settings->disp12_max_diff,
            settings->pre_filter_cap, settings->uniqueness_ratio,
            settings->speckle_window, settings->speckle_range, sgbm_mode(settings->mode));
        matcher->compute(cv_guard::wrap(left), cv_guard::wrap(right), target);
        cv_guard::require_in_place(target, disparity);
    });
}

enum po_status cv_shim_rectify_maps(const double camera[9], const double *distortion,
                                    int distortion_count, int fisheye,
                                    const double rotation[9], const double projection[9],
                                    int width_px, int height_px, int16_t *map_xy,
                                    uint16_t *map_fraction, struct po_error *error)
{
    return cv_guard::run("initUndistortRectifyMap", error, [&] {
        cv::Mat lens;
        if (distortion_count > 0)
            lens = cv::Mat(1, distortion_count, CV_64F, const_cast<double *>(distortion));
        else if (fisheye != 0)
            lens = cv::Mat::zeros(1, 4, CV_64F);
        cv::Mat xy(height_px, width_px, CV_16SC2, map_xy);
        cv::Mat fraction(height_px, width_px, CV_16UC1, map_fraction);
        if (camera[1] == 0.0) {
            make_maps(matrix3(camera), lens, fisheye != 0, matrix3(rotation),
                      matrix3(projection), CV_16SC2, &xy, &fraction);
        } else {
            double pinhole[9];
            for (int i = 0; i < 9; i++)
                pinhole[i] = i == 1 ? 0.0 : camera[i];
            cv::Mat u(height_px, width_px, CV_32FC1);
            cv::Mat v(height_px, width_px, CV_32FC1);
            make_maps(matrix3(pinhole), lens, fisheye != 0, matrix3(rotation),
                      matrix3(projection), CV_32FC1, &u, &v);
            add_skew(camera, &u, v);
            cv::convertMaps(u, v, xy, fraction, CV_16SC2);
        }
        cv_guard::require_in_place(xy, map_xy);
        cv_guard::require_in_place(fraction, map_fraction);
    });
}

enum po_status cv_shim_remap(const struct cv_image *source, int16_t *map_xy,
                             uint16_t *map_fraction, struct cv_image *target,
                             struct po_error *error)
{
    return cv_guard::run("remap", error, [&] {
        cv::Mat xy(target->height_px, target->width_px, CV_16SC2, map_xy);
        cv::Mat fraction(target->height_px, target->width_px, CV_16UC1, map_fraction);
        cv::Mat result = cv_guard::wrap(target);
        cv::remap(cv_guard::wrap(source), result, xy, fraction, cv::INTER_LINEAR,
                  cv::BORDER_CONSTANT, cv::Scalar());
        cv_guard::require_in_place(result, target->pixels);
    });
}

enum po_status cv_shim_inpaint(const struct cv_image *values, const struct cv_image *mask,
                               double radius_px, struct cv_image *result,
                               struct po_error *error)
{
    return cv_guard::run("inpaint", error, [&] {
        cv::Mat target = cv_guard::wrap(result);
        cv::inpaint(cv_guard::wrap(values), cv_guard::wrap(mask), target, radius_px,
                    cv::INPAINT_NS);
        cv_guard::require_in_place(target, result->pixels);
    });
}
