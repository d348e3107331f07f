/* SPDX-License-Identifier: Apache-2.0 */
/* read_opencv_yaml FILE: what cv::FileStorage reads of a calibration, one number a line:
 * fx of the left camera, its count of coefficients, T, and P2(0, 3). */
#include <cstdio>

#include <opencv2/core.hpp>

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    try {
        cv::FileStorage file(argv[1], cv::FileStorage::READ);
        cv::Mat camera;
        cv::Mat lens;
        cv::Mat shift;
        cv::Mat projection;
        file["M1"] >> camera;
        file["D1"] >> lens;
        file["T"] >> shift;
        file["P2"] >> projection;
        std::printf("%.17g\n%d\n", camera.at<double>(0, 0),
                    static_cast<int>(lens.total()));
        for (int i = 0; i < 3; i++)
            std::printf("%.17g\n", shift.at<double>(i));
        std::printf("%.17g\n", projection.at<double>(0, 3));
    } catch (const cv::Exception &e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
    return 0;
}
