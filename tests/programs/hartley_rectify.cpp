/* SPDX-License-Identifier: Apache-2.0 */
/* hartley_rectify < OUTPUT OF uncalibrated_matches: the same points rectified by OpenCV's
 * findFundamentalMat and stereoRectifyUncalibrated (Hartley 1999). Prints `match` and
 * `place` lines as that program does, of its own homographies. */
#include <cstdio>
#include <vector>

#include <opencv2/calib3d.hpp>
#include <opencv2/core.hpp>

namespace
{

struct place {
    int side;
    cv::Point2d pixel;
};

struct input {
    cv::Size size;
    std::vector<cv::Point2d> points[2];
    std::vector<place> places;
};

input read_input()
{
    input in;
    char line[256];
    while (std::fgets(line, sizeof(line), stdin) != nullptr) {
        cv::Point2d left;
        cv::Point2d right;
        place at;
        if (std::sscanf(line, "size %d %d", &in.size.width, &in.size.height) == 2)
            continue;
        if (std::sscanf(line, "match %lf %lf %lf %lf", &left.x, &left.y, &right.x,
                        &right.y) == 4) {
            in.points[0].push_back(left);
            in.points[1].push_back(right);
        } else if (std::sscanf(line, "place %d %lf %lf", &at.side, &at.pixel.x,
                               &at.pixel.y) == 3) {
            in.places.push_back(at);
        }
    }
    return in;
}

cv::Point2d through(const cv::Mat &homography, const cv::Point2d &point)
{
    std::vector<cv::Point2d> points{point};
    cv::perspectiveTransform(points, points, homography);
    return points[0];
}

int rectify(const input &in)
{
    cv::Mat homographies[2];
    cv::Mat inliers;
    cv::theRNG().state = 1;
    const cv::Mat fundamental = cv::findFundamentalMat(
        in.points[0], in.points[1], cv::FM_RANSAC, 1.0, 0.999, inliers);
    std::vector<cv::Point2d> agreeing[2];
    for (size_t i = 0; i < in.points[0].size(); i++)
        for (int side = 0; side < 2 && inliers.at<uchar>(static_cast<int>(i)) != 0;
             side++)
            agreeing[side].push_back(in.points[side][i]);
    if (fundamental.rows != 3 ||
        !cv::stereoRectifyUncalibrated(agreeing[0], agreeing[1], fundamental, in.size,
                                       homographies[0], homographies[1], 3))
        return 1;
    for (size_t i = 0; i < in.points[0].size(); i++)
        std::printf("match %.4f %.4f %.4f %.4f %.4f\n", in.points[0][i].x,
                    in.points[0][i].y, in.points[1][i].x, in.points[1][i].y,
                    through(homographies[1], in.points[1][i]).y -
                        through(homographies[0], in.points[0][i]).y);
    for (const place &at : in.places) {
        const cv::Point2d to = through(homographies[at.side], at.pixel);
        std::printf("place %d %.3f %.3f %.6f %.6f\n", at.side, at.pixel.x, at.pixel.y,
                    to.x, to.y);
    }
    return 0;
}

} // namespace

int main()
{
    try {
        return rectify(read_input());
    } catch (const cv::Exception &e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
