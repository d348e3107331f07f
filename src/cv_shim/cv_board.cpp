/* SPDX-License-Identifier: Apache-2.0 */
#include "cv_shim/cv_board.h"

#include <algorithm>
#include <vector>

#include <opencv2/calib3d.hpp>
#include <opencv2/core.hpp>
#include <opencv2/features2d.hpp>
#include <opencv2/imgproc.hpp>

#include "cv_shim/cv_guard.hpp"

namespace
{

/* Both chessboard detectors draw from the thread's generator. */
void start_random()
{
    cv::theRNG().state = 0x9e3779b97f4a7c15U;
}

/* Half of cornerSubPix's window: a third of the smallest distance of neighbours, so that
 * no second corner lies in it. */
int refinement_radius(const std::vector<cv::Point2f> &corners, int cols)
{
    double closest = 1e9;
    for (size_t i = 0; i + 1 < corners.size(); i++) {
        if ((i + 1) % static_cast<size_t>(cols) != 0)
            closest = std::min(closest, cv::norm(corners[i] - corners[i + 1]));
        if (i + static_cast<size_t>(cols) < corners.size())
            closest = std::min(
                closest, cv::norm(corners[i] - corners[i + static_cast<size_t>(cols)]));
    }
    return std::clamp(static_cast<int>(closest / 3), 2, 11);
}

/* To the saddle of the greys. */
void refine(const cv::Mat &grey, int cols, std::vector<cv::Point2f> &corners)
{
    const int radius = refinement_radius(corners, cols);
    cv::cornerSubPix(
        grey, corners, cv::Size(radius, radius), cv::Size(-1, -1),
        cv::TermCriteria(cv::TermCriteria::EPS + cv::TermCriteria::COUNT, 60, 1e-3));
}

bool find_quads(const cv::Mat &grey, cv::Size size, std::vector<cv::Point2f> &corners)
{
    const int flags = cv::CALIB_CB_ADAPTIVE_THRESH | cv::CALIB_CB_NORMALIZE_IMAGE |
                      cv::CALIB_CB_FAST_CHECK;
    return cv::findChessboardCorners(grey, size, corners, flags);
}

/* Its own corners may err together, up to 0.2 px for a whole rendered board, which no
 * residual shows. They are a start only. */
bool find_sectors(const cv::Mat &grey, cv::Size size, std::vector<cv::Point2f> &corners)
{
    return cv::findChessboardCornersSB(
        grey, size, corners, cv::CALIB_CB_NORMALIZE_IMAGE | cv::CALIB_CB_ACCURACY);
}

bool find_chessboard(const cv::Mat &grey, cv::Size size, enum cv_board_detector detector,
                     std::vector<cv::Point2f> &corners)
{
    const bool found = detector == CV_BOARD_SECTORS ? find_sectors(grey, size, corners)
                                                    : find_quads(grey, size, corners);
    if (found)
        refine(grey, size.width, corners);
    return found;
}

bool find_circles(const cv::Mat &grey, cv::Size size, bool asymmetric,
                  std::vector<cv::Point2f> &centres)
{
    /* The blob detector's own limits are in pixels; boards come in any size. */
    cv::SimpleBlobDetector::Params blobs;
    blobs.minArea = 12;
    blobs.maxArea = static_cast<float>(grey.total()) / 20;
    blobs.minDistBetweenBlobs = 4;
    const int flags =
        (asymmetric ? cv::CALIB_CB_ASYMMETRIC_GRID : cv::CALIB_CB_SYMMETRIC_GRID) |
        cv::CALIB_CB_CLUSTERING;
    const int plain = flags & ~cv::CALIB_CB_CLUSTERING;
    cv::Ptr<cv::FeatureDetector> detector = cv::SimpleBlobDetector::create(blobs);
    return cv::findCirclesGrid(grey, size, centres, plain, detector) ||
           cv::findCirclesGrid(grey, size, centres, flags, detector);
}

bool find(const cv::Mat &grey, cv::Size size, enum cv_board_detector detector,
          std::vector<cv::Point2f> &corners)
{
    switch (detector) {
    case CV_BOARD_SECTORS:
    case CV_BOARD_QUADS:
        return find_chessboard(grey, size, detector, corners);
    case CV_BOARD_CIRCLES:
        return find_circles(grey, size, false, corners);
    case CV_BOARD_ASYMMETRIC_CIRCLES:
        return find_circles(grey, size, true, corners);
    }
    return false;
}

} // namespace

