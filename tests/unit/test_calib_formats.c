/* SPDX-License-Identifier: Apache-2.0 */
/* Calibration files of each format, right ones: values, units, sizes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/calibration_fixture.h"

static void middlebury_with_and_without_blanks(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "cam0=[1500 0 199; 0 1500 187; 0 0 1]\ncam1=[1500 0 251; 0 1500 187; 0 0 1]\n"
        "doffs=52\nbaseline=80.5\nwidth=450\nheight=375\nndisp=64\n",
        "\xef\xbb\xbf"
        "cam0 = [1500 0 199; 0 1500 187; 0 0 1]\r\n"
        "cam1 = [1500 0 251; 0 1500 187; 0 0 1]\r\ndoffs = 52\r\nbaseline = 80.5\r\n"
        "width = 450\r\nheight = 375\r\nndisp = 64\r\n"};
    for (int i = 0; i < 2; i++) {
        test_folder_write(&folder, "calib.txt", texts[i]);
        read_as("calib.txt", "middlebury", NULL);
        assert_true(calibration.rectified);
        assert_int_equal(calibration.rig.width_px, 450);
        assert_int_equal(calibration.rig.disparity_count_hint, 64);
        assert_near(calibration.rig.doffs_px, 52, 1e-12);
        assert_near(calibration.rig.baseline_mm, 80.5, 1e-9);
        assert_near(calibration.rig.focal_px, 1500, 0);
        assert_string_equal(calibration.baseline_origin, "baseline");
        assert_string_equal(calibration.unit_origin, "format");
        assert_int_equal(calibration.warnings.length, 0);
    }
}

static const char KITTI[] = "P0: 7e+02 0 6e+02 0 0 7e+02 1.8e+02 0 0 0 1 0\n"
                            "P1: 7e+02 0 6e+02 -3.5e+02 0 7e+02 1.8e+02 0 0 0 1 0\n"
                            "P2: 7e+02 0 6e+02 4.2e+01 0 7e+02 1.8e+02 0 0 0 1 0\n"
                            "P3: 7e+02 0 6e+02 -3.78e+02 0 7e+02 1.8e+02 0 0 0 1 0\n"
                            "Tr: 1 0 0 0 0 1 0 0 0 0 1 0\n";

static void kitti_grey_and_colour(void **state)
{
    (void)state;
    test_folder_write(&folder, "calib.txt", KITTI);
    read_as("calib.txt", "kitti", NULL);
    assert_near(calibration.rig.baseline_mm, 500, 1e-9);
    assert_int_equal(calibration.warnings.length, 1); /* that the grey pair is used */
    const struct calibration_request colour = {.camera_hint = "2,3"};
    read_as("calib.txt", "kitti", &colour);
    assert_near(calibration.rig.baseline_mm, 600, 1e-9);
    const struct calibration_request named = {.cameras = "0,3"};
    read_as("calib.txt", "kitti", &named);
    assert_near(calibration.rig.baseline_mm, 540, 1e-9);
    const struct calibration_request beyond = {.cameras = "0,4"};
    assert_int_equal(calibration_read(test_folder_path(&folder, "calib.txt"), &beyond,
                                      &calibration, &error),
                     PO_BAD_ARGUMENT);
}

static void karlsruhe_uses_the_cropped_projection(void **state)
{
    (void)state;
    test_folder_write(&folder, "calib.txt",
                      "calib_time: 09-Mar-2010 16:52:08\nroi: 26 1369 70 441\n"
                      "P1: 645 0 661 0 0 645 264 0 0 0 1 0\n"
                      "P1_roi: 645 0 635 0 0 645 194 0 0 0 1 0\n"
                      "P2: 645 0 661 -368 0 645 264 0 0 0 1 0\n"
                      "P2_roi: 645 0 635 -387 0 645 194 0 0 0 1 0\n");
    read_as("calib.txt", "karlsruhe", NULL);
    assert_near(calibration.rig.cx_px, 635, 0);
    assert_near(calibration.rig.baseline_mm, 600, 1e-9);
    assert_int_equal(calibration.width_px, 1344);
    assert_int_equal(calibration.height_px, 372);
}

#define MATRIX(name, rows, cols, data)                                                   \
    name ": !!opencv-matrix\n   rows: " rows "\n   cols: " cols                          \
         "\n   dt: d\n   data: [ " data " ]\n"
#define INTRINSICS(d)                                                                    \
    MATRIX("M1", "3", "3", "500., 0., 320., 0., 501., 240., 0., 0., 1.")                 \
    MATRIX("D1", "1", "5", d)                                                            \
    MATRIX("M2", "3", "3", "502., 0., 321., 0., 503., 241., 0., 0., 1.")                 \
    MATRIX("D2", "1", "5", d)
