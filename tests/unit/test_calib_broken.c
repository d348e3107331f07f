/* SPDX-License-Identifier: Apache-2.0 */
/* Calibration files with one fault each: the message names it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "calib/calibration_file.h"
#include "support/folder_fixture.h"

static struct calibration calibration;
static struct po_error error;

#define CAM "[1500 0 199; 0 1500 187; 0 0 1]"
#define MIDDLEBURY(cam0, cam1, rest) "cam0=" cam0 "\ncam1=" cam1 "\n" rest
#define P(t) "700 0 600 " t " 0 700 180 0 0 0 1 0\n"
#define K "[[500,0,320],[0,500,240],[0,0,1]]"
#define D "[-0.2,0.1,0,0,0]"
#define R "[[1,0,0],[0,1,0],[0,0,1]]"
#define JSON(k, d, r, t, more)                                                           \
    "{\"camera_matrix_left\":" k ",\"camera_matrix_right\":" K                           \
    ",\"dist_coeffs_left\":" d ",\"dist_coeffs_right\":" D ",\"R\":" r ",\"T\":" t more  \
    "}"
#define T80 "[-80,0,0]"
#define YAML_K "M1: {rows: 3, cols: 3, data: [500, 0, 320, 0, 500, 240, 0, 0, 1]}\n"
#define YAML_K2 "M2: {rows: 3, cols: 3, data: [500, 0, 320, 0, 500, 240, 0, 0, 1]}\n"
#define YAML_D "D1: [-0.2, 0.1, 0, 0]\nD2: [-0.2, 0.1, 0, 0]\n"
#define YAML_RT "R: [1, 0, 0, 0, 1, 0, 0, 0, 1]\nT: [-80, 0, 0]\n"
#define KALIBR(name, model, distortion, more)                                            \
    name ":\n  camera_model: " model "\n  intrinsics: [461, 460, 362, 246]\n"            \
         "  distortion_model: " distortion "\n  distortion_coeffs: [0.1, 0, 0, 0]\n"     \
         "  resolution: [752, 480]\n" more
#define STEP "  T_cn_cnm1: [[1, 0, 0, -0.1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]\n"

struct fault {
    const char *text;
    enum po_status status;
    const char *named; /* in the message */
};

