/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opencv_recipe SESSION OUTPUT MIN_DISPARITY NUM_DISPARITIES WORKERS [--no-inpaint]
 *
 * The usual OpenCV recipe as a program of its own, for bench_session.py: a session of raw
 * pairs (left/, right/, calibration.yml) is rectified, matched by StereoSGBM, filtered,
 * inpainted, reprojected, and for each frame the files that process_offline writes by
 * default are written through OpenCV where it can: cloud, disparity, depth, classes,
 * confidence, preview. It has no report, syncs nothing and checks nothing. Frames are
 * shared out over WORKERS threads, OpenCV's own threads are off.
 */
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <opencv2/calib3d.hpp>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>

namespace fs = std::filesystem;

namespace
{

struct Recipe {
    fs::path session;
    fs::path output;
    int min_disparity;
    int num_disparities;
    bool inpaints;
    cv::Mat maps[2][2];
    cv::Mat q;
    std::vector<fs::path> names;
};

void make_maps(Recipe *recipe)
{
    cv::FileStorage file((recipe->session / "calibration.yml").string(),
                         cv::FileStorage::READ);
    cv::Mat m[2], d[2], r[2], p[2], rotation, shift;
    file["M1"] >> m[0];
    file["D1"] >> d[0];
    file["M2"] >> m[1];
    file["D2"] >> d[1];
    file["R"] >> rotation;
    file["T"] >> shift;
    const cv::Size size(static_cast<int>(file["image_width"]),
                        static_cast<int>(file["image_height"]));
    cv::stereoRectify(m[0], d[0], m[1], d[1], size, rotation, shift, r[0], r[1], p[0],
                      p[1], recipe->q, cv::CALIB_ZERO_DISPARITY, 0);
    for (int side = 0; side < 2; side++)
        cv::initUndistortRectifyMap(m[side], d[side], r[side], p[side], size, CV_16SC2,
                                    recipe->maps[side][0], recipe->maps[side][1]);
}

cv::Mat rectified(const Recipe &recipe, int side, const fs::path &name)
{
    const char *const folders[] = {"left", "right"};
    cv::Mat image =
        cv::imread((recipe.session / folders[side] / name).string(), cv::IMREAD_COLOR);
    cv::Mat result;
    cv::remap(image, result, recipe.maps[side][0], recipe.maps[side][1],
              cv::INTER_LINEAR);
    return result;
}

cv::Mat match(const Recipe &recipe, const cv::Mat &left, const cv::Mat &right)
{
    const int block = 5;
    cv::Mat grey[2], raw;
    cv::cvtColor(left, grey[0], cv::COLOR_BGR2GRAY);
    cv::cvtColor(right, grey[1], cv::COLOR_BGR2GRAY);
    cv::StereoSGBM::create(recipe.min_disparity, recipe.num_disparities, block,
                           8 * block * block, 32 * block * block, 1, 63, 10, 100, 2,
                           cv::StereoSGBM::MODE_SGBM)
        ->compute(grey[0], grey[1], raw);
    return raw;
}

/* The mask is taken before anything is filled. */
cv::Mat fill(const Recipe &recipe, const cv::Mat &raw, cv::Mat *measured)
{
    cv::Mat disparity, smooth;
    *measured = raw >= recipe.min_disparity * 16;
    raw.convertTo(disparity, CV_32F, 1.0 / 16);
    cv::bilateralFilter(disparity, smooth, 5, 10, 10);
    if (!recipe.inpaints)
        return smooth;
    cv::Mat eight, holes = ~*measured, filled;
    const double scale = 255.0 / recipe.num_disparities;
    smooth.convertTo(eight, CV_8U, scale, -recipe.min_disparity * scale);
    cv::inpaint(eight, holes, filled, 3, cv::INPAINT_NS);
    cv::Mat back;
    filled.convertTo(back, CV_32F, 1 / scale, recipe.min_disparity);
    back.copyTo(smooth, holes);
    return smooth;
}

void write_cloud(const fs::path &path, const cv::Mat &xyz, const cv::Mat &colour,
                 const cv::Mat &measured)
{
    std::vector<char> records;
    records.reserve(xyz.total() * 15);
    for (int y = 0; y < xyz.rows; y++)
        for (int x = 0; x < xyz.cols; x++) {
            const cv::Vec3f &point = xyz.at<cv::Vec3f>(y, x);
            if (measured.at<uchar>(y, x) == 0 || !std::isfinite(point[2]))
                continue;
            const cv::Vec3b &bgr = colour.at<cv::Vec3b>(y, x);
            char record[15];
            std::memcpy(record, point.val, 12);
            for (int c = 0; c < 3; c++)
                record[12 + c] = static_cast<char>(bgr[2 - c]);
            records.insert(records.end(), record, record + 15);
        }
    std::FILE *file = std::fopen(path.c_str(), "wb");
    if (file == nullptr)
        return;
    std::fprintf(file,
                 "ply\nformat binary_little_endian 1.0\nelement vertex %zu\n"
                 "property float x\nproperty float y\nproperty float z\nproperty uchar "
                 "red\nproperty uchar green\nproperty uchar blue\nend_header\n",
                 records.size() / 15);
    (void)std::fwrite(records.data(), 1, records.size(), file);
    (void)std::fclose(file);
}

void write_maps(const fs::path &folder, const Recipe &recipe, const cv::Mat &disparity,
                const cv::Mat &xyz, const cv::Mat &measured)
{
    cv::Mat depth, planes[3], classes, small, levels, preview;
    cv::split(xyz, planes);
    planes[2].convertTo(depth, CV_16U);
    depth.setTo(0, ~measured);
    classes = measured / 255;
    classes.setTo(2, (~measured) & (disparity >= recipe.min_disparity));
    const double scale = 255.0 / recipe.num_disparities;
    cv::resize(disparity, small, cv::Size(), 0.5, 0.5, cv::INTER_NEAREST);
    small.convertTo(levels, CV_8U, scale, -recipe.min_disparity * scale);
    cv::applyColorMap(levels, preview, cv::COLORMAP_JET);
    cv::imwrite((folder / "disparity.pfm").string(), disparity);
    cv::imwrite((folder / "depth.png").string(), depth);
    cv::imwrite((folder / "class.png").string(), classes);
    cv::imwrite((folder / "confidence.png").string(), measured);
    cv::imwrite((folder / "preview.png").string(), preview);
}

void process(const Recipe &recipe, const fs::path &name)
{
    const fs::path folder = recipe.output / name.stem();
    fs::create_directories(folder);
    const cv::Mat left = rectified(recipe, 0, name);
    const cv::Mat right = rectified(recipe, 1, name);
    cv::Mat measured, xyz;
    const cv::Mat disparity = fill(recipe, match(recipe, left, right), &measured);
    cv::reprojectImageTo3D(disparity, xyz, recipe.q);
    write_cloud(folder / "cloud.ply", xyz, left, measured);
    write_maps(folder, recipe, disparity, xyz, measured);
}

void process_all(const Recipe &recipe, int workers)
{
    std::atomic<size_t> next{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < workers; i++)
        threads.emplace_back([&] {
            for (size_t frame = next++; frame < recipe.names.size(); frame = next++)
                process(recipe, recipe.names[frame]);
        });
    for (std::thread &thread : threads)
        thread.join();
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    try {
        Recipe recipe{argv[1],
                      argv[2],
                      std::stoi(argv[3]),
                      std::stoi(argv[4]),
                      argc < 7 || std::strcmp(argv[6], "--no-inpaint") != 0,
                      {},
                      {},
                      {}};
        for (const auto &entry : fs::directory_iterator(recipe.session / "left"))
            recipe.names.push_back(entry.path().filename());
        std::sort(recipe.names.begin(), recipe.names.end());
        cv::setNumThreads(1);
        make_maps(&recipe);
        process_all(recipe, std::stoi(argv[5]));
    } catch (const std::exception &e) {
        std::fprintf(stderr, "opencv_recipe: %s\n", e.what());
        return 1;
    }
    return 0;
}
