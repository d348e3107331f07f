/* SPDX-License-Identifier: Apache-2.0 */
/* UnLook, ROS, Kalibr, ZED, KITTI raw and Q files, right ones. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "calib/rectification.h"
#include "support/calibration_fixture.h"

#define K_LEFT "[[1500,0,640],[0,1501,360],[0,0,1]]"
#define K_RIGHT "[[1510,0,630],[0,1511,350],[0,0,1]]"
#define UNIT_R "[[1,0,0],[0,1,0],[0,0,1]]"

static void unlook_json_in_both_families(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"camera_matrix_left\":" K_LEFT ",\"camera_matrix_right\":" K_RIGHT
        ",\"dist_coeffs_left\":[[-0.4,0.1,0,0,0.3]],\"dist_coeffs_right\":[-0.3,0.2,0,0,"
        "0]"
        ",\"R\":" UNIT_R ",\"T\":[[-80.0],[0],[0]],\"image_size\":[1280,720]"
        ",\"baseline_mm\":80.0,\"R1\":null,\"rms\":0.3}",
        "{\"K1\":" K_LEFT ",\"K2\":" K_RIGHT ",\"D1\":[-0.4,0.1,0,0,0.3]"
        ",\"D2\":[[-0.3],[0.2],[0],[0],[0]],\"R\":" UNIT_R ",\"T\":[-0.08,0,0]"
        ",\"image_size\":{\"width\":1280,\"height\":720},\"baseline_mm\":80.0}"};
    for (int i = 0; i < 2; i++) {
        test_folder_write(&folder, "calibration.json", texts[i]);
        read_as("calibration.json", "unlook-json", NULL);
        assert_near(calibration.translation_mm[0], -80, 1e-9);
        assert_near(calibration.cameras[0].coefficients[4], 0.3, 0);
        assert_near(calibration.cameras[1].coefficients[1], 0.2, 0);
        assert_int_equal(calibration.width_px, 1280);
        assert_int_equal(calibration.unit, RIG_MM);
        assert_int_equal(calibration.warnings.length, 0);
    }
}

#define MATRIX(name, rows, cols, data)                                                   \
    name ": !!opencv-matrix\n   rows: " rows "\n   cols: " cols                          \
         "\n   dt: d\n   data: [ " data " ]\n"
#define K_DATA "1500., -1.02, 640., 0., 1501., 360., 0., 0., 1."
#define R_DATA "1., 0., 0., 0., 1., 0., 0., 0., 1."
#define D_DATA "-0.4, 0.1, 0., 0., 0.3"

static void unlook_yaml_in_both_variants(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "%YAML:1.0\n---\ncalibration_type: BoofCV\nimage_size: [ 1280, 720 ]\n" MATRIX(
            "camera_matrix_left", "3", "3", K_DATA)
            MATRIX("camera_matrix_right", "3", "3", K_DATA)
                MATRIX("dist_coeffs_left", "5", "1", D_DATA) MATRIX("dist_coeffs_right",
                                                                    "5", "1", D_DATA)
                    MATRIX("R", "3", "3", R_DATA) MATRIX("T", "3", "1", "-70., 0., 0."),
        "%YAML:1.0\n---\nimage_width: 1280\nimage_height: 720\n" MATRIX(
            "camera_matrix_left", "3", "3", K_DATA)
            MATRIX("distortion_coeffs_left", "5", "1", D_DATA)
                MATRIX("camera_matrix_right", "3", "3", K_DATA)
                    MATRIX("distortion_coeffs_right", "5", "1", D_DATA)
                        MATRIX("rotation_matrix", "3", "3", R_DATA)
                            MATRIX("translation_vector", "3", "1", "-70., 0., 0.")};
    for (int i = 0; i < 2; i++) {
        test_folder_write(&folder, "calib.yaml", texts[i]);
        read_as("calib.yaml", "unlook-yaml", NULL);
        assert_near(calibration.translation_mm[0], -70, 0);
        assert_near(calibration.cameras[1].skew, -1.02, 0);
        assert_int_equal(calibration.height_px, 720);
        assert_string_equal(calibration.unit_origin, "format");
    }
}

static void write_ros(const char *name, const char *shift)
{
    char text[2000];
    (void)snprintf(text, sizeof(text),
                   "image_width: 640\nimage_height: 480\ncamera_name: narrow\n"
                   "camera_matrix:\n  rows: 3\n  cols: 3\n"
                   "  data: [500, 0, 320, 0, 500, 240, 0, 0, 1]\n"
                   "distortion_model: plumb_bob\ndistortion_coefficients:\n  rows: 1\n"
                   "  cols: 5\n  data: [-0.1, 0.01, 0, 0, 0]\n"
                   "rectification_matrix:\n  rows: 3\n  cols: 3\n"
                   "  data: [%s]\nprojection_matrix:\n  rows: 3\n  cols: 4\n"
                   "  data: [480, 0, 322, %s, 0, 480, 241, 0, 0, 0, 1, 0]\n",
                   shift[0] == '0' ? "1, 0, 0, 0, 1, 0, 0, 0, 1"
                                   : "0.8, 0, 0.6, 0, 1, 0, -0.6, 0, 0.8",
                   shift);
    test_folder_write(&folder, name, text);
}

static void ros_pose_from_the_rectifications(void **state)
{
    (void)state;
    write_ros("left/left.yaml", "0");
    write_ros("left/right.yaml", "-48");
    static const char *const paths[] = {"left/left.yaml", "left/right.yaml"};
    for (int i = 0; i < 2; i++) {
        read_as(paths[i], "ros", NULL);
        /* T = R2' (-0.1 m, 0, 0) */
        assert_near(calibration.translation_mm[0], -80, 1e-9);
        assert_near(calibration.translation_mm[2], -60, 1e-9);
        assert_true(calibration.has_file_rectification);
        assert_int_equal(calibration.warnings.length, 0);
        struct rectification made;
        assert_int_equal(rectification_make(&calibration, 640, 480, &made, NULL), PO_OK);
        assert_near(made.rig.focal_px, 480, 0);
        assert_near(made.rig.baseline_mm, 100, 1e-9);
    }
}