static const struct fault faults[] = {
    /* text and syntax */
    {"nothing of the kind\n", PO_UNSUPPORTED, "no calibration this program knows"},
    {"a: b\nc: [1, 2\n", PO_BAD_FORMAT, "not valid YAML"},
    {"{\"K1\": [1,2", PO_BAD_FORMAT, "not valid JSON"},
    {"{\"K1\": [NaN]}", PO_BAD_FORMAT, "not valid JSON"},
    {"a: &x [1]\nM1: *x\n", PO_BAD_FORMAT, "aliases"},
    {"<?xml version=\"1.0\"?>\n<opencv_storage>\n", PO_BAD_FORMAT, "XML"},
    {JSON(K, D, R, T80, ",\"R\":" R), PO_BAD_FORMAT, "the key 'R' stands twice"},
    {YAML_K YAML_K2 YAML_D YAML_RT YAML_K, PO_BAD_FORMAT, "the key 'M1' stands twice"},
    {YAML_K2 YAML_D YAML_RT "M1: {rows: 3, rows: 3, cols: 3, data: [1]}\n", PO_BAD_FORMAT,
     "the key 'rows' stands twice"},
    {MIDDLEBURY(CAM, CAM, "baseline=80\nbaseline = 90\n"), PO_BAD_FORMAT,
     "the key 'baseline' stands twice"},
    {"P0: " P("0") "P1: " P("-350") "P1: " P("-360"), PO_BAD_FORMAT,
     "the key 'P1' stands twice"},
    {"{}", PO_UNSUPPORTED, "no calibration"},
    {"[]", PO_UNSUPPORTED, "no calibration"},
    {"%YAML:1.0\n", PO_UNSUPPORTED, "no calibration"},
    /* missing and misspelt */
    {MIDDLEBURY(CAM, CAM, "doffs=1\n"), PO_BAD_CALIBRATION, "baseline"},
    {"cam0=" CAM "\nbaseline=80\n", PO_BAD_CALIBRATION, "cam1"},
    {"P0: " P("0"), PO_BAD_CALIBRATION, "1 camera"},
    {"P1_roi: " P("0"), PO_BAD_CALIBRATION, "P2_roi"},
    {"{\"camera_matrix_left\":" K ",\"camera_matrix_right\":" K
     ",\"distortion_coefficients_left\":" D "}",
     PO_BAD_CALIBRATION, "dist_coeffs_left"},
    {"{\"camera_matrix_left\":" K ",\"camera_matrix_right\":" K
     ",\"distortion_coefficients_left\":" D "}",
     PO_BAD_CALIBRATION,
     "the file holds: camera_matrix_left, camera_matrix_right, "
     "distortion_coefficients_left"},
    {YAML_K YAML_K2 YAML_D, PO_BAD_CALIBRATION, "no R and T"},
    {YAML_K YAML_K2 YAML_D "R: [1, 0, 0, 0, 1, 0, 0, 0, 1]\n", PO_BAD_CALIBRATION,
     "keys tried: T"},
    {YAML_K YAML_K2 YAML_RT, PO_BAD_CALIBRATION, "D1"},
    {YAML_K YAML_D YAML_RT, PO_BAD_CALIBRATION, "M2"},
    /* numbers */
    {MIDDLEBURY("[1500 0 199; 0 1500]", CAM, "baseline=80\n"), PO_BAD_CALIBRATION,
     "cam0 has 5 numbers; want 9"},
    {MIDDLEBURY("[x 0 199; 0 1500 187; 0 0 1]", CAM, "baseline=80\n"), PO_BAD_CALIBRATION,
     "no number"},
    {MIDDLEBURY("[nan 0 199; 0 1500 187; 0 0 1]", CAM, "baseline=80\n"),
     PO_BAD_CALIBRATION, "NaN"},
    {MIDDLEBURY(CAM, CAM, "baseline=inf\n"), PO_BAD_CALIBRATION, "NaN, infinity"},
    {MIDDLEBURY(CAM, CAM, "baseline=80\ndoffs=nan\n"), PO_BAD_CALIBRATION,
     "doffs is NaN"},
    {MIDDLEBURY(CAM, CAM, "baseline=1e300\n"), PO_BAD_CALIBRATION, "above 1e15"},
    {MIDDLEBURY(CAM, CAM, "baseline=0\n"), PO_BAD_CALIBRATION, "baseline is 0"},
    {MIDDLEBURY("[0 0 199; 0 1500 187; 0 0 1]", CAM, "baseline=80\n"), PO_BAD_CALIBRATION,
     "focal"},
    {MIDDLEBURY("[1000 0 199; 0 1000 187; 0 0 1]", CAM, "baseline=80\n"),
     PO_BAD_CALIBRATION, "one focal length"},
    {JSON("[[500,0,320],[0,1e999,240],[0,0,1]]", D, R, T80, ""), PO_BAD_CALIBRATION,
     "NaN, infinity"},
    {JSON("[[500,0,320],[0,500,240]]", D, R, T80, ""), PO_BAD_CALIBRATION,
     "6 numbers; want 9"},
    {JSON("[[500,0,320],[0,\"a\",240],[0,0,1]]", D, R, T80, ""), PO_BAD_CALIBRATION,
     "no number"},
    {JSON("[[0,0,0],[0,0,0],[0,0,1]]", D, R, T80, ""), PO_BAD_CALIBRATION, "singular"},
    {JSON("[[500,0,320],[0,-500,240],[0,0,1]]", D, R, T80, ""), PO_BAD_CALIBRATION,
     "fx, fy > 0"},
    {JSON("[[500,0,0],[0,500,0],[320,240,1]]", D, R, T80, ""), PO_BAD_CALIBRATION,
     "[fx s cx; 0 fy cy; 0 0 1]"}, /* transposed */
    {JSON(K, "[-0.2,0.1,0]", R, T80, ""), PO_BAD_CALIBRATION,
     "3 distortion coefficients"},
    {JSON(K, "[-0.2,0.1,0,0,0,0,0]", R, T80, ""), PO_BAD_CALIBRATION,
     "7 distortion coefficients"},
    {JSON(K, "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]", R, T80, ""), PO_BAD_CALIBRATION,
     "15 numbers"},
    {YAML_K YAML_K2 "D1: [.nan, 0, 0, 0]\nD2: [0, 0, 0, 0]\n" YAML_RT, PO_BAD_CALIBRATION,
     "NaN"},
    /* pose */
    {JSON(K, D, "[[1,0,0],[0,1,0],[0,0,2]]", T80, ""), PO_BAD_CALIBRATION,
     "not a rotation"},
    {JSON(K, D, "[[1,0,0],[0,1,0],[0,0,-1]]", T80, ""), PO_BAD_CALIBRATION,
     "not a rotation"},
    {JSON(K, D, R, "[0,0,0]", ""), PO_BAD_CALIBRATION, "|T| = 0"},
    {JSON(K, D, R, "[80,0,0]", ""), PO_BAD_CALIBRATION, "swapped"},
    {JSON(K, D, R, "[1,2,-80]", ""), PO_BAD_CALIBRATION, "behind each other"},
    {JSON(K, D, R, "[-80,0]", ""), PO_BAD_CALIBRATION, "2 numbers; want 3"},
    {"P0: " P("0") "P1: " P("350"), PO_BAD_CALIBRATION, "--swap"},
    {MIDDLEBURY(CAM, CAM, "baseline=-80\n"), PO_BAD_CALIBRATION, "swapped"},
    /* cameras and models */
    {KALIBR("cam0", "omni", "radtan", "") KALIBR("cam1", "omni", "radtan", STEP),
     PO_UNSUPPORTED, "omni"},
    {KALIBR("cam0", "pinhole", "fov", "") KALIBR("cam1", "pinhole", "fov", STEP),
     PO_UNSUPPORTED, "fov"},
    {KALIBR("cam0", "pinhole", "radtan", ""), PO_BAD_CALIBRATION, "1 camera"},
    {KALIBR("cam0", "pinhole", "radtan", "") KALIBR("cam1", "pinhole", "radtan", ""),
     PO_BAD_CALIBRATION, "T_cn_cnm1"},
    {KALIBR("cam0", "pinhole", "radtan", "") KALIBR("cam1", "pinhole", "radtan", STEP)
         KALIBR("cam2", "pinhole", "radtan", STEP),
     PO_BAD_CALIBRATION, "--cameras 0,1"},
    {"[LEFT_CAM_HD]\nfx=700\n[STEREO]\nBaseline=120\n", PO_BAD_CALIBRATION, "no fy"},
    {"[LEFT_CAM_HD]\nfx=700\n[STEREO]\nTY=0\n", PO_BAD_CALIBRATION, "Baseline"},
    {"1 0 0 -320 0 1 0 -240 0 0 0 700 0 0 0 0\n", PO_BAD_CALIBRATION, "Q is not"},
    {"{\"cameraData\": [[\"B\", {}], [0, {}]], \"stereoRectificationData\": "
     "{\"leftCameraSocket\": 0}}",
     PO_BAD_CALIBRATION, "rightCameraSocket"},
    {"{\"cameraData\": [[\"B\", {}]], \"stereoRectificationData\": "
     "{\"leftCameraSocket\": \"B\", \"rightCameraSocket\": \"C\"}}",
     PO_BAD_CALIBRATION, "are to be the cameras' numbers"},
    {"T_BS:\n  data: [1, 0]\nintrinsics: [1, 1, 1, 1]\n", PO_BAD_CALIBRATION, "sensor"},
};

