/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are one frame: names of all kinds, rules that compete, results beside
 * captures, time stamps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/capture_kind.h"
#include "session/manifest.h"
#include "session/side_mark.h"
#include "session/stamp_text.h"
#include "support/session_fixture.h"

static void must_warn(const char *part)
{
    for (int i = 0; i < manifest->warnings.length; i++)
        if (strstr(manifest->warnings.texts[i], part) != NULL)
            return;
    for (int i = 0; i < manifest->warnings.length; i++)
        print_message("%s\n", manifest->warnings.texts[i]);
    fail_msg("no warning has: %s", part);
}

/* Puts files in two folders and takes them away again. */
static void pair_of(const char *left, const char *right, const char *layout,
                    const char *id)
{
    touch(left);
    touch(right);
    must_load(layout, 1);
    assert_string_equal(manifest->frames[0].id, id);
    assert_non_null(strstr(manifest->frames[0].left_path, left));
    assert_non_null(strstr(manifest->frames[0].right_path, right));
    (void)unlink(test_folder_path(&folder, left));
    (void)unlink(test_folder_path(&folder, right));
}

static void names_that_differ_in_the_side(void **state)
{
    (void)state;
    static const char *const names[][3] = {
        {"imageL0.png", "imageR0.png", "image0"},
        {"ImageL1.png", "ImageR1.png", "Image1"},
        {"imgLeft0.png", "imgRight0.png", "img0"},
        {"Limg_004.png", "Rimg_004.png", "img_004"},
        {"camera0_12.png", "camera1_12.png", "12"},
        {"cam_0_12.png", "cam_1_12.png", "12"},
        {"I1_000000.png", "I2_000000.png", "000000"},
        {"img_00000000_0.png", "img_00000000_1.png", "img_00000000"},
        {"scan_0_17.png", "scan_1_17.png", "scan_17"},
        {"bild_links_3.png", "bild_rechts_3.png", "bild_3"},
        {"gauche3.png", "droite3.png", "3"},
        {"izquierda_3.png", "derecha_3.png", "3"},
        {"foto_izq_3.png", "foto_der_3.png", "foto_3"},
        {"sinistra3.png", "destra3.png", "3"},
        {"3_sx.png", "3_dx.png", "3"},
        {"cam1_3.png", "cam2_3.png", "3"},
        {"LData3.png", "RData3.png", "Data3"},
        {"3-L.jpg", "3-R.jpg", "3"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        pair_of(names[i][0], names[i][1], "named-pairs", names[i][2]);
}

static void folders_that_differ_in_the_side(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"stereoLeft", "stereoRight"},
        {"left-camera", "right-camera"},
        {"left_images", "right_images"},
        {"lData", "rData"},
        {"scanLeft", "scanRight"},
        {"izquierda", "derecha"},
        {"links", "rechts"},
        {"leftImg8bit", "rightImg8bit"},
        {"camera-0", "camera-1"},
        {"view_0", "view_1"},
        {"Left", "RIGHT"},
        {"L", "R"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char paths[2][64];
        for (int side = 0; side < 2; side++)
            (void)snprintf(paths[side], sizeof(paths[side]), "%s/5.png", names[i][side]);
        pair_of(paths[0], paths[1], "left-right-folders", "5");
        for (int side = 0; side < 2; side++)
            (void)rmdir(test_folder_path(&folder, names[i][side]));
    }
}

/* Numbers that go on count frames of one camera. */
static void numbers_that_count_frames_are_no_sides(void **state)
{
    (void)state;
    touch("img_0.png");
    touch("img_1.png");
    touch("img_2.png");
    must_fail(PO_BAD_SESSION, "no stereo pairs found in 3 images such as img_0.png");
    touch("scan_0/left_1.png");
    touch("scan_0/right_1.png");
    touch("scan_1/left_1.png");
    touch("scan_1/right_1.png");
    must_fail(PO_BAD_SESSION, "2 sessions in it (scan_0, scan_1)");
}

/* Two pictures of both views each are no pair, where the folder says what they are. */
static void numbers_give_way_to_what_the_folder_says(void **state)
{
    (void)state;
    touch("sbs_0.png");
    touch("sbs_1.png");
    must_load("side-by-side", 2);
    must_warn("not used: 1 pair of the layout named-pairs");
}

static void rules_join_where_ids_are_free(void **state)
{
    (void)state;
    touch("left/01.png");
    touch("right/01.png");
    for (int i = 2; i < 7; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "left/left_0%d.png", i);
        touch(name);
        (void)snprintf(name, sizeof(name), "right/right_0%d.png", i);
        touch(name);
    }
    must_load("left-right-folders", 6);
    assert_string_equal(manifest->frames[0].id, "01");
    assert_string_equal(manifest->frames[5].id, "06");
    assert_int_equal(manifest->unmatched_count, 0);
    /* One more whose id is taken. */
    touch("left/left_01.png");
    touch("right/right_01.png");
    must_load("left-right-folders", 6);
    must_warn("not used: 1 pair by equal names, whose frames would have the same names");
}