#define KALIBR_CAMERA(name, model, coefficients, pose)                                   \
    name ":\n" pose "  cam_overlaps: [1]\n  camera_model: pinhole\n"                     \
         "  distortion_coeffs: " coefficients "\n  distortion_model: " model "\n"        \
         "  intrinsics: [461, 460, 362, 246]\n  resolution: [752, 480]\n"
#define STEP(x)                                                                          \
    "  T_cn_cnm1:\n  - [1.0, 0.0, 0.0, " x "]\n  - [0.0, 1.0, 0.0, 0.0]\n"               \
    "  - [0.0, 0.0, 1.0, 0.0]\n  - [0.0, 0.0, 0.0, 1.0]\n"

static const char THREE[] = KALIBR_CAMERA("cam0", "radtan", "[-0.2, 0.06, 0, 0]", "")
    KALIBR_CAMERA("cam1", "equidistant", "[-0.2, 0.06, 0, 0]", STEP("-0.11"))
        KALIBR_CAMERA("cam2", "radtan", "[-0.2, 0.06, 0, 0]", STEP("-0.2"));

static void kalibr_chains_its_poses(void **state)
{
    (void)state;
    test_folder_write(
        &folder, "camchain.yaml",
        KALIBR_CAMERA("cam0", "radtan", "[-0.2, 0.06, 0, 0]", "")
            KALIBR_CAMERA("cam1", "equidistant", "[-0.2, 0.06, 0, 0]", STEP("-0.11")));
    read_as("camchain.yaml", "kalibr", NULL);
    assert_near(calibration.translation_mm[0], -110, 1e-9);
    assert_int_equal(calibration.cameras[0].model, DISTORTION_RADTAN);
    assert_int_equal(calibration.cameras[1].model, DISTORTION_FISHEYE);
    test_folder_write(&folder, "camchain.yaml", THREE);
    struct calibration_request request = {.cameras = "0,2"};
    read_as("camchain.yaml", "kalibr", &request);
    assert_near(calibration.translation_mm[0], -310, 1e-9);
    request.cameras = "2,1"; /* the right one first: exchanged, as numbers name no side */
    read_as("camchain.yaml", "kalibr", &request);
    assert_true(calibration.swapped);
    assert_near(calibration.translation_mm[0], -200, 1e-9);
    assert_int_equal(calibration.cameras[0].model, DISTORTION_FISHEYE);
}