static void each_fault_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        /* The name holds "sensor", so that the last row can be found by it. */
        const char *path = test_folder_path(&folder, "sensor.yaml");
        test_folder_write(&folder, "sensor.yaml", faults[i].text);
        memset(&error, 0, sizeof(error));
        enum po_status status = calibration_read(path, NULL, &calibration, &error);
        if (status != faults[i].status ||
            strstr(error.message, faults[i].named) == NULL ||
            strstr(error.message, path) == NULL)
            fail_msg("%s\ngave %s: %s", faults[i].text, po_status_name(status),
                     error.message);
    }
}

struct warning {
    const char *text;
    const char *named;
};

#define RECTIFIED(p2, q)                                                                 \
    ",\"R1\":" R ",\"R2\":" R ",\"P1\":[[400,0,320,0],[0,400,240,0],[0,0,1,0]],"         \
    "\"P2\":[[400,0,320," p2 "],[0,400,240,0],[0,0,1,0]],"                               \
    "\"Q\":[[1,0,0,-320],[0,1,0,-240],[0,0,0,400],[0,0," q ",0]]"

static const struct warning warnings[] = {
    {JSON(K, D, R, "[-123.03,0,0]", ",\"baseline_mm\":80"),
     "|T| = 123.03, baseline = 80"},
    {JSON(K, D, R, "[-0.08,0,0]", ",\"baseline_mm\":80" RECTIFIED("-32000", "0.0125")),
     "metres beside millimetres"},
    {JSON(K, D, R, T80, RECTIFIED("-32000", "-0.0125")), "1/Q[3][2] = -80"},
    {JSON(K, D, R, T80, RECTIFIED("-40000", "0.01")), "-P2[0][3]/f = 100"},
    {JSON(K, D,
          "[[0.999950000416665,0,0.009999833334167],[0,1,0],"
          "[-0.009999833334167,0,0.999950000416665]]",
          T80, RECTIFIED("-32000", "0.0125")),
     "R1 R2 P1 P2 do not follow"},
    {JSON(K, D, R, "[-0.09,0,0]", ""), "suggests metres"},
    {JSON(K, D, R, "[-3.34,0,0]", ""), "squares"},
    {JSON(K, D, R, T80, ",\"image_size\":[2592,1944]"), "another size"},
    {MIDDLEBURY(CAM, CAM, "baseline=80\ndoffs=52\n"), "doffs = 52"},
    {JSON("[[500,99,320],[0,500,240],[0,0,1]]", D, R, T80, ""), "a skew of 99 px"},
    {JSON("[[1000,0,320],[0,1000,240],[0,0,1]]", D, R, T80, ""), "1000 and 500 px"},
};