static void the_largest_set_of_names_wins(void **state)
{
    (void)state;
    touch("cam0_left_1.png");
    touch("cam1_left_1.png");
    touch("a_L.png");
    touch("a_R.png");
    touch("b_L.png");
    touch("b_R.png");
    must_load("named-pairs", 3);
    assert_string_equal(manifest->frames[0].id, "a");
    assert_string_equal(manifest->frames[2].id, "left_1");
}

static void frame_numbers_pair_what_else_differs(void **state)
{
    (void)state;
    touch("left/0000.png");
    touch("left/0001.png");
    touch("right/scan0001.png");
    touch("right/scan0000.png");
    must_load("left-right-folders", 2);
    assert_string_equal(manifest->frames[1].id, "1");
    assert_non_null(strstr(manifest->frames[1].right_path, "scan0001.png"));
    /* Names of two kinds on one side: which number counts nobody knows. */
    touch("right/dark7.png");
    must_fail(PO_BAD_SESSION, "no pair");
}

static void captures_go_before_results(void **state)
{
    (void)state;
    touch("left_1.png");
    touch("right_1.png");
    touch("rectified_left_1.png");
    touch("rectified_right_1.png");
    touch("disp_left_1.png");
    must_load("named-pairs", 1);
    assert_string_equal(manifest->frames[0].id, "1");
    assert_int_equal(manifest->unmatched_count, 0);
    must_warn("not used: 3 images that are results by their names (such as disp_left_1");
    /* Alone they are what there is. */
    (void)unlink(test_folder_path(&folder, "left_1.png"));
    (void)unlink(test_folder_path(&folder, "right_1.png"));
    must_load("named-pairs", 1);
    assert_string_equal(manifest->frames[0].id, "rectified_1");
}

static void captures_below_go_before_results_here(void **state)
{
    (void)state;
    touch("rectifyed_left.jpg");
    touch("rectifyed_right.jpg");
    for (int i = 0; i < 3; i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "pairs/left_%d.png", i);
        touch(name);
        (void)snprintf(name, sizeof(name), "pairs/right_%d.png", i);
        touch(name);
    }
    must_load("named-pairs", 3);
    assert_non_null(strstr(manifest->frames[0].left_path, "pairs/left_0.png"));
    must_warn("not used: 1 pair of ");
    /* In folders beside them too. */
    touch("left-camera/1.png");
    touch("right-camera/1.png");
    must_load("left-right-folders", 1);
    must_warn("not used: 3 pairs of ");
}

static void other_folders_of_the_session_are_told(void **state)
{
    (void)state;
    touch("left/1.png");
    touch("right/1.png");
    touch("left_images/1.png");
    touch("left_images/2.png");
    touch("right_images/1.png");
    touch("right_images/2.png");
    touch("rectified_left/1.png");
    touch("rectified_right/1.png");
    must_load("left-right-folders", 2);
    assert_non_null(strstr(manifest->frames[0].left_path, "left_images/1.png"));
    must_warn("not used: 1 pair of left/ and right/");
    must_warn(
        "not used: 1 pair of rectified_left/ and rectified_right/, which are results");
}

