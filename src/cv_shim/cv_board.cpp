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

double cross(const cv::Point2f &a, const cv::Point2f &b, const cv::Point2f &c)
{
    const cv::Point2f ab = b - a;
    const cv::Point2f ac = c - a;
    return static_cast<double>(ab.x) * ac.y - static_cast<double>(ab.y) * ac.x;
}

/* Does every cell turn the same way? A lens and a tilt keep that. */
bool cells_turn_alike(const std::vector<cv::Point2f> &corners, size_t cols, size_t rows)
{
    int turn = 0;
    for (size_t i = 0; i + cols < corners.size() && rows > 1; i++) {
        if ((i + 1) % cols == 0)
            continue;
        const cv::Point2f cell[4] = {corners[i], corners[i + 1], corners[i + cols + 1],
                                     corners[i + cols]};
        for (int k = 0; k < 4; k++) {
            const double area = cross(cell[k], cell[(k + 1) % 4], cell[(k + 2) % 4]);
            const int sign = area > 0 ? 1 : -1;
            if (area == 0 || turn * sign < 0)
                return false;
            turn = sign;
        }
    }
    return true;
}

/* Is each corner near the middle of its neighbours? Half a square is far more than tilt
 * and lenses leave. */
bool lines_run_on(const std::vector<cv::Point2f> &corners, size_t count, size_t step,
                  size_t start)
{
    for (size_t i = 1; i + 1 < count; i++) {
        const cv::Point2f &before = corners[start + (i - 1) * step];
        const cv::Point2f &after = corners[start + (i + 1) * step];
        const cv::Point2f off = corners[start + i * step] - (before + after) / 2;
        if (cv::norm(off) > 0.25 * cv::norm(after - before))
            return false;
    }
    return true;
}

/* The detectors join marks of a scene that form no grid, and give them as a board. */
bool is_grid(const std::vector<cv::Point2f> &corners, cv::Size size, bool is_staggered)
{
    const auto cols = static_cast<size_t>(size.width);
    const auto rows = static_cast<size_t>(size.height);
    if (corners.size() != cols * rows || !cells_turn_alike(corners, cols, rows))
        return false;
    for (size_t row = 0; row < rows; row++)
        if (!lines_run_on(corners, cols, 1, row * cols))
            return false;
    for (size_t col = 0; col < cols && !is_staggered; col++)
        if (!lines_run_on(corners, rows, cols, col))
            return false;
    return true;
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
        const cv::Size size(cols, rows);
        bool all = find(cv_guard::wrap(grey), size, detector, corners) &&
                   is_grid(corners, size, detector == CV_BOARD_ASYMMETRIC_CIRCLES);
        for (size_t i = 0; i < corners.size() && all; i++) {
            xy[2 * i] = corners[i].x;
            xy[2 * i + 1] = corners[i].y;
        }
        *found = all;
    });
}

enum po_status cv_board_refine(const struct cv_image *grey, int cols, int rows, float *xy,
                               bool *found, struct po_error *error)
{
    *found = false;
    return cv_guard::run("cornerSubPix", error, [&] {
        std::vector<cv::Point2f> corners;
        for (ptrdiff_t i = 0; i < static_cast<ptrdiff_t>(cols) * rows; i++)
            corners.emplace_back(xy[2 * i], xy[2 * i + 1]);
        refine(cv_guard::wrap(grey), cols, corners);
        for (size_t i = 0; i < corners.size(); i++) {
            xy[2 * i] = corners[i].x;
            xy[2 * i + 1] = corners[i].y;
        }
        *found = is_grid(corners, cv::Size(cols, rows), false);
    });
}

enum po_status cv_board_measure(const struct cv_image *grey, int *cols, int *rows,
                                struct po_error *error)
{
    *cols = *rows = 0;
    return cv_guard::run("findChessboardCornersSB", error, [&] {
        std::vector<cv::Point2f> corners;
        cv::Mat meta;
        start_random();
        bool found = cv::findChessboardCornersSB(
            cv_guard::wrap(grey), cv::Size(CV_BOARD_MIN_SIDE, CV_BOARD_MIN_SIDE), corners,
            cv::CALIB_CB_NORMALIZE_IMAGE | cv::CALIB_CB_LARGER, meta);
        if (!found || !is_grid(corners, meta.size(), false))
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