#define EXTRINSICS(t)                                                                    \
    MATRIX("R", "3", "3", "1., 0., 0., 0., 1., 0., 0., 0., 1.")                          \
    MATRIX("T", "3", "1", t)

static void opencv_in_one_file_and_in_two(void **state)
{
    (void)state;
    test_folder_write(&folder, "one.yml",
                      "%YAML:1.0\n---\n# raw pairs\nimage_width: 640\nimage_height: "
                      "480\n" INTRINSICS("-0.2, 0.1, 0.001, 0.002, 0.05")
                          EXTRINSICS("-120., 0., 0."));
    read_as("one.yml", "opencv", NULL);
    assert_false(calibration.rectified);
    assert_int_equal(calibration.width_px, 640);
    assert_near(calibration.cameras[1].fx, 502, 0);
    assert_near(calibration.cameras[0].coefficients[4], 0.05, 0);
    assert_near(calibration.translation_mm[0], -120, 0);
    assert_string_equal(calibration.unit_origin, "guessed");

    /* Old files have no "---". */
    test_folder_write(&folder, "left_set/intrinsics.yml",
                      "%YAML:1.0\n" INTRINSICS("-0.2, 0.1, 0., 0., 0."));
    test_folder_write(&folder, "left_set/extrinsics.yml",
                      "%YAML:1.0\n" EXTRINSICS("-0.12, 0., 0."));
    read_as("left_set/intrinsics.yml", "opencv", NULL);
    assert_near(calibration.translation_mm[0], -120, 1e-9);
    read_as("left_set/extrinsics.yml", "opencv", NULL);
    assert_near(calibration.cameras[0].fy, 501, 0);
}

static void squares_stay_squares_until_told(void **state)
{
    (void)state;
    test_folder_write(&folder, "one.yml",
                      "%YAML:1.0\n---\n" INTRINSICS("-0.2, 0.1, 0., 0., 0.")
                          EXTRINSICS("-3.34, 0., 0."));
    read_as("one.yml", "opencv", NULL);
    assert_int_equal(calibration.unit, RIG_SQUARES);
    assert_int_equal(calibration.warnings.length, 1);
    assert_non_null(strstr(calibration.warnings.texts[0], "square:MM"));
    const struct calibration_request request = {.unit = PO_CALIB_UNIT_SQUARE,
                                                .square_mm = 25};
    read_as("one.yml", "opencv", &request);
    assert_int_equal(calibration.unit, RIG_MM);
    assert_near(calibration.translation_mm[0], -83.5, 1e-9);
    assert_string_equal(calibration.unit_origin, "--calibration-unit");
}

static const char CAM0[] =
    "%YAML:1.0\nsensor_type: camera\nT_BS:\n  cols: 4\n  rows: 4\n"
    "  data: [0, -1, 0, 0.01,\n   1, 0, 0, 0.02,\n   0, 0, 1, 0.03,\n   0, 0, 0, 1]\n"
    "resolution: [752, 480]\ncamera_model: pinhole\n"
    "intrinsics: [458, 457, 367, 248] #fu, fv, cu, cv\n"
    "distortion_model: radial-tangential\n"
    "distortion_coefficients: [-0.28, 0.07, 0.0002, 1e-05]\n";
static const char CAM1[] =
    "%YAML:1.0\nsensor_type: camera\nT_BS:\n  cols: 4\n  rows: 4\n"
    "  data: [0, -1, 0, 0.01,\n   1, 0, 0, 0.13,\n   0, 0, 1, 0.03,\n   0, 0, 0, 1]\n"
    "resolution: [752, 480]\ncamera_model: pinhole\n"
    "intrinsics: [460, 459, 370, 250]\ndistortion_model: equidistant\n"
    "distortion_coefficients: [-0.01, 0.02, -0.01, 0.001]\n";