static void contradictions_are_warnings_with_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++) {
        bool found = false;
        test_folder_write(&folder, "c.json", warnings[i].text);
        memset(&error, 0, sizeof(error));
        enum po_status status = calibration_read(test_folder_path(&folder, "c.json"),
                                                 NULL, &calibration, &error);
        for (int w = 0; w < calibration.warnings.length; w++)
            found |= strstr(calibration.warnings.texts[w], warnings[i].named) != NULL;
        if (status != PO_OK || !found)
            fail_msg("%s\n%s: %s", warnings[i].text, error.message,
                     calibration.warnings.texts[0]);
    }
}

/* A consistent file raises nothing. */
static void a_good_file_is_quiet(void **state)
{
    (void)state;
    test_folder_write(&folder, "c.json",
                      JSON(K, D, R, T80,
                           ",\"baseline_mm\":80,\"image_size\":[640,480]" RECTIFIED(
                               "-32000", "0.0125")));
    assert_int_equal(
        calibration_read(test_folder_path(&folder, "c.json"), NULL, &calibration, &error),
        PO_OK);
    assert_int_equal(calibration.warnings.length, 0);
    assert_true(calibration.has_file_rectification);
}

/* P1 and P2 for output four times as large. */
static void rectification_for_another_output_is_dropped(void **state)
{
    (void)state;
    test_folder_write(&folder, "c.json",
                      JSON(K, D, R, T80,
                           ",\"R1\":" R ",\"R2\":" R
                           ",\"P1\":[[1500,0,1280,0],[0,1500,960,0],[0,0,1,0]],"
                           "\"P2\":[[1500,0,1280,-120000],[0,1500,960,0],[0,0,1,0]]"));
    assert_int_equal(
        calibration_read(test_folder_path(&folder, "c.json"), NULL, &calibration, &error),
        PO_OK);
    assert_true(calibration.has_file_rectification);
    assert_int_equal(calibration_fit_images(&calibration, 640, 480, NULL), PO_OK);
    assert_false(calibration.has_file_rectification);
    assert_non_null(strstr(calibration.warnings.texts[0], "other output"));
}

