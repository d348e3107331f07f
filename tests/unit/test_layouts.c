/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts beyond the plain ones: UnLook, side by side, globs; hostile session files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/layout.h"
#include "session/manifest.h"
#include "support/session_fixture.h"

static bool warned(const char *part)
{
    for (int i = 0; i < manifest->warnings.length; i++)
        if (strstr(manifest->warnings.texts[i], part) != NULL)
            return true;
    return false;
}

static const char CALIBRATION[] =
    "{\"K1\":[[1500,0,640],[0,1500,360],[0,0,1]],\"K2\":[[1500,0,640],[0,1500,360],"
    "[0,0,1]],\"D1\":[0,0,0,0,0],\"D2\":[0,0,0,0,0],\"R\":[[1,0,0],[0,1,0],[0,0,1]],"
    "\"T\":[-80,0,0],\"baseline_mm\":80,\"image_size\":[1280,720]}";

static void unlook_capture_matches_the_white_pictures(void **state)
{
    (void)state;
    touch("left_000_reference_white.jpg");
    touch("right_000_reference_white.jpg");
    touch("left_001_reference_black.jpg");
    touch("right_001_reference_black.jpg");
    touch("left_003_phase_shift_f1_s1.jpg");
    touch("right_003_phase_shift_f1_s1.jpg");
    test_folder_write(&folder, "calibration.json", CALIBRATION);
    test_folder_write(&folder, "metadata.json", "{\"pattern_count\": 3, \"patt");
    must_load("unlook-capture", 1);
    assert_string_equal(manifest->frames[0].id, "000_reference_white");
    assert_true(warned("metadata.json: not valid JSON"));
    assert_true(warned("2 of other patterns are left out"));
    assert_int_equal(manifest->frames[0].calibration, 0);
    assert_string_equal(manifest->calibrations[0].format, "unlook-json");
    assert_int_equal(manifest->unused_count, 0);
    test_folder_write(&folder, "metadata.json", "{}");
    must_load("unlook-capture", 1);
    assert_false(warned("metadata"));
    input.layout = "named-pairs";
    must_load("named-pairs", 3);
}

static void unlook_capture_of_one_camera_is_refused(void **state)
{
    (void)state;
    touch("primary_000_reference_white.jpg");
    touch("primary_001_phase_shift_f1_s1.jpg");
    test_folder_write(&folder, "metadata.json", "{}");
    must_fail(PO_BAD_SESSION, "one camera");
    touch("left_000_reference_white.jpg");
    must_fail(PO_BAD_SESSION, "no pair: 1 pictures");
}

static void unlook_dataset_follows_its_list(void **state)
{
    (void)state;
    touch("s/left/frame_000.png");
    touch("s/right/frame_000.png");
    touch("s/left/frame_001.png");
    touch("s/right/other.png");
    touch("s/left/frame_002.png");
    touch("outside/a.png");
    touch("outside/b.png");
    test_folder_write(
        &folder, "s/dataset_info.json",
        "{\"image_pairs\": [{\"left_filename\": \"frame_000.png\", \"right_filename\": "
        "\"frame_000.png\"}, {\"left_filename\": \"left/frame_001.png\", "
        "\"right_filename\": \"right/other.png\"}, {\"left_filename\": "
        "\"frame_002.png\", \"right_filename\": \"frame_002.png\"}, {\"left_filename\": "
        "\"../outside/a.png\", \"right_filename\": \"../outside/b.png\"}, 7]}");
    input.input = test_folder_path(&folder, "s");
    must_load("unlook-dataset", 2);
    assert_string_equal(manifest->frames[0].id, "frame_000");
    assert_non_null(strstr(manifest->frames[1].right_path, "right/other.png"));
    assert_int_equal(manifest->unmatched_count, 1);
    assert_true(warned("2 image_pairs are left out"));
    input.follow_outside = true;
    must_load("unlook-dataset", 3);
    /* A broken list gives way to the folders. */
    input.follow_outside = false;
    test_folder_write(&folder, "s/dataset_info.json", "{\"image_pairs\": [");
    must_load("unlook-dataset", 1);
    assert_true(warned("taken from left/ and right/"));
}

static void side_by_side_where_it_is_told(void **state)
{
    (void)state;
    touch("000.png");
    touch("001.png");
    must_fail(PO_BAD_SESSION, "--layout side-by-side");
    input.layout = "side-by-side";
    must_load("side-by-side", 2);
    assert_true(manifest->frames[0].side_by_side);
    assert_string_equal(manifest->frames[0].left_path, manifest->frames[0].right_path);
    assert_false(manifest->frames[0].halves_swapped);
    input.swap = true;
    must_load("side-by-side", 2);
    assert_true(manifest->frames[0].halves_swapped);
    input.swap = false;
    input.layout = NULL;
    test_folder_write(&folder, "SN001234.conf",
                      "[LEFT_CAM_HD]\nfx=700\nfy=700\ncx=640\ncy=360\nk1=0\nk2=0\n"
                      "[RIGHT_CAM_HD]\nfx=700\nfy=700\ncx=640\ncy=360\nk1=0\nk2=0\n"
                      "[STEREO]\nBaseline=120\nRX_HD=0\nCV_HD=0\nRZ_HD=0\n");
    must_load("side-by-side", 2);
    assert_string_equal(manifest->calibrations[0].format, "zed");
}

