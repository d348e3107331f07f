/* SPDX-License-Identifier: Apache-2.0 */
/* A calibration and images of another size; a lens that the file does not state; which
 * two cameras; which unit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "calib/rectification.h"
#include "support/calibration_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define K "[[500, 0, 320], [0, 501, 240], [0, 0, 1]]"
#define RIG(d, more)                                                                     \
    "{\"M1\": " K ", \"D1\": " d ", \"M2\": " K ", \"D2\": " d                           \
    ", \"R\": [0, 0, 0], \"T\": [-60, 0, 0]" more "}"
#define ROS(shift, more)                                                                 \
    "image_width: 640\nimage_height: 480\nk: [500, 0, 320, 0, 500, 240, 0, 0, 1]\n"      \
    "d: []\ndistortion_model: plumb_bob\nr: [1, 0, 0, 0, 1, 0, 0, 0, 1]\n"               \
    "p: [500, 0, 320, " shift ", 0, 500, 240, 0, 0, 0, 1, 0]\n" more

static enum po_status read_text(const char *text,
                                const struct calibration_request *request)
{
    memset(&error, 0, sizeof(error));
    test_folder_write(&folder, "calibration.json", text);
    return calibration_read(test_folder_path(&folder, "calibration.json"), request,
                            &calibration, &error);
}

static const struct {
    const char *size; /* in the file */
    int width_px;     /* of the images */
    int height_px;
    const char *said; /* an error or a warning; NULL: none */
    double focal_px;  /* 0: an error */
} fits[] = {
    {", \"image_size\": [640, 480]", 640, 480, NULL, 500},
    {", \"image_size\": [640, 480]", 320, 240, "scaled by 0.5", 250},
    {", \"image_size\": [640, 480]", 1280, 960, "scaled by 2", 1000},
    {", \"image_size\": [640, 480]", 320, 480, "no pure scaling", 0},
    {", \"image_size\": [640, 480]", 640, 240, "no pure scaling", 0},
    {", \"image_size\": [640, 480]", 1280, 480, "no pure scaling", 0},
    {", \"image_size\": [640, 480]", 600, 400, "no pure scaling", 0},
    {", \"image_size\": [640, 480]", 0, 480, "images of 0x480", 0},
    {", \"image_size\": [640, 480]", 640, -1, "images of 640x-1", 0},
    {", \"image_size\": [1280, 960]", 640, 480, "not scaled", 500},
    {"", 640, 480, NULL, 500},
    {"", 320, 240, "lies outside the images", 0},
    {"", 330, 220, "lies outside the images", 0},
    {"", 380, 500, "far from the middle", 500},
    {"", 700, 280, "far from the middle", 500},
    {"", 1700, 500, "far from the middle", 500},
    {"", 700, 1300, "far from the middle", 500},
};

static bool says(const char *text)
{
    bool found = strstr(error.message, text) != NULL;
    for (int i = 0; i < calibration.warnings.length; i++)
        found |= strstr(calibration.warnings.texts[i], text) != NULL;
    return found;
}

static void each_size_is_fitted_or_refused(void **state)
{
    (void)state;
    char text[600];
    for (size_t i = 0; i < COUNT(fits); i++) {
        (void)snprintf(text, sizeof(text), RIG("[-0.1, 0.01, 0, 0, 0]", "%s"),
                       fits[i].size);
        assert_int_equal(read_text(text, NULL), PO_OK);
        enum po_status status = calibration_fit_images(&calibration, fits[i].width_px,
                                                       fits[i].height_px, &error);
        assert_int_equal(status == PO_OK, fits[i].focal_px > 0);
        if (fits[i].said != NULL && !says(fits[i].said))
            fail_msg("fit %zu: %s", i, error.message);
        if (fits[i].said == NULL)
            assert_false(says("scaled") || says("middle"));
        if (status != PO_OK)
            continue;
        assert_near(calibration.cameras[0].fx, fits[i].focal_px, 1e-9);
        assert_int_equal(calibration.width_px, fits[i].width_px);
        assert_int_equal(calibration.rig.height_px, fits[i].height_px);
    }
}

static const struct {
    const char *window;
    int width_px;
    int height_px;
    double focal_px;
    double cx_px;
} windows[] = {
    {"binning_x: 2\nbinning_y: 2\n", 320, 240, 250, 159.75},
    {"roi: {x_offset: 100, y_offset: 80, width: 400, height: 300}\n", 400, 300, 500, 220},
    {"binning_x: 2\nbinning_y: 2\nroi: {x_offset: 100, y_offset: 80, width: 400, height: "
     "300}\n",
     200, 150, 250, 109.75},
    {"binning_x: 2\nbinning_y: 2\n", 640, 480, 500, 320}, /* not those images */
    {"roi: {x_offset: 0, y_offset: 0, width: 0, height: 0}\n", 640, 480, 500, 320},
    {"roi: {width: 400, height: 0}\n", 640, 480, 500, 320},
};