#define ZED_CAMERA(name, f)                                                              \
    "[" name "]\nfx=" f "\nfy=" f "\ncx=640\ncy=360\nk1=-0.17\nk2=0.02\nk3=0.001\n"      \
    "p1=0.0002\np2=-0.0001\n\n"
#define ZED(unit_baseline)                                                               \
    ZED_CAMERA("LEFT_CAM_HD", "700")                                                     \
    ZED_CAMERA("RIGHT_CAM_HD", "701")                                                    \
    ZED_CAMERA("LEFT_CAM_VGA", "350")                                                    \
    ZED_CAMERA("RIGHT_CAM_VGA", "351")                                                   \
    "[STEREO]\nBaseline=" unit_baseline "\nTY=0.0\nTZ=0.0\nCV_HD=0.006\nCV_VGA=0.005\n"  \
    "RX_HD=0.002\nRX_VGA=0.002\nRZ_HD=-0.001\nRZ_VGA=-0.001\n"

static void zed_holds_several_sizes(void **state)
{
    (void)state;
    static const char *const texts[] = {ZED("119.9"), ZED("0.1199")};
    for (int i = 0; i < 2; i++) {
        test_folder_write(&folder, "SN1234.conf", texts[i]);
        read_as("SN1234.conf", "zed", NULL);
        assert_near(calibration.translation_mm[0], -119.9, 1e-9);
        assert_near(calibration.cameras[0].coefficients[2], 0.0002, 0);
        assert_near(calibration.cameras[0].coefficients[4], 0.001, 0);
        assert_int_equal(calibration.size_count, 2);
        assert_int_equal(calibration_fit_images(&calibration, 672, 376, NULL), PO_OK);
        assert_near(calibration.cameras[1].fx, 351, 0);
        assert_near(calibration.rotation[2], 0.005, 1e-5);
        assert_int_equal(calibration_fit_images(&calibration, 1000, 376, NULL),
                         PO_BAD_CALIBRATION);
    }
}

static void kitti_raw_uses_rectified_rows(void **state)
{
    (void)state;
    test_folder_write(&folder, "calib_cam_to_cam.txt",
                      "calib_time: 09-Jan-2012 13:57:47\ncorner_dist: 9.95e-02\n"
                      "S_00: 1392 512\nS_rect_00: 1242 375\n"
                      "P_rect_00: 721 0 609 0 0 721 172 0 0 0 1 0\n"
                      "S_rect_01: 1242 375\n"
                      "P_rect_01: 721 0 609 -387 0 721 172 0 0 0 1 0\n"
                      "S_rect_02: 1242 375\n"
                      "P_rect_02: 721 0 609 44.8 0 721 172 0 0 0 1 0\n"
                      "P_rect_03: 721 0 609 -339 0 721 172 0 0 0 1 0\n");
    read_as("calib_cam_to_cam.txt", "kitti-raw", NULL);
    assert_near(calibration.rig.baseline_mm, 387000.0 / 721, 1e-9);
    assert_int_equal(calibration.width_px, 1242);
    const struct calibration_request colour = {.camera_hint = "2,3"};
    read_as("calib_cam_to_cam.txt", "kitti-raw", &colour);
    assert_near(calibration.rig.baseline_mm, 383800.0 / 721, 1e-9);
}

