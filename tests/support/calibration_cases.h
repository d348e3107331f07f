/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One right calibration a format, and what it cannot do without: for tests that break
 * them. Texts are the fuzz targets' own, or stand here. Include after cmocka.h.
 */
#ifndef SUPPORT_CALIBRATION_CASES_H
#define SUPPORT_CALIBRATION_CASES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/calibration_file.h"
#include "support/folder_fixture.h"

enum { CASE_FILES = 4, CASE_NEEDED = 20, CASE_TEXT_BYTES = 1 << 16 };

struct case_file {
    const char *name;   /* the first one is asked for */
    const char *corpus; /* of fuzz_calibration; NULL: `text` */
    const char *text;
};

struct calibration_case {
    const char *format;
    const char *cameras; /* as --cameras; NULL: none */
    struct case_file files[CASE_FILES];
    const char *needed[CASE_NEEDED]; /* keys: none may be missing, nor hold no number */
};

#define CASE_SENSOR(t, k)                                                                \
    "sensor_type: camera\nT_BS:\n  rows: 4\n  cols: 4\n  data: [1, 0, 0, " t             \
    ", 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]\nresolution: [752, 480]\n"                    \
    "camera_model: pinhole\nintrinsics: " k "\ndistortion_model: radial-tangential\n"    \
    "distortion_coefficients: [-0.28, 0.07, 0.0002, 0.00001]\n"
#define CASE_ROS(shift)                                                                  \
    "image_width: 640\nimage_height: 480\ncamera_matrix: {rows: 3, cols: 3, data: "      \
    "[500, 0, 320, 0, 500, 240, 0, 0, 1]}\ndistortion_model: plumb_bob\n"                \
    "distortion_coefficients: {rows: 1, cols: 5, data: [-0.1, 0, 0, 0, 0]}\n"            \
    "rectification_matrix: {rows: 3, cols: 3, data: [1, 0, 0, 0, 1, 0, 0, 0, 1]}\n"      \
    "projection_matrix: {rows: 3, cols: 4, data: [500, 0, 320, " shift                   \
    ", 0, 500, 240, 0, 0, 0, 1, 0]}\n"
#define CASE_ECHO(frame, shift)                                                          \
    "header:\n  frame_id: " frame "\nheight: 240\nwidth: 320\ndistortion_model: "        \
    "plumb_bob\nd: [-0.1, 0.01, 0, 0, 0]\nk: [300, 0, 160, 0, 300, 120, 0, 0, 1]\n"      \
    "r: [1, 0, 0, 0, 1, 0, 0, 0, 1]\np: [300, 0, 160, " shift                            \
    ", 0, 300, 120, 0, 0, 0, 1, 0]\n---\n"
#define CASE_INFO(shift)                                                                 \
    "  distortion_model: plumb_bob\n  d: [-0.1, 0.01, 0, 0, 0]\n"                        \
    "  k: [300, 0, 160, 0, 300, 120, 0, 0, 1]\n  r: [1, 0, 0, 0, 1, 0, 0, 0, 1]\n"       \
    "  p: [300, 0, 160, " shift ", 0, 300, 120, 0, 0, 0, 1, 0]\n"
#define CASE_INTRINSICS                                                                  \
    "intrinsic:\n500 0 320\n0 500 240\n0 0 1\ndistortion:\n-0.1 0.01 0 0 0\n"
#define CASE_POSE(t) "R:\n1 0 0\n0 1 0\n0 0 1\nT:\n" t "\n0\n0\n"
#define CASE_SIDE(ppx, coefficients)                                                     \
    "{\"width\": 640, \"height\": 480, \"fx\": 380, \"fy\": 381, \"ppx\": " ppx          \
    ", \"ppy\": 240, \"model\": \"distortion.brown_conrady\", \"coeffs\": " coefficients \
    "}"
#define CASE_COEFFICIENTS "[-0.1, 0.01, 0.001, 0, 0.002]"
#define CASE_OAK(pose)                                                                   \
    "{\"cameraType\": 0, \"distortionCoeff\": [-0.12, 0.03, 0.001, -0.0007, 0], "        \
    "\"height\": 240, \"width\": 320, \"intrinsicMatrix\": [[300, 0, 162], [0, 300, "    \
    "118], [0, 0, 1]], \"extrinsics\": " pose "}"
#define CASE_OAK_POSE                                                                    \
    "{\"rotationMatrix\": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], \"toCameraSocket\": 1, "    \
    "\"translation\": {\"x\": 7.5, \"y\": 0, \"z\": 0}}"