static void a_square_has_a_side(void **state)
{
    (void)state;
    const struct calibration_request request = {.unit = PO_CALIB_UNIT_SQUARE};
    assert_int_equal(calibration_read("any", &request, &calibration, &error),
                     PO_BAD_ARGUMENT);
}

/* No lens, no turn, P = K: nothing is left to rectify. */
static void a_rectified_pair_is_recognised(void **state)
{
    (void)state;
    test_folder_write(
        &folder, "c.json",
        "{\"camera_matrix_left\":[[400,0,320],[0,400,240],[0,0,1]],"
        "\"camera_matrix_right\":[[400,0,320],[0,400,240],[0,0,1]],"
        "\"dist_coeffs_left\":[0,0,0,0,0],\"dist_coeffs_right\":[0,0,0,0,0],\"R\":" R
        ",\"T\":" T80 RECTIFIED("-32000", "0.0125") "}");
    assert_int_equal(
        calibration_read(test_folder_path(&folder, "c.json"), NULL, &calibration, &error),
        PO_OK);
    assert_true(calibration.rectified);
    assert_true(fabs(calibration.rig.baseline_mm - 80) < 1e-9);
    assert_int_equal(calibration.warnings.length, 0);
}

/* T[0] > 0, but R1, R2 and P2 fit the inverse pose: written the other way round. */
static void inverse_pose_is_undone(void **state)
{
    (void)state;
    test_folder_write(&folder, "c.json",
                      JSON(K, D, R, "[80,0,0]", RECTIFIED("-32000", "0.0125")));
    assert_int_equal(
        calibration_read(test_folder_path(&folder, "c.json"), NULL, &calibration, &error),
        PO_OK);
    assert_false(calibration.swapped);
    assert_true(calibration.translation_mm[0] < 0);
    assert_int_equal(calibration.warnings.length, 1);
}