static void q_matrix_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "1 0 0 -320.5\n0 1 0 -240\n0 0 0 700\n0 0 0.0125 0.15\n",
        "Q = [1, 0, 0, -320.5; 0, 1, 0, -240; 0, 0, 0, 700; 0, 0, 0.0125, 0.15]\n",
        "{\"Q\": [[1,0,0,-320.5],[0,1,0,-240],[0,0,0,700],[0,0,0.0125,0.15]]}",
        "%YAML:1.0\n---\n" MATRIX("Q", "4", "4",
                                  "1., 0., 0., -320.5, 0., 1., 0., -240., 0., 0., 0., "
                                  "700., 0., 0., 0.0125, 0.15")};
    for (int i = 0; i < 4; i++) {
        test_folder_write(&folder, "q", texts[i]);
        read_as("q", "q-matrix", NULL);
        assert_true(calibration.rectified);
        assert_near(calibration.rig.focal_px, 700, 0);
        assert_near(calibration.rig.baseline_mm, 80, 1e-9);
        assert_near(calibration.rig.doffs_px, 12, 1e-9);
        assert_near(calibration.rig.cx_px, 320.5, 0);
        assert_string_equal(calibration.baseline_origin, "Q");
    }
}

static void real_scanner_files_read(void **state)
{
    (void)state;
    char path[TEST_PATH_BYTES];
    if (!test_data_path(PO_SOURCE_DIR, "unlook_scanner/calib-matlab-complete-export.yaml",
                        path))
        skip();
    assert_int_equal(calibration_read(path, NULL, &calibration, &error), PO_OK);
    assert_string_equal(calibration.format, "unlook-yaml");
    assert_near(calibration.translation_mm[0], -69.825244815032363, 1e-12);
    /* Its R1 was made for another pose: the file contradicts itself, and says so here. */
    assert_false(calibration.has_file_rectification);
    assert_int_equal(calibration.warnings.length, 1);
    assert_non_null(strstr(calibration.warnings.texts[0], "R1 R2 P1 P2"));
    assert_true(
        test_data_path(PO_SOURCE_DIR, "unlook_scanner/calib_boofcv_test3.yaml", path));
    assert_int_equal(calibration_read(path, NULL, &calibration, &error), PO_OK);
    assert_true(calibration.has_file_rectification);
    assert_int_equal(calibration.width_px, 1456);
    assert_true(test_data_path(PO_SOURCE_DIR, "unlook_scanner/intrinsics.yml", path));
    assert_int_equal(calibration_read(path, NULL, &calibration, &error),
                     PO_BAD_CALIBRATION);
    assert_non_null(strstr(error.message, "swapped"));
    const struct calibration_request swap = {.swap = true};
    assert_int_equal(calibration_read(path, &swap, &calibration, &error), PO_OK);
    assert_true(calibration.swapped);
    assert_true(calibration.has_file_rectification); /* it was made for this order */
    assert_true(calibration.translation_mm[0] < 0);
    assert_near(calibration.cameras[0].cx, 656.73135159479523, 1e-9);
}

static void every_format_has_a_name(void **state)
{
    (void)state;
    const char *const *names = calibration_format_names();
    int count = 0;
    for (; names[count] != NULL; count++)
        assert_true(strlen(names[count]) > 2);
    assert_int_equal(count, 22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(unlook_json_in_both_families),
        FOLDER_TEST(unlook_yaml_in_both_variants),
        FOLDER_TEST(ros_pose_from_the_rectifications),
        FOLDER_TEST(kalibr_chains_its_poses),
        FOLDER_TEST(zed_holds_several_sizes),
        FOLDER_TEST(kitti_raw_uses_rectified_rows),
        FOLDER_TEST(q_matrix_alone),
        FOLDER_TEST(real_scanner_files_read),
        FOLDER_TEST(every_format_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