#define CASE_WIDE(x)                                                                     \
    "{\"cameraType\": 1, \"distortionCoeff\": [0.1, 0.03, 0.001, 0, 0, 0, 0, 0, 0, 0, "  \
    "0, "                                                                                \
    "0, 0, 0], \"height\": 240, \"width\": 320, \"intrinsicMatrix\": [[300, 0, 162], "   \
    "[0, 300, 118], [0, 0, 1]], \"extrinsics\": {\"rotationMatrix\": [[1, 0, 0], [0, "   \
    "1, 0], [0, 0, 1]], \"toCameraSocket\": 0, \"translation\": {\"x\": " x              \
    ", \"y\": 0, \"z\": 0}}}"
#define CASE_T265                                                                        \
    "{\"width\": 848, \"height\": 800, \"fx\": 286, \"fy\": 286, \"ppx\": 421, "         \
    "\"ppy\": 400, \"model\": \"distortion.kannala_brandt4\", \"coeffs\": [-0.005, "     \
    "0.04, "                                                                             \
    "-0.04, 0.006, 0]}"
#define CASE_IMU(x)                                                                      \
    "{\"px\": " x ", \"py\": 0, \"pz\": 0, \"qx\": 0, \"qy\": 0, \"qz\": 0, \"qw\": 1}"
#define CASE_K "[[500, 0, 320], [0, 501, 240], [0, 0, 1]]"