enum po_status cv_board_find(const struct cv_image *grey, int cols, int rows,
                             enum cv_board_detector detector, float *xy, bool *found,
                             struct po_error *error)
{
    *found = false;
    return cv_guard::run("board detector", error, [&] {
        std::vector<cv::Point2f> corners;
        start_random();
        bool all =
            find(cv_guard::wrap(grey), cv::Size(cols, rows), detector, corners) &&
            corners.size() == static_cast<size_t>(cols) * static_cast<size_t>(rows);
        for (size_t i = 0; i < corners.size() && all; i++) {
            xy[2 * i] = corners[i].x;
            xy[2 * i + 1] = corners[i].y;
        }
        *found = all;
    });
}

enum po_status cv_board_measure(const struct cv_image *grey, int *cols, int *rows,
                                struct po_error *error)
{
    *cols = *rows = 0;
    return cv_guard::run("findChessboardCornersSB", error, [&] {
        cv::Mat corners;
        cv::Mat meta;
        start_random();
        bool found = cv::findChessboardCornersSB(
            cv_guard::wrap(grey), cv::Size(CV_BOARD_MIN_SIDE, CV_BOARD_MIN_SIDE), corners,
            cv::CALIB_CB_NORMALIZE_IMAGE | cv::CALIB_CB_LARGER, meta);
        if (!found)
            return;
        *cols = std::max(meta.cols, meta.rows);
        *rows = std::min(meta.cols, meta.rows);
    });
}

enum po_status cv_board_pose(const double *board_xy, const double *plane_xy, int count,
                             double rotation[9], double translation[3],
                             struct po_error *error)
{
    return cv_guard::run("solvePnP", error, [&] {
        std::vector<cv::Point3d> board;
        std::vector<cv::Point2d> plane;
        for (ptrdiff_t i = 0; i < count; i++) {
            board.emplace_back(board_xy[2 * i], board_xy[2 * i + 1], 0.0);
            plane.emplace_back(plane_xy[2 * i], plane_xy[2 * i + 1]);
        }
        cv::Vec3d turn;
        cv::Vec3d shift;
        if (!cv::solvePnP(board, plane, cv::Mat::eye(3, 3, CV_64F), cv::noArray(), turn,
                          shift, false, cv::SOLVEPNP_IPPE))
            CV_Error(cv::Error::StsNoConv, "no pose");
        cv::Matx33d matrix;
        cv::Rodrigues(turn, matrix);
        std::copy(matrix.val, matrix.val + 9, rotation);
        std::copy(shift.val, shift.val + 3, translation);
    });
}

enum po_status cv_board_focal(const double *board_xy, const double *pixel_xy, int count,
                              int views, int width_px, int height_px, double *focal_px,
                              struct po_error *error)
{
    return cv_guard::run("initCameraMatrix2D", error, [&] {
        std::vector<std::vector<cv::Point3f>> boards;
        std::vector<std::vector<cv::Point2f>> pixels;
        for (int view = 0; view < views; view++) {
            const double *xy = pixel_xy + 2 * static_cast<ptrdiff_t>(view) *
                                              static_cast<ptrdiff_t>(count);
            boards.emplace_back();
            pixels.emplace_back();
            for (ptrdiff_t i = 0; i < count; i++) {
                boards.back().emplace_back(static_cast<float>(board_xy[2 * i]),
                                           static_cast<float>(board_xy[2 * i + 1]), 0.F);
                pixels.back().emplace_back(static_cast<float>(xy[2 * i]),
                                           static_cast<float>(xy[2 * i + 1]));
            }
        }
        cv::Mat camera =
            cv::initCameraMatrix2D(boards, pixels, cv::Size(width_px, height_px), 1.0);
        *focal_px = camera.at<double>(0, 0);
    });
}