static void write_bytes(const char *name, const char *bytes, size_t count)
{
    FILE *file = fopen(test_folder_path(&folder, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static void must_fail(const char *name, enum po_status status, const char *part)
{
    memset(&error, 0, sizeof(error));
    assert_int_equal(
        calibration_read(test_folder_path(&folder, name), NULL, &calibration, &error),
        status);
    if (strstr(error.message, part) == NULL)
        fail_msg("%s", error.message);
}

static void not_a_text_file(void **state)
{
    (void)state;
    write_bytes("utf16",
                "\xff\xfe"
                "c\0a\0m\0",
                8);
    must_fail("utf16", PO_BAD_FORMAT, "UTF-16");
    write_bytes("nul", "cam0=\0", 6);
    must_fail("nul", PO_BAD_FORMAT, "NUL");
    write_bytes("empty", "", 0);
    must_fail("empty", PO_BAD_FORMAT, "empty");
    must_fail("missing", PO_NOT_FOUND, "missing");
    assert_int_equal(mkdir(test_folder_path(&folder, "folder"), 0700), 0);
    must_fail("folder", PO_UNSUPPORTED, "a directory");
    assert_int_equal(mkfifo(test_folder_path(&folder, "fifo"), 0600), 0);
    must_fail("fifo", PO_UNSUPPORTED, "a FIFO");
}

/* Repeats `unit` until the text is `bytes` long. */
static void write_repeated(const char *name, const char *head, const char *unit,
                           size_t bytes)
{
    char *text = malloc(bytes + 64);
    assert_non_null(text);
    size_t used = strlen(head);
    memcpy(text, head, used);
    for (; used + strlen(unit) <= bytes; used += strlen(unit))
        memcpy(text + used, unit, strlen(unit));
    write_bytes(name, text, used);
    free(text);
}

static void hostile_sizes_are_bounded(void **state)
{
    (void)state;
    write_repeated("huge", "", "cam0=1\n", (size_t)3 << 20);
    must_fail("huge", PO_BAD_FORMAT, "larger than");
    write_repeated("deep_json", "{\"K1\":", "[", 100000);
    must_fail("deep_json", PO_BAD_FORMAT, "deep");
    write_repeated("deep_flow", "M1: ", "[", 100000);
    must_fail("deep_flow", PO_BAD_FORMAT, "deep");
    write_repeated("deep_block", "", "- ", 100000);
    must_fail("deep_block", PO_BAD_FORMAT, "");
    write_repeated("many", "M1: [", "1, ", 900000);
    must_fail("many", PO_BAD_FORMAT, "not valid YAML");
    write_repeated("keys", "M1: [", "a, ", 900000);
    must_fail("keys", PO_BAD_FORMAT, "more than");
    write_repeated("wide_json", "{\"K1\":[", "1,", 900000);
    must_fail("wide_json", PO_BAD_FORMAT, "");
    /* Nine levels of nine references each: 9^9 values if it were followed. */
    test_folder_write(&folder, "bomb",
                      "a: &a [x, x, x, x, x, x, x, x, x]\n"
                      "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
                      "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\n");
    must_fail("bomb", PO_BAD_FORMAT, "aliases");
    char name[6000];
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(calibration_read(name, NULL, &calibration, &error), PO_NOT_FOUND);
}

static void a_partner_that_is_missing(void **state)
{
    (void)state;
    test_folder_write(&folder, "intrinsics.yml", YAML_K YAML_K2 YAML_D);
    must_fail("intrinsics.yml", PO_BAD_CALIBRATION, "extrinsics.yml");
    test_folder_write(&folder, "left.yaml",
                      "camera_matrix: {data: [500, 0, 320, 0, 500, 240, 0, 0, 1]}\n"
                      "projection_matrix: {data: [500, 0, 320, 0, 0, 500, 240, 0, 0, 0, "
                      "1, 0]}\n");
    must_fail("left.yaml", PO_BAD_CALIBRATION, "right.yaml");
    test_folder_write(&folder, "cam0/sensor.yaml",
                      "T_BS: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]\n"
                      "intrinsics: [458, 457, 367, 248]\nresolution: [752, 480]\n");
    must_fail("cam0/sensor.yaml", PO_BAD_CALIBRATION, "cam1/sensor.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(each_fault_is_named),
        FOLDER_TEST(contradictions_are_warnings_with_values),
        FOLDER_TEST(a_good_file_is_quiet),
        FOLDER_TEST(a_rectified_pair_is_recognised),
        FOLDER_TEST(rectification_for_another_output_is_dropped),
        FOLDER_TEST(a_square_has_a_side),
        FOLDER_TEST(inverse_pose_is_undone),
        FOLDER_TEST(not_a_text_file),
        FOLDER_TEST(hostile_sizes_are_bounded),
        FOLDER_TEST(a_partner_that_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