static const struct calibration_case calibration_cases[] = {
    {"middlebury",
     NULL,
     {{"calib.txt", "middlebury.txt", NULL}},
     {"cam0", "cam1", "baseline"}},
    {"karlsruhe", NULL, {{"calib.txt", "karlsruhe.txt", NULL}}, {"P1_roi", "P2_roi"}},
    {"kitti-raw",
     NULL,
     {{"calib_cam_to_cam.txt", "kitti_raw.txt", NULL}},
     {"P_rect_00", "P_rect_01"}},
    {"kitti", "0,1", {{"calib.txt", "kitti.txt", NULL}}, {"P0", "P1"}},
    {"zed",
     NULL,
     {{"SN123.conf", "zed.conf", NULL}},
     {"fx", "fy", "cx", "cy", "k1", "k2", "Baseline", "CV_HD", "RX_HD", "RZ_HD",
      "CV_VGA"}},
    {"basalt",
     NULL,
     {{"calibration.json", "basalt.json", NULL}},
     {"px", "py", "pz", "qx", "qy", "qz", "qw", "fx", "fy", "cx", "cy", "k1", "p2",
      "k6"}},
    {"boofcv",
     NULL,
     {{"stereo.yaml", "boofcv.yaml", NULL}},
     {"fx", "fy", "cx", "cy", "rotation", "x", "y", "z", "radial"}},
    {"depthai",
     NULL,
     {{"calib.json", NULL,
       "{\"cameraData\": [[1, " CASE_OAK("{\"toCameraSocket\": -1}") "], [2, " CASE_OAK(
           CASE_OAK_POSE) "]], \"stereoRectificationData\": {\"leftCameraSocket\": 1, "
                          "\"rightCameraSocket\": 2}}"}},
     {"intrinsicMatrix", "distortionCoeff", "rotationMatrix", "x", "y", "z"}},
    {"realsense",
     NULL,
     {{"intrinsics.json", NULL,
       "{\"infrared_1\": " CASE_SIDE(
           "320",
           CASE_COEFFICIENTS) ", \"infrared_2\": " CASE_SIDE("321",
                                                             CASE_COEFFICIENTS) ", "
                                                                                "\"extrin"
                                                                                "sics\": "
                                                                                "{\"rotat"
                                                                                "ion\": "
                                                                                "[1, 0, "
                                                                                "0, 0, "
                                                                                "1, 0, "
                                                                                "0, 0, "
                                                                                "1], "
                                                                                "\"transl"
                                                                                "ation\":"
                                                                                " [-0.05,"
                                                                                " 0.0001,"
                                                                                " 0]}}"}},
     {"fx", "fy", "ppx", "ppy", "coeffs", "rotation", "translation"}},
    {"realsense",
     NULL,
     {{"intrinsics.json", NULL,
       "{\"left\": " CASE_SIDE("320", "[0, 0, 0, 0, 0]") ", \"right\": " CASE_SIDE(
           "320", "[0, 0, 0, 0, 0]") ", \"baseline\": 0.05}"}},
     {"fx", "fy", "ppx", "ppy", "baseline"}},
    {"kalibr",
     NULL,
     {{"camchain.yaml", "kalibr.yaml", NULL}},
     {"intrinsics", "distortion_coeffs", "T_cn_cnm1"}},
    {"orb-slam",
     NULL,
     {{"settings.yaml", "orb2.yaml", NULL}},
     {"LEFT.K", "RIGHT.K", "LEFT.P", "RIGHT.P"}},
    {"orb-slam",
     NULL,
     {{"settings.yaml", "orb3.yaml", NULL}},
     {"Camera1.fx", "Camera1.fy", "Camera1.cx", "Camera2.fx", "Camera2.cy",
      "Stereo.T_c1_c2"}},
    {"orb-slam",
     NULL,
     {{"settings.yaml", NULL,
       "%YAML:1.0\nCamera.fx: 500\nCamera.fy: 500\nCamera.cx: 320\nCamera.cy: 240\n"
       "Camera.bf: 40\nCamera.width: 640\nCamera.height: 480\nViewer.PointSize:2\n"}},
     {"Camera.fx", "Camera.fy", "Camera.cx", "Camera.cy", "Camera.bf"}},
    {"orb-slam",
     NULL,
     {{"settings.yaml", NULL,
       "%YAML:1.0\nCamera.type: \"Rectified\"\nCamera1.fx: 500\nCamera1.fy: 500\n"
       "Camera1.cx: 320\nCamera1.cy: 240\nStereo.b: 0.08\n"}},
     {"Camera1.fx", "Camera1.fy", "Camera1.cx", "Stereo.b"}},
    {"orb-slam",
     NULL,
     {{"settings.yaml", NULL,
       "%YAML:1.0\nCamera.type: \"KannalaBrandt8\"\nCamera1.fx: 190\nCamera1.fy: 190\n"
       "Camera1.cx: 254\nCamera1.cy: 256\nCamera1.k1: 0.003\nCamera1.k2: 0.0007\n"
       "Camera1.k3: -0.002\nCamera1.k4: 0.0002\nCamera2.fx: 190\nCamera2.fy: 190\n"
       "Camera2.cx: 252\nCamera2.cy: 255\nCamera2.k1: 0.003\nCamera.width: 512\n"
       "Camera.height: 512\nStereo.T_c1_c2: !!opencv-matrix\n   rows: 4\n   cols: 4\n"
       "   dt: f\n   data: [1, 0, 0, 0.1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]\n"}},
     {"Camera1.fx", "Camera2.cx", "Stereo.T_c1_c2"}},
    {"realsense",
     NULL,
     {{"t265.json", NULL,
       "{\"fisheye1\": " CASE_T265 ", \"fisheye2\": " CASE_T265
       ", \"extrinsics\": {\"rotation\": [1, 0, 0, 0, 1, 0, 0, 0, 1], "
       "\"translation\": [-0.064, 0, 0]}}"}},
     {"fx", "fy", "ppx", "ppy", "coeffs", "rotation", "translation"}},
    {"realsense",
     NULL,
     {{"d435.json", NULL,
       "{\"color\": " CASE_SIDE(
           "1", "[]") ", \"ir1\": {\"width\": 640, \"height\": 480, "
                      "\"fx\": 380, \"fy\": 380, \"ppx\": 320, \"ppy\": 240}, \"ir2\": "
                      "{\"fx\": 380, "
                      "\"fy\": 380, \"ppx\": 320, \"ppy\": 240}, \"baseline\": -50.1}"}},
     {"baseline"}},
    {"depthai",
     NULL,
     {{"calib.json", NULL,
       "{\"cameraData\": [[0, " CASE_OAK("{\"toCameraSocket\": -1}") "], [1, " CASE_WIDE(
           "-3.75") "], [2, " CASE_WIDE("3.75") "]], \"stereoRectificationData\": "
                                                "{\"leftCameraSocket\": 1, "
                                                "\"rightCameraSocket\": 2}}"}},
     {"leftCameraSocket", "rightCameraSocket"}},
    {"boofcv",
     NULL,
     {{"stereo.yaml", NULL,
       "left: {model: pinhole, pinhole: {fx: 300, fy: 300, cx: 160, cy: 120, width: 320, "
       "height: 240}}\nright: {model: pinhole, pinhole: {fx: 300, fy: 300, cx: 160, cy: "
       "120}}\nrightToLeft: {rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], x: 100, y: 0, z: "
       "0}\n"}},
     {"fx", "fy", "cx", "cy", "rotation", "x", "y", "z"}},
    {"basalt",
     "1,0",
     {{"calibration.json", NULL,
       "{\"T_imu_cam\": [" CASE_IMU("0.1") ", " CASE_IMU(
           "0") "], \"intrinsics\": "
                "[{\"camera_type\": \"kb4\", \"intrinsics\": {\"fx\": 300, \"fy\": 300, "
                "\"cx\": "
                "160, \"cy\": 120, \"k1\": 0, \"k2\": 0, \"k3\": 0, \"k4\": 0}}, "
                "{\"camera_type\": \"pinhole\", \"intrinsics\": {\"fx\": 300, \"fy\": "
                "300, "
                "\"cx\": 160, \"cy\": 120}}]}"}},
     {"px", "qw", "fx", "k4", "camera_type"}},
    {"euroc",
     "0,1",
     {{"cam0/sensor.yaml", NULL, CASE_SENSOR("0", "[458.6, 457.3, 367.2, 248.4]")},
      {"cam1/sensor.yaml", NULL, CASE_SENSOR("0.11", "[457.6, 456.1, 379.9, 255.2]")}},
     {"T_BS", "intrinsics"}},
    {"k-txt", NULL, {{"K.txt", "k.txt", NULL}}, {NULL}},
    {"q-matrix", NULL, {{"Q.txt", "q.txt", NULL}}, {NULL}},
    {"ros",
     NULL,
     {{"stereo.yaml", NULL,
       CASE_ECHO("stereo_left", "0") CASE_ECHO("stereo_right", "-50")}},
     {"k:", "p:", "d:"}},
    {"ros",
     NULL,
     {{"stereo.yaml", NULL,
       "left_camera:\n" CASE_INFO("0") "right_camera:\n" CASE_INFO("-50")}},
     {"k:", "p:", "d:"}},
    {"ros",
     NULL,
     {{"left.yaml", NULL, CASE_ROS("0")}, {"right.yaml", NULL, CASE_ROS("-50")}},
     {"camera_matrix", "projection_matrix"}},
    {"unlook-json",
     NULL,
     {{"calibration.json", "unlook.json", NULL}},
     {"camera_matrix_left", "camera_matrix_right", "dist_coeffs_left", "\"R\"", "\"T\""}},
    {"unlook-yaml",
     NULL,
     {{"calibration.yaml", "unlook.yaml", NULL}},
     {"camera_matrix_left", "camera_matrix_right", "rotation_matrix",
      "translation_vector"}},
    {"opencv",
     NULL,
     {{"calibration.yml", "opencv.yml", NULL}},
     {"M1", "M2", "D1", "D2", "R:", "T:"}},
    {"opencv",
     NULL,
     {{"stereo.xml", "stereo.xml", NULL}},
     {"cameraMatrix1", "cameraMatrix2", "distCoeffs1", "distCoeffs2"}},
    {"opencv",
     NULL,
     {{"intrinsics.json", NULL,
       "{\"M1\": " CASE_K ", \"D1\": [0, 0, 0, 0], \"M2\": " CASE_K
       ", \"D2\": [0, 0, 0, 0]}"},
      {"extrinsics.json", NULL,
       "{\"R\": [0.01, -0.02, 0.005], \"T\": [-60, 1, 0], \"units\": \"mm\"}"}},
     {"M1", "M2", "D1", "D2", "\"R\"", "\"T\""}},
    {"euroc",
     NULL,
     {{"cam0/sensor.yaml", NULL, CASE_SENSOR("0", "[458.6, 457.3, 367.2, 248.4]")},
      {"cam1/sensor.yaml", NULL, CASE_SENSOR("0.11", "[457.6, 456.1, 379.9, 255.2]")}},
     {"T_BS", "intrinsics", "resolution", "distortion_coefficients"}},
    {"camera-parameters",
     NULL,
     {{"camera0_intrinsics.dat", NULL, CASE_INTRINSICS},
      {"camera1_intrinsics.dat", NULL, CASE_INTRINSICS},
      {"camera0_rot_trans.dat", NULL, CASE_POSE("0")},
      {"camera1_rot_trans.dat", NULL, CASE_POSE("-10")}},
     {"intrinsic:", "distortion:", "R:", "T:"}},
};