static void euroc_pose_from_two_sensors(void **state)
{
    (void)state;
    test_folder_write(&folder, "mav0/cam0/sensor.yaml", CAM0);
    test_folder_write(&folder, "mav0/cam1/sensor.yaml", CAM1);
    static const char *const names[] = {"mav0/cam0/sensor.yaml", "mav0/cam1/sensor.yaml"};
    for (int i = 0; i < 2; i++) {
        read_as(names[i], "euroc", NULL);
        assert_near(calibration.translation_mm[0], -110, 1e-9);
        assert_near(calibration.translation_mm[1], 0, 1e-9);
        assert_near(calibration.rotation[0], 1, 1e-12);
        assert_near(calibration.cameras[0].cx, 367, 0);
        assert_int_equal(calibration.cameras[0].coefficient_count, 4);
        assert_int_equal(calibration.cameras[1].model, DISTORTION_FISHEYE);
    }
    /* Numbered cameras may stand in either order. */
    test_folder_write(&folder, "mav0/cam0/sensor.yaml", CAM1);
    test_folder_write(&folder, "mav0/cam1/sensor.yaml", CAM0);
    read_as("mav0/cam0/sensor.yaml", "euroc", NULL);
    assert_true(calibration.swapped);
    assert_near(calibration.translation_mm[0], -110, 1e-9);
    assert_near(calibration.cameras[0].cx, 367, 0);
}

static void binned_images_scale_the_model(void **state)
{
    (void)state;
    test_folder_write(&folder, "one.yml",
                      "%YAML:1.0\n---\nimage_width: 640\nimage_height: 480\n" INTRINSICS(
                          "-0.2, 0.1, 0., 0., 0.") EXTRINSICS("-120., 0., 0."));
    read_as("one.yml", "opencv", NULL);
    int warnings = calibration.warnings.length;
    assert_int_equal(calibration_fit_images(&calibration, 320, 240, NULL), PO_OK);
    assert_near(calibration.cameras[0].fx, 250, 1e-12);
    assert_near(calibration.cameras[0].cx, 159.75, 1e-12); /* (320 + 1/2)/2 - 1/2 */
    assert_int_equal(calibration.warnings.length, warnings + 1);

    read_as("one.yml", "opencv", NULL);
    assert_int_equal(calibration_fit_images(&calibration, 600, 480, &error),
                     PO_BAD_CALIBRATION);
    assert_non_null(strstr(error.message, "640x480"));
    assert_non_null(strstr(error.message, "600x480"));
}

static void hash_follows_values_not_the_path(void **state)
{
    (void)state;
    test_folder_write(&folder, "a.txt", KITTI);
    test_folder_write(&folder, "b.txt", KITTI);
    read_as("a.txt", "kitti", NULL);
    struct hash a = calibration_hash(&calibration);
    read_as("b.txt", "kitti", NULL);
    struct hash b = calibration_hash(&calibration);
    assert_true(a.low == b.low && a.high == b.high);
    const struct calibration_request squares = {.unit = PO_CALIB_UNIT_SQUARE,
                                                .square_mm = 100};
    read_as("b.txt", "kitti", &squares);
    b = calibration_hash(&calibration);
    assert_false(a.low == b.low && a.high == b.high);
    calibration.rig.doffs_px += 1;
    struct hash c = calibration_hash(&calibration);
    assert_false(c.low == b.low && c.high == b.high);
}

static void real_files_read(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *format;
        double baseline;
    } FILES[] = {
        {"karlsruhe_a/calib.txt", "karlsruhe", 570.738},
        {"karlsruhe_a/calib_cv.yml", "opencv", 570.738},
        {"kitti2012/training/calib/000001.txt", "kitti", 537.151},
        {"middlebury2014/Teddy/calib.txt", "middlebury", 80},
        {"middlebury2014/Jadeplant/calib.txt", "middlebury", 380.135},
        {"euroc_v1_excerpt/mav0/cam0/sensor.yaml", "euroc", 110.078},
        {"opencv_chess/intrinsics.yml", "opencv", 3.34304},
    };
    char path[TEST_PATH_BYTES];
    if (!test_data_path(PO_SOURCE_DIR, "scenes.tsv", path))
        skip();
    for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
        assert_true(test_data_path(PO_SOURCE_DIR, FILES[i].name, path));
        assert_int_equal(calibration_read(path, NULL, &calibration, &error), PO_OK);
        assert_string_equal(calibration.format, FILES[i].format);
        const double *t = calibration.translation_mm;
        assert_near(sqrt(t[0] * t[0] + t[1] * t[1] + t[2] * t[2]), FILES[i].baseline,
                    1e-5 * FILES[i].baseline);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(middlebury_with_and_without_blanks),
        FOLDER_TEST(kitti_grey_and_colour),
        FOLDER_TEST(karlsruhe_uses_the_cropped_projection),
        FOLDER_TEST(opencv_in_one_file_and_in_two),
        FOLDER_TEST(squares_stay_squares_until_told),
        FOLDER_TEST(euroc_pose_from_two_sensors),
        FOLDER_TEST(binned_images_scale_the_model),
        FOLDER_TEST(hash_follows_values_not_the_path),
        FOLDER_TEST(real_files_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