static void windows_of_the_sensor_are_applied(void **state)
{
    (void)state;
    char left[700];
    char right[700];
    for (size_t i = 0; i < COUNT(windows); i++) {
        (void)snprintf(left, sizeof(left), ROS("0", "%s"), windows[i].window);
        (void)snprintf(right, sizeof(right), ROS("-50", "%s"), windows[i].window);
        test_folder_write(&folder, "left.yaml", left);
        test_folder_write(&folder, "right.yaml", right);
        read_as("left.yaml", "ros", NULL);
        assert_int_equal(calibration_fit_images(&calibration, windows[i].width_px,
                                                windows[i].height_px, &error),
                         PO_OK);
        assert_near(calibration.cameras[0].fx, windows[i].focal_px, 1e-9);
        assert_near(calibration.cameras[0].cx, windows[i].cx_px, 1e-9);
    }
    test_folder_write(&folder, "right.yaml", ROS("-50", "binning_x: 4\n"));
    assert_int_equal(calibration_read(test_folder_path(&folder, "left.yaml"), NULL,
                                      &calibration, &error),
                     PO_UNSUPPORTED);
    assert_non_null(strstr(error.message, "different windows"));
}

/* R1 P1 ... that were made for output of another size are not used. */
static void foreign_rectifications_are_dropped(void **state)
{
    (void)state;
    static const struct {
        double focal_px, cx_px, cy_px;
        bool kept;
    } projections[] = {{500, 320, 240, true},  {500, -5, 240, false},
                       {500, 700, 240, false}, {500, 320, -9, false},
                       {500, 320, 990, false}, {100, 320, 240, false},
                       {2500, 320, 240, false}};
    for (size_t i = 0; i < COUNT(projections); i++) {
        char text[1500];
        double f = projections[i].focal_px;
        double x = projections[i].cx_px;
        double y = projections[i].cy_px;
        (void)snprintf(text, sizeof(text),
                       RIG("[0, 0, 0, 0, 0]",
                           ", \"image_size\": [640, 480], \"R1\": [1,0,0,0,1,0,0,0,1], "
                           "\"R2\": [1,0,0,0,1,0,0,0,1], \"P1\": [%g, 0, %g, 0, 0, %g, "
                           "%g, 0, 0, 0, 1, 0], \"P2\": [%g, 0, %g, %g, 0, %g, %g, 0, "
                           "0, 0, 1, 0]"),
                       f, x, f, y, f, x, -60 * f, f, y);
        assert_int_equal(read_text(text, NULL), PO_OK);
        assert_int_equal(calibration_fit_images(&calibration, 640, 480, &error), PO_OK);
        assert_int_equal(calibration.has_file_rectification, projections[i].kept);
        assert_int_equal(says("was made for other output"), !projections[i].kept);
    }
}

/* Four coefficients without a word: k1 k2 p1 p2, or a fisheye's. */
static void a_lens_may_be_chosen(void **state)
{
    (void)state;
    static const struct {
        const char *lens;
        enum po_distortion asked;
        enum distortion_model model;
        bool in_doubt;
    } lenses[] = {
        {"[-0.3, 0.1, 0.05, 0.02]", PO_DISTORTION_AUTO, DISTORTION_RADTAN, true},
        {"[-0.3, 0.1, 0.05, 0.02]", PO_DISTORTION_RADTAN, DISTORTION_RADTAN, false},
        {"[-0.3, 0.1, 0.05, 0.02]", PO_DISTORTION_FISHEYE, DISTORTION_FISHEYE, false},
        {"[-0.3, 0.1, 0, 0, 0]", PO_DISTORTION_AUTO, DISTORTION_RADTAN, false},
        {"[]", PO_DISTORTION_FISHEYE, DISTORTION_NONE, false},
    };
    for (size_t i = 0; i < COUNT(lenses); i++) {
        char text[600];
        const struct calibration_request request = {.distortion = lenses[i].asked};
        (void)snprintf(text, sizeof(text),
                       "{\"M1\": " K ", \"D1\": %s, \"M2\": " K ", \"D2\": %s, "
                       "\"R\": [0, 0, 0], \"T\": [-60, 0, 0]}",
                       lenses[i].lens, lenses[i].lens);
        assert_int_equal(read_text(text, &request), PO_OK);
        assert_int_equal(calibration.cameras[1].model, lenses[i].model);
        assert_int_equal(calibration.lens_in_doubt, lenses[i].in_doubt);
        calibration_change_lens(&calibration);
        assert_int_equal(calibration.cameras[0].model,
                         lenses[i].model == DISTORTION_FISHEYE ? DISTORTION_RADTAN
                                                               : DISTORTION_FISHEYE);
    }
}