enum { CALIBRATION_CASES = sizeof(calibration_cases) / sizeof(calibration_cases[0]) };

/* The text of one of the files, in `text`; false: the case has no such file. */
static inline bool case_text(const struct calibration_case *of, int file,
                             char text[CASE_TEXT_BYTES])
{
    const struct case_file *wanted = &of->files[file];
    char path[TEST_PATH_BYTES];
    if (wanted->name == NULL)
        return false;
    (void)snprintf(text, CASE_TEXT_BYTES, "%s", wanted->text != NULL ? wanted->text : "");
    if (wanted->corpus == NULL)
        return true;
    (void)snprintf(path, sizeof(path),
                   PO_SOURCE_DIR "/tests/fuzz/corpus/fuzz_calibration/%s",
                   wanted->corpus);
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    text[fread(text, 1, CASE_TEXT_BYTES - 1, stream)] = '\0';
    (void)fclose(stream);
    return true;
}

static inline void case_write(const struct calibration_case *of)
{
    static char text[CASE_TEXT_BYTES];
    for (int i = 0; i < CASE_FILES && case_text(of, i, text); i++)
        test_folder_write(&folder, of->files[i].name, text);
}

static inline enum po_status case_read(const struct calibration_case *of,
                                       struct calibration *made, struct po_error *error)
{
    const struct calibration_request request = {.cameras = of->cameras};
    memset(error, 0, sizeof(*error));
    return calibration_read(test_folder_path(&folder, of->files[0].name), &request, made,
                            error);
}

#endif