static void a_folder_of_one_camera_leads_up(void **state)
{
    (void)state;
    touch("s/left/a_0.png");
    touch("s/left/a_1.png");
    touch("s/right/a_0.png");
    touch("s/right/a_1.png");
    input.input = test_folder_path(&folder, "s/left");
    must_fail(PO_BAD_SESSION, "the session is the folder above, so give --input");
    input.input = test_folder_path(&folder, "s");
    must_load("left-right-folders", 2);
}

static void files_that_are_not_read_are_named(void **state)
{
    (void)state;
    touch("left/1.jp2");
    touch("left/2.jp2");
    touch("right/1.jp2");
    must_fail(PO_BAD_SESSION, "3 files of JPEG 2000");
    touch("left/1.png");
    touch("right/1.png");
    touch("take.svo2");
    must_load("left-right-folders", 1);
    must_warn("opj_decompress -i 1.jp2 -o 1.png");
    must_warn("1 file of ZED recordings");
    input.input = test_folder_path(&folder, "video");
    touch("video/a.MP4");
    must_fail(PO_BAD_SESSION, "ffmpeg -i a.MP4 a_%06d.png");
}

static void time_stamps_of_all_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
    } STAMPS[] = {
        {"1612345678100300000", 1612345678100300000},
        {"1612345678100300", 1612345678100300000},
        {"1612345678100", 1612345678100000000},
        {"1612345678.1003", 1612345678100300000},
        {"1612345678", 1612345678000000000},
        {"1612345678_100300", 1612345678100300000},
        {"1612345678_300", 1612345678000300000},
        {"1612345678-100300", 1612345678100300000},
        {"frame_1612345678.5_rect", 1612345678500000000},
    };
    struct stamp_parts parts;
    for (size_t i = 0; i < sizeof(STAMPS) / sizeof(STAMPS[0]); i++) {
        assert_true(stamp_text_parse(STAMPS[i].text, &parts));
        if (stamp_parts_ns(&parts, 6) != STAMPS[i].ns)
            fail_msg("%s: %lld", STAMPS[i].text, (long long)stamp_parts_ns(&parts, 6));
    }
    assert_true(stamp_text_parse("1612345678-100300000", &parts));
    assert_true(stamp_parts_ns(&parts, 9) == 1612345678100300000);
    static const char *const none[] = {"",
                                       "0000000001",
                                       "000017",
                                       "20240131123000",
                                       "161234567810030000",
                                       "1612345678.1003_2",
                                       "7_1612345678100300",
                                       "1612345678.0123456789",
                                       "99999999999999999999999999"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (stamp_text_parse(none[i], &parts))
            fail_msg("%s is no stamp", none[i]);
}

static void stamps_pair_in_folders_globs_and_names(void **state)
{
    (void)state;
    touch("left/1612345678.100000.png");
    touch("left/1612345678.200000.png");
    touch("right/1612345678.100300.png");
    touch("right/1612345678.200000.png"); /* equal names do not end it */
    must_load("left-right-folders", 2);
    assert_string_equal(manifest->frames[0].id, "1612345678.100000");
    input.left_glob = "left/*.png";
    input.right_glob = "right/*.png";
    must_load("globs", 2);
    input.left_glob = input.right_glob = NULL;
    input.pair_tolerance_s = 1e-4;
    must_load("left-right-folders", 1);
    (void)unlink(test_folder_path(&folder, "right/1612345678.200000.png"));
    must_fail(PO_BAD_SESSION,
              "no two are nearer than 0.0003 s; --pair-tolerance is 0.0001");
    input.pair_tolerance_s = 0.002;
    touch("one/left_1612345678_100.png");
    touch("one/right_1612345678_1200.png");
    input.input = test_folder_path(&folder, "one");
    must_load("named-pairs", 1);
}

/* 10 is nearer to 12 than 7 or 14 are to what is left: one to one, the nearest first. */
static void the_nearest_stamps_pair_first(void **state)
{
    (void)state;
    touch("left/1612345678.010.png");
    touch("left/1612345678.020.png");
    touch("right/1612345678.007.png");
    touch("right/1612345678.012.png");
    touch("right/1612345678.014.png");
    input.pair_tolerance_s = 0.0065;
    must_load("left-right-folders", 2);
    assert_non_null(strstr(manifest->frames[0].right_path, ".012"));
    assert_non_null(strstr(manifest->frames[1].right_path, ".014"));
    assert_int_equal(manifest->unmatched_count, 1);
}