/* What says the unit, and what is said where nothing does. */
static void units_come_from_where_they_stand(void **state)
{
    (void)state;
    static const struct {
        const char *move;
        const char *more;
        enum po_calibration_unit asked;
        double square_mm;
        double x_mm; /* 0: refused */
        const char *said;
    } units[] = {
        {"-60", "", PO_CALIB_UNIT_AUTO, 0, -60, NULL},
        {"-0.06", "", PO_CALIB_UNIT_AUTO, 0, -60, NULL},
        {"-0.06", ", \"unit\": \"m\"", PO_CALIB_UNIT_AUTO, 0, -60, NULL},
        {"-0.06", ", \"units\": \"Metres\"", PO_CALIB_UNIT_AUTO, 0, -60, NULL},
        {"-60", ", \"unit\": \"mm\"", PO_CALIB_UNIT_AUTO, 0, -60, NULL},
        {"-60", ", \"unit\": \"millimeters\"", PO_CALIB_UNIT_AUTO, 0, -60, NULL},
        {"-3", ", \"unit\": \"squares\", \"square_size_mm\": 20", PO_CALIB_UNIT_AUTO, 0,
         -3, NULL},
        {"-3", ", \"unit\": \"furlongs\"", PO_CALIB_UNIT_MM, 0, -3, NULL},
        {"-3", "", PO_CALIB_UNIT_SQUARE, 20, -60, NULL},
        {"-3", "", PO_CALIB_UNIT_SQUARE, 0, 0, "want a side above 0 mm"},
        {"-3", "", PO_CALIB_UNIT_SQUARE, NAN, 0, "want a side above 0 mm"},
        {"-0.06", "", PO_CALIB_UNIT_M, 0, -60, NULL},
        {"-60", "", PO_CALIB_UNIT_MM, 0, -60, NULL},
    };
    for (size_t i = 0; i < COUNT(units); i++) {
        char text[600];
        const struct calibration_request request = {.unit = units[i].asked,
                                                    .square_mm = units[i].square_mm};
        (void)snprintf(text, sizeof(text),
                       "{\"M1\": " K ", \"D1\": [], \"M2\": " K ", \"D2\": [], "
                       "\"R\": [0, 0, 0], \"T\": [%s, 0, 0]%s}",
                       units[i].move, units[i].more);
        enum po_status status = read_text(text, &request);
        if ((status == PO_OK) != (units[i].x_mm != 0))
            fail_msg("unit %zu: %s", i, error.message);
        if (status == PO_OK && fabs(calibration.translation_mm[0] - units[i].x_mm) > 1e-9)
            fail_msg("unit %zu: %g", i, calibration.translation_mm[0]);
        if (status != PO_OK)
            assert_non_null(strstr(error.message, units[i].said));
    }
}

static void two_cameras_are_chosen(void **state)
{
    (void)state;
    static const struct {
        const char *cameras;
        bool taken;
    } choices[] = {{"0,1", true},     {"1,0", false /* swapped */},
                   {"0,2", false},    {"2,3", true},
                   {"0", false},      {"0,", false},
                   {",1", false},     {"x,1", false},
                   {"0,1x", false},   {"0,0", false},
                   {"0,4", false},    {"4,0", false},
                   {"-1,0", false},   {"0,-1", false},
                   {"1000,0", false}, {"0,1000", false}};
    static const char text[] = "P0: 7e2 0 6e2 0 0 7e2 18e1 0 0 0 1 0\n"
                               "P1: 7e2 0 6e2 -35e1 0 7e2 18e1 0 0 0 1 0\n"
                               "P2: 7e2 0 6e2 42 0 7e2 18e1 0 0 0 1 0\n"
                               "P3: 7e2 0 6e2 -378 0 7e2 18e1 0 0 0 1 0\n";
    for (size_t i = 0; i < COUNT(choices); i++) {
        struct calibration_request request = {.cameras = choices[i].cameras};
        enum po_status status = read_text(text, &request);
        if (choices[i].taken)
            assert_string_equal(error.message, "");
        assert_int_equal(status == PO_OK, choices[i].taken);
        request.cameras = NULL; /* a hint that makes no sense is none */
        request.camera_hint = choices[i].cameras;
        status = read_text(text, &request);
        assert_true(status == PO_OK || strstr(error.message, "--cameras") != NULL ||
                    strstr(error.message, "swap") != NULL);
    }
}

