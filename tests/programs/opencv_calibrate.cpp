/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opencv_calibrate sample|plain < OUTPUT OF board_corners: cv::stereoCalibrate on the
 * same corners. `sample`: with the flags of OpenCV's sample program stereo_calib, whose
 * files lie with its pictures: one focal length for both cameras, the ratio fx/fy of the
 * first guess, no tangential distortion, k1 k2 k6. `plain`: five coefficients a camera.
 * Prints fx and fy of both cameras, |T| in squares, and the error.
 */
#include <cstdio>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include <opencv2/calib3d.hpp>
#include <opencv2/core.hpp>

namespace
{

struct input {
    cv::Size size;
    std::vector<cv::Point3f> board;
    std::vector<std::vector<cv::Point2f>> views[2];
};

input read_input()
{
    input in;
    std::string word;
    std::string line;
    char buffer[1 << 16];
    while (std::fgets(buffer, sizeof(buffer), stdin) != nullptr) {
        std::istringstream words(buffer);
        words >> word;
        if (word == "size")
            words >> in.size.width >> in.size.height;
        int cols = 0;
        int rows = 0;
        if (word == "board")
            words >> cols >> rows;
        for (int i = 0; i < cols * rows; i++)
            in.board.emplace_back(static_cast<float>(i % cols),
                                  static_cast<float>(i / cols), 0.F);
        for (int side = 0; side < 2 && word == "view"; side++) {
            std::vector<cv::Point2f> corners(in.board.size());
            for (cv::Point2f &corner : corners)
                words >> corner.x >> corner.y;
            in.views[side].push_back(corners);
        }
    }
    return in;
}

void calibrate(const input &in, bool sample)
{
    const std::vector<std::vector<cv::Point3f>> boards(in.views[0].size(), in.board);
    cv::Mat camera[2];
    cv::Mat lens[2];
    cv::Mat turn;
    cv::Mat shift;
    cv::Mat essential;
    cv::Mat fundamental;
    int flags = cv::CALIB_USE_INTRINSIC_GUESS;
    if (sample)
        flags |= cv::CALIB_FIX_ASPECT_RATIO | cv::CALIB_ZERO_TANGENT_DIST |
                 cv::CALIB_SAME_FOCAL_LENGTH | cv::CALIB_RATIONAL_MODEL |
                 cv::CALIB_FIX_K3 | cv::CALIB_FIX_K4 | cv::CALIB_FIX_K5;
    for (int side = 0; side < 2; side++)
        camera[side] = cv::initCameraMatrix2D(boards, in.views[side], in.size, 0);
    const double rms = cv::stereoCalibrate(
        boards, in.views[0], in.views[1], camera[0], lens[0], camera[1], lens[1], in.size,
        turn, shift, essential, fundamental, flags,
        cv::TermCriteria(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 100, 1e-5));
    std::printf("left %.3f %.3f right %.3f %.3f baseline %.5f error %.4f\n",
                camera[0].at<double>(0, 0), camera[0].at<double>(1, 1),
                camera[1].at<double>(0, 0), camera[1].at<double>(1, 1), cv::norm(shift),
                rms);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    try {
        calibrate(read_input(), std::strcmp(argv[1], "sample") == 0);
    } catch (const cv::Exception &e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
    return 0;
}