static void globs_name_what_no_rule_knows(void **state)
{
    (void)state;
    touch("a/img_01_x.png");
    touch("a/img_02_x.png");
    touch("b/pic_02.png");
    touch("b/pic_03.png");
    input.left_glob = "a/img_*_x.png";
    input.right_glob = "b/pic_*.png";
    must_load("globs", 1);
    assert_string_equal(manifest->frames[0].id, "02");
    assert_int_equal(manifest->unmatched_count, 2);
    input.right_glob = "../b/pic_*.png";
    must_fail(PO_BAD_ARGUMENT, "leaves the session");
    input.right_glob = NULL;
    must_fail(PO_BAD_ARGUMENT, "go together");
}

static void raw_kitti_drive_finds_its_calibration_above(void **state)
{
    (void)state;
    touch("day/drive/image_02/data/0000000001.png");
    touch("day/drive/image_03/data/0000000001.png");
    touch("day/drive/image_00/data/0000000001.png");
    touch("day/drive/image_01/data/0000000001.png");
    test_folder_write(&folder, "day/calib_cam_to_cam.txt",
                      "P_rect_00: 721 0 609 0 0 721 172 0 0 0 1 0\n"
                      "P_rect_01: 721 0 609 -387 0 721 172 0 0 0 1 0\n"
                      "P_rect_02: 721 0 609 44 0 721 172 0 0 0 1 0\n"
                      "P_rect_03: 721 0 609 -339 0 721 172 0 0 0 1 0\n");
    input.input = test_folder_path(&folder, "day/drive");
    must_load("kitti", 1);
    assert_non_null(strstr(manifest->frames[0].left_path, "image_00/data"));
    assert_true(manifest->calibrations[0].rig.baseline_mm < 537);
    assert_true(warned("more than one pair of image folders"));
    input.cameras = "2,3";
    must_load("kitti", 1);
    assert_non_null(strstr(manifest->frames[0].left_path, "image_02/data"));
    assert_true(manifest->calibrations[0].rig.baseline_mm < 532);
}

static void numbered_cameras_in_the_wrong_order(void **state)
{
    (void)state;
    static const char CHAIN[] =
        "cam0:\n  camera_model: pinhole\n  intrinsics: [461, 460, 362, 246]\n"
        "  distortion_model: radtan\n  distortion_coeffs: [0, 0, 0, 0]\n"
        "  resolution: [752, 480]\ncam1:\n  camera_model: pinhole\n"
        "  intrinsics: [462, 460, 362, 246]\n  distortion_model: radtan\n"
        "  distortion_coeffs: [0, 0, 0, 0]\n  resolution: [752, 480]\n"
        "  T_cn_cnm1: [[1, 0, 0, 0.1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]\n";
    touch("cam0/1.png");
    touch("cam1/1.png");
    test_folder_write(&folder, "camchain.yaml", CHAIN);
    must_load("left-right-folders", 1);
    assert_true(manifest->calibrations[0].swapped);
    assert_non_null(strstr(manifest->frames[0].left_path, "cam1/1.png"));
    assert_true(manifest->calibrations[0].cameras[0].fx == 462);
    /* --swap exchanges the images once more than the calibration asks: no. */
    input.swap = true;
    must_load("left-right-folders", 1);
    assert_non_null(strstr(manifest->frames[0].left_path, "cam1/1.png"));
}

static void marks_of_sides(void **state)
{
    (void)state;
    char key[SIDE_KEY_BYTES];
    assert_true(side_mark_strip("left_000.png", 0, SIDE_LEFT, key));
    assert_string_equal(key, "000");
    assert_true(side_mark_strip("frameLeft.png", 0, SIDE_LEFT, key));
    assert_string_equal(key, "frame");
    assert_false(side_mark_strip("aleftb_1.png", 0, SIDE_LEFT, key));
    assert_false(side_mark_strip("1.png", 0, SIDE_LEFT, key));
    assert_false(side_mark_strip("ball.png", 2, SIDE_LEFT, key));
    assert_true(side_mark_strip("x_L_1.png", 2, SIDE_LEFT, key));
    assert_string_equal(key, "x_1");
    assert_false(side_mark_strip("cam01.png", 1, SIDE_LEFT, key));
    char longest[300];
    memset(longest, 'l', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_false(side_mark_strip(longest, 0, SIDE_LEFT, key));
}

static void paths_that_leave_are_seen(void **state)
{
    (void)state;
    assert_true(path_stays_inside("a/b.png"));
    assert_true(path_stays_inside("a/..b/c..png"));
    assert_false(path_stays_inside("../a"));
    assert_false(path_stays_inside("a/../../b"));
    assert_false(path_stays_inside("a/.."));
    assert_false(path_stays_inside("/etc/passwd"));
    assert_false(path_stays_inside(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(unlook_capture_matches_the_white_pictures),
        SESSION_TEST(unlook_capture_of_one_camera_is_refused),
        SESSION_TEST(unlook_dataset_follows_its_list),
        SESSION_TEST(side_by_side_where_it_is_told),
        SESSION_TEST(globs_name_what_no_rule_knows),
        SESSION_TEST(raw_kitti_drive_finds_its_calibration_above),
        SESSION_TEST(numbered_cameras_in_the_wrong_order),
        SESSION_TEST(marks_of_sides),
        SESSION_TEST(paths_that_leave_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