/* Matrices under people's own names, one of them missing or of another size. */
static void each_matrix_is_missed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum po_status status;
        const char *said;
    } texts[] = {
        {"{\"mtxL\": " K ", \"distL\": [0], \"mtxR\": " K ", \"distR\": [0]}",
         PO_BAD_CALIBRATION, "holds no R and T"},
        {"{\"mtxL\": " K ", \"mtxR\": " K ", \"R\": [0,0,0], \"T\": [-60,0,0]}",
         PO_BAD_CALIBRATION, "dist"},
        {"{\"mtxL\": " K ", \"distL\": [0,0,0,0], \"mtxR\": " K
         ", \"R\": [0,0,0], \"T\": [-60,0,0]}",
         PO_BAD_CALIBRATION, "dist"},
        {"{\"mtxL\": " K ", \"distL\": [0,0,0,0], \"distR\": [0,0,0,0], "
         "\"R\": [0,0,0], \"T\": [-60,0,0]}",
         PO_BAD_CALIBRATION, "M2"},
        {"{\"mtxR\": " K ", \"distL\": [0,0,0,0], \"distR\": [0,0,0,0], "
         "\"R\": [0,0,0], \"T\": [-60,0,0]}",
         PO_BAD_CALIBRATION, "M1"},
        {RIG("[0, 0, 0, 0, 0]", ", \"Q\": [1, 2, 3]"), PO_BAD_CALIBRATION,
         "Q has 3 numbers; want 16"},
        {RIG("[0, 0, 0, 0, 0]", ", \"R1\": [1]"), PO_BAD_CALIBRATION,
         "R1 has 1 numbers; want 9"},
        {RIG("[0, 0, 0, 0, 0]", ", \"P1\": [1, \"x\"]"), PO_BAD_CALIBRATION,
         "P1 holds something that is no number"},
        {RIG("[0, 0, 0, 0, 0]", ", \"lens_model\": \"mirror\""), PO_UNSUPPORTED,
         "mirror"},
        {"{\"M1\": " K ", \"D1\": [], \"M2\": " K ", \"D2\": [], \"R\": [0, 0], \"T\": "
         "[-60, 0, 0]}",
         PO_BAD_CALIBRATION, "R"},
        {"{\"M1\": " K ", \"D1\": [], \"M2\": " K
         ", \"D2\": [], \"R\": [0, 0, 0], \"T\": "
         "[-60, 0]}",
         PO_BAD_CALIBRATION, "T"},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        enum po_status status = read_text(texts[i].text, NULL);
        if (status != texts[i].status || strstr(error.message, texts[i].said) == NULL)
            fail_msg("text %zu: %s: %s", i, po_status_name(status), error.message);
        assert_non_null(strstr(error.message, "calibration.json"));
    }
}

/* Two calibrations of one session that disagree are told apart in a line. */
static void differences_are_said(void **state)
{
    (void)state;
    static struct calibration other;
    char line[400];
    assert_int_equal(
        read_text(RIG("[0, 0, 0, 0, 0]", ", \"image_size\": [640, 480]"), NULL), PO_OK);
    other = calibration;
    calibration_difference(&calibration, &other, line, (int)sizeof(line));
    assert_string_equal(line, "the same values");
    assert_int_equal(read_text("{\"M1\": " K ", \"D1\": [], \"M2\": " K
                               ", \"D2\": [], \"R\": [0, 0, 0], \"T\": [-3, 0, 0], "
                               "\"unit\": \"squares\"}",
                               NULL),
                     PO_OK);
    calibration_difference(&calibration, &other, line, (int)sizeof(line));
    assert_non_null(strstr(line, "60 mm"));
    assert_non_null(strstr(line, "3 squares"));
    calibration_difference(&other, &calibration, line, (int)sizeof(line));
    assert_non_null(strstr(line, "3 squares"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(each_size_is_fitted_or_refused),
        FOLDER_TEST(windows_of_the_sensor_are_applied),
        FOLDER_TEST(foreign_rectifications_are_dropped),
        FOLDER_TEST(a_lens_may_be_chosen),
        FOLDER_TEST(units_come_from_where_they_stand),
        FOLDER_TEST(two_cameras_are_chosen),
        FOLDER_TEST(each_matrix_is_missed),
        FOLDER_TEST(differences_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