static void expect_truth(int frame, const char *name, double scale)
{
    const struct frame_entry *entry = &manifest->frames[frame];
    if (entry->ground_truth_path == NULL ||
        strstr(entry->ground_truth_path, name) == NULL)
        fail_msg("%s: ground truth %s, want %s", entry->id, entry->ground_truth_path,
                 name);
    assert_true(entry->ground_truth_scale == scale);
}

static void write_bytes(const char *name, const char *bytes, size_t count)
{
    FILE *file = fopen(test_folder_path(&folder, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static void ground_truth_is_found_beside_the_images(void **state)
{
    (void)state;
    static const char DEEP[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x10";
    touch("a_left.png");
    touch("a_right.png");
    touch("disp0.pfm");
    assert_int_equal(session_load("auto"), PO_OK);
    expect_truth(0, "disp0.pfm", 1);
    touch("disp0GT.pfm");
    assert_int_equal(session_load("auto"), PO_OK);
    expect_truth(0, "disp0GT.pfm", 1);
    touch("b_left.png");
    touch("b_right.png");
    touch("a_left_GT.tif");
    write_bytes("b_gt.png", DEEP, sizeof(DEEP));
    assert_int_equal(session_load("auto"), PO_OK);
    assert_int_equal(manifest->frame_count, 2);
    assert_int_equal(manifest->unmatched_count, 0);
    expect_truth(0, "a_left_GT.tif", 256);
    expect_truth(1, "b_gt.png", 256);
    must_load("named-pairs", 2); /* not asked for */
    assert_null(manifest->frames[0].ground_truth_path);
    input.input = test_folder_path(&folder, "s");
    touch("s/left/1.png");
    touch("s/right/1.png");
    touch("s/left/2.png");
    touch("s/right/2.png");
    touch("s/gt/2_gt.pfm");
    assert_int_equal(session_load("auto"), PO_OK);
    expect_truth(1, "gt/2_gt.pfm", 256);
    must_warn("no ground truth for 1 of 2 frames");
}

static void kinds_of_names(void **state)
{
    (void)state;
    static const char *const results[] = {
        "rectifyed_left.jpg", "undistorted_7.png", "disp_01.png", "depth.png",
        "leftDepth.png",      "out1.png",          "map_3.png",   "disparity7.png"};
    static const char *const captures[] = {"outdoor_1.png", "mapping.png", "layout3.png",
                                           "left.png",      "display.png", "scout_7.png"};
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
        assert_int_equal(capture_kind_of(results[i]), KIND_RESULT);
    for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++)
        assert_int_equal(capture_kind_of(captures[i]), KIND_CAPTURE);
    assert_int_equal(capture_kind_of("chessboard_02.png"), KIND_CALIBRATION_BOARD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(names_that_differ_in_the_side),
        SESSION_TEST(folders_that_differ_in_the_side),
        SESSION_TEST(numbers_that_count_frames_are_no_sides),
        SESSION_TEST(numbers_give_way_to_what_the_folder_says),
        SESSION_TEST(rules_join_where_ids_are_free),
        SESSION_TEST(the_largest_set_of_names_wins),
        SESSION_TEST(frame_numbers_pair_what_else_differs),
        SESSION_TEST(captures_go_before_results),
        SESSION_TEST(captures_below_go_before_results_here),
        SESSION_TEST(other_folders_of_the_session_are_told),
        SESSION_TEST(a_folder_of_one_camera_leads_up),
        SESSION_TEST(files_that_are_not_read_are_named),
        SESSION_TEST(time_stamps_of_all_spellings),
        SESSION_TEST(stamps_pair_in_folders_globs_and_names),
        SESSION_TEST(the_nearest_stamps_pair_first),
        SESSION_TEST(ground_truth_is_found_beside_the_images),
        SESSION_TEST(kinds_of_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
