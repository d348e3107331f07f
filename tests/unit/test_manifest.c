/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions as folders of empty files: pairs, ids, selection, calibrations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/manifest.h"
#include "support/session_fixture.h"

static const char CALIBRATION[] =
    "cam0=[1500 0 199; 0 1500 187; 0 0 1]\ncam1=[1500 0 251; 0 1500 187; 0 0 1]\n"
    "doffs=52\nbaseline=80\nwidth=450\nheight=375\nndisp=64\n";

static void folders_pair_by_name_in_natural_order(void **state)
{
    (void)state;
    touch("left/f10.png");
    touch("left/f9.png");
    touch("left/f8.png");
    touch("right/f9.jpg");
    touch("right/f10.png");
    touch("right/f11.png");
    touch("left/.hidden.png");
    touch("left/notes.txt");
    must_load("left-right-folders", 2);
    assert_string_equal(manifest->frames[0].id, "f9");
    assert_string_equal(manifest->frames[1].id, "f10");
    assert_non_null(strstr(manifest->frames[0].right_path, "right/f9.jpg"));
    assert_int_equal(manifest->unmatched_count, 2);
    assert_int_equal(manifest->frames[0].calibration, -1);
    assert_non_null(strstr(manifest->warnings.texts[0], "disparity only"));
}

static void folders_whose_names_repeat_the_side(void **state)
{
    (void)state;
    touch("left/left_0007.png");
    touch("right/right_0007.png");
    must_load("left-right-folders", 1);
    assert_string_equal(manifest->frames[0].id, "0007");
    /* Equal names stay as they are, whatever words are in them. */
    touch("left/cam0_left_1.png");
    touch("right/cam0_left_1.png");
    must_load("left-right-folders", 2);
    assert_string_equal(manifest->frames[0].id, "0007");
    assert_string_equal(manifest->frames[1].id, "cam0_left_1");
}

static void folders_of_time_stamps(void **state)
{
    (void)state;
    touch("left/1403715274462142976.png");
    touch("right/1403715274462999999.png");
    touch("left/1403715275462142976.png");
    touch("right/1403715275499999999.png");
    must_load("left-right-folders", 1);
    assert_string_equal(manifest->frames[0].id, "1403715274462142976");
    assert_int_equal(manifest->unmatched_count, 2);
}

static void one_folder_tells_sides_by_name(void **state)
{
    (void)state;
    static const char *const names[][3] = {
        {"left01.png", "right01.png", "01"},
        {"left-0001.png", "right-0001.png", "0001"},
        {"scan_3_left.png", "scan_3_right.png", "scan_3"},
        {"scan_left_3.png", "scan_right_3.png", "scan_3"},
        {"IMG7L.png", "IMG7R.png", "IMG7"},
        {"7_l.png", "7_r.png", "7"},
        {"cam0_7.png", "cam1_7.png", "7"},
        {"Left_a b.png", "Right_a b.png", "a%20b"},
        {"left.png", "right.png", "000000"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        touch(names[i][0]);
        touch(names[i][1]);
        must_load("named-pairs", 1);
        assert_string_equal(manifest->frames[0].id, names[i][2]);
        (void)unlink(test_folder_path(&folder, names[i][0]));
        (void)unlink(test_folder_path(&folder, names[i][1]));
    }
}

static void scenes_have_their_own_calibration_and_truth(void **state)
{
    (void)state;
    touch("A/im0.png");
    touch("A/im1.png");
    touch("A/disp0GT.pfm");
    touch("A/mask0nocc.png");
    test_folder_write(&folder, "A/calib.txt", CALIBRATION);
    touch("B/view1.png");
    touch("B/view5.png");
    touch("B/disp1.png");
    touch("C/im2.png");
    touch("C/im6.png");
    touch("C/disp2_x256.png");
    touch("D/im0.png");
    touch("reconstruction/frames/A/im0.png");
    assert_int_equal(session_load("auto"), PO_OK);
    assert_string_equal(manifest->layout, "scene-folders");
    assert_int_equal(manifest->frame_count, 3);
    assert_string_equal(manifest->frames[0].id, "A");
    assert_int_equal(manifest->frames[0].calibration, 0);
    assert_int_equal(manifest->frames[1].calibration, -1);
    assert_non_null(manifest->frames[0].ground_truth_mask_path);
    assert_true(manifest->frames[0].ground_truth_scale == 1);
    assert_null(manifest->frames[1].ground_truth_path); /* no PNG: its scale is unknown */
    assert_true(manifest->frames[2].ground_truth_scale == 256);
    assert_int_equal(manifest->unmatched_count, 1);
    assert_non_null(strstr(manifest->unmatched[0], "D/im0.png"));
    for (int i = 0; i < manifest->warnings.length; i++)
        assert_null(strstr(manifest->warnings.texts[i], "not used"));
    /* One scene by itself. */
    input.input = test_folder_path(&folder, "A");
    must_load("middlebury-scene", 1);
    assert_string_equal(manifest->frames[0].id, "A");
    assert_int_equal(manifest->unused_count, 0);
}

static void one_broken_calibration_fails_one_frame(void **state)
{
    (void)state;
    touch("A/im0.png");
    touch("A/im1.png");
    test_folder_write(&folder, "A/calib.txt", CALIBRATION);
    touch("B/im0.png");
    touch("B/im1.png");
    test_folder_write(&folder, "B/calib.txt", "cam0=[1500 0 199; 0 1500 187; 0 0 1]\n");
    must_load("scene-folders", 2);
    assert_null(manifest->frames[0].problem);
    assert_non_null(strstr(manifest->frames[1].problem, "cam1"));
    assert_int_equal(manifest->frames[1].calibration, -1);
    (void)unlink(test_folder_path(&folder, "A/calib.txt"));
    test_folder_write(&folder, "A/calib.txt", "cam0=x\n");
    must_fail(PO_BAD_CALIBRATION, "calib.txt");
}

static void a_file_with_a_syntax_error_is_named(void **state)
{
    (void)state;
    touch("left/1.png");
    touch("right/1.png");
    touch("notes.txt");
    test_folder_write(&folder, "viewer.json", "{\"zoom\": ");
    test_folder_write(&folder, "c.yml", "%YAML:1.0\n---\nM1: [1, 2\nM2: }\n");
    must_load("left-right-folders", 1);
    assert_int_equal(manifest->warnings.length, 2);
    assert_non_null(strstr(manifest->warnings.texts[0], "/c.yml:4: not valid YAML"));
    assert_non_null(strstr(manifest->warnings.texts[1], "no calibration found"));
    /* Beside one that is used it is listed as unused. */
    test_folder_write(&folder, "calib.txt", CALIBRATION);
    must_load("left-right-folders", 1);
    assert_int_equal(manifest->frames[0].calibration, 0);
    assert_int_equal(manifest->unused_count, 1);
    assert_non_null(strstr(manifest->unused[0].path, "/c.yml"));
}

static const char KITTI[] = "P0: 700 0 600 0 0 700 180 0 0 0 1 0\n"
                            "P1: 700 0 600 -350 0 700 180 0 0 0 1 0\n"
                            "P2: 700 0 600 42 0 700 180 0 0 0 1 0\n"
                            "P3: 700 0 600 -378 0 700 180 0 0 0 1 0\n";
static const char KITTI_OTHER[] = "P0: 710 0 600 0 0 710 180 0 0 0 1 0\n"
                                  "P1: 710 0 600 -355 0 710 180 0 0 0 1 0\n";

static void kitti_frames_know_their_calibration(void **state)
{
    (void)state;
    touch("training/image_0/000001_10.png");
    touch("training/image_1/000001_10.png");
    touch("training/image_0/000002_10.png");
    touch("training/image_1/000002_10.png");
    touch("training/image_0/000003_10.png");
    touch("training/image_1/000003_10.png");
    touch("training/disp_noc/000002_10.png");
    test_folder_write(&folder, "training/calib/000001.txt", KITTI);
    test_folder_write(&folder, "training/calib/000002.txt", KITTI_OTHER);
    test_folder_write(&folder, "training/calib/000003.txt", KITTI);
    assert_int_equal(session_load("auto"), PO_OK);
    assert_string_equal(manifest->layout, "kitti");
    assert_int_equal(manifest->calibration_count, 2);
    assert_int_equal(manifest->frames[0].calibration, 0);
    assert_int_equal(manifest->frames[1].calibration, 1);
    assert_int_equal(manifest->frames[2].calibration, 0);
    assert_non_null(manifest->frames[1].ground_truth_path);
    assert_null(manifest->frames[0].ground_truth_path);
}

static void kitti_colour_pair_has_its_own_baseline(void **state)
{
    (void)state;
    touch("image_2/000000.png");
    touch("image_3/000000.png");
    test_folder_write(&folder, "calib.txt", KITTI);
    must_load("kitti", 1);
    assert_true(manifest->calibrations[0].rig.baseline_mm > 599.9);
}

static void euroc_pairs_by_time(void **state)
{
    (void)state;
    touch("mav0/cam0/data/1000000000.png");
    touch("mav0/cam0/data/1050000000.png");
    touch("mav0/cam0/data/1100000000.png");
    touch("mav0/cam1/data/1000000900.png");
    touch("mav0/cam1/data/1101000000.png");
    touch("mav0/cam1/data/named.png");
    test_folder_write(&folder, "mav0/cam1/data.csv",
                      "#timestamp [ns],filename\n1050000100,named.png\n"
                      "1060000000,../../secret.png\n");
    input.pair_tolerance_s = 1e-4;
    must_load("euroc", 2);
    assert_string_equal(manifest->frames[1].id, "1050000000");
    assert_non_null(strstr(manifest->frames[1].right_path, "named.png"));
    assert_int_equal(manifest->unmatched_count, 2);
    input.pair_tolerance_s = 2e-3;
    must_load("euroc", 3);
}

static void selection_by_place(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "left%d.png", i);
        touch(name);
        (void)snprintf(name, sizeof(name), "right%d.png", i);
        touch(name);
    }
    input.frames = "0-2,10";
    must_load("named-pairs", 4);
    assert_string_equal(manifest->frames[3].id, "10");
    assert_int_equal(manifest->skipped_count, 8);
    input.frames = "9-";
    must_load("named-pairs", 3);
    input.single_frame = true;
    must_load("named-pairs", 1);
    assert_string_equal(manifest->frames[0].id, "9");
    static const char *const bad[] = {
        "", "-3", "3-1", "a", "1,,2", "1,", "1-2-3", "99999999999999999999", "1;2", " 1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        input.frames = bad[i];
        must_fail(PO_BAD_ARGUMENT, "--frames");
    }
    input.frames = "50";
    must_fail(PO_BAD_ARGUMENT, "0-11");
}

static void bad_sessions_say_why(void **state)
{
    (void)state;
    must_fail(PO_BAD_SESSION, "empty");
    touch("left/1.png");
    must_fail(PO_BAD_SESSION, "no right/");
    touch("right/2.png");
    must_fail(PO_BAD_SESSION, "no pair");
    touch("right/1.png");
    touch("right/1.jpg");
    must_fail(PO_BAD_SESSION, "same frame '1'");
    input.layout = "nonsense";
    must_fail(PO_BAD_ARGUMENT, "nonsense");
    input.layout = "kitti";
    must_fail(PO_BAD_SESSION, "kitti");
    input.layout = NULL;
    input.input = test_folder_path(&folder, "missing");
    must_fail(PO_NOT_FOUND, "missing");
    input.input = test_folder_path(&folder, "left/1.png");
    must_fail(PO_BAD_ARGUMENT, "1.png");
    input.input = NULL;
    must_fail(PO_BAD_ARGUMENT, "--input");
}

static void two_sessions_below_ask_for_one(void **state)
{
    (void)state;
    touch("training/image_0/1.png");
    touch("training/image_1/1.png");
    touch("testing/image_0/1.png");
    touch("testing/image_1/1.png");
    must_fail(PO_BAD_SESSION, "testing, training");
}

static void sessions_deeper_down_are_named_too(void **state)
{
    (void)state;
    touch("chess/calib/left01.png");
    touch("chess/calib/right01.png");
    must_load("named-pairs", 1);
    /* Pictures of a board give way to captures. */
    touch("plain/left/1.png");
    touch("plain/right/1.png");
    must_load("left-right-folders", 1);
    touch("kitti/training/image_0/1.png");
    touch("kitti/training/image_1/1.png");
    must_fail(PO_BAD_SESSION, "3 sessions in it (chess/calib, kitti/training, plain)");
}

static void files_of_one_name_cost_that_frame(void **state)
{
    (void)state;
    touch("left/1.png");
    touch("left/2.png");
    touch("left/2.pgm");
    touch("left/3.png");
    touch("right/1.png");
    touch("right/2.png");
    touch("right/3.png");
    must_load("left-right-folders", 2);
    assert_string_equal(manifest->frames[0].id, "1");
    assert_string_equal(manifest->frames[1].id, "3");
    assert_int_equal(manifest->unmatched_count, 3);
    bool is_reported = false;
    for (int i = 0; i < manifest->warnings.length; i++)
        is_reported |= strstr(manifest->warnings.texts[i],
                              "2.pgm and 2.png would be the same frame '2'") != NULL;
    assert_true(is_reported);
}

static void a_pair_of_files(void **state)
{
    (void)state;
    touch("a_left.png");
    touch("a_right.png");
    test_folder_write(&folder, "calib.txt", CALIBRATION);
    input.input = NULL;
    input.left = test_folder_path(&folder, "a_left.png");
    input.right = test_folder_path(&folder, "a_right.png");
    must_load("one-pair", 1);
    assert_string_equal(manifest->frames[0].id, "a");
    assert_int_equal(manifest->frames[0].calibration, 0);
    input.right = test_folder_path(&folder, "none.png");
    must_fail(PO_NOT_FOUND, "none.png");
    input.right = NULL;
    must_fail(PO_BAD_ARGUMENT, "--right");
}

static void calibration_named_wins_and_others_are_listed(void **state)
{
    (void)state;
    touch("left/1.png");
    touch("right/1.png");
    test_folder_write(&folder, "calib.txt", CALIBRATION);
    test_folder_write(&folder, "other/mine.txt", KITTI_OTHER);
    test_folder_write(&folder, "readme.txt", "nothing of interest: 3\n");
    must_load("left-right-folders", 1);
    assert_string_equal(manifest->calibrations[0].format, "middlebury");
    assert_int_equal(manifest->unused_count, 0);
    input.calibration = test_folder_path(&folder, "other/mine.txt");
    must_load("left-right-folders", 1);
    assert_string_equal(manifest->calibrations[0].format, "kitti");
    assert_int_equal(manifest->unused_count, 1);
    assert_non_null(strstr(manifest->unused[0].path, "calib.txt"));
    assert_non_null(strstr(manifest->unused[0].difference, "1500.00 px"));
    input.calibration = test_folder_path(&folder, "readme.txt");
    must_fail(PO_BAD_CALIBRATION, "readme.txt");
    input.calibration = test_folder_path(&folder, "nowhere.txt");
    must_fail(PO_BAD_CALIBRATION, "nowhere.txt");
    input.calibration = NULL;
    test_folder_write(&folder, "calib.txt", "garbage\n");
    must_load("left-right-folders", 1); /* named, and disparity goes on */
    assert_int_equal(manifest->calibration_count, 0);
    assert_non_null(strstr(manifest->warnings.texts[0], "calib.txt"));
}

static void swap_exchanges_the_images(void **state)
{
    (void)state;
    touch("left/1.png");
    touch("right/1.png");
    input.swap = true;
    must_load("left-right-folders", 1);
    assert_non_null(strstr(manifest->frames[0].left_path, "right/1.png"));
    assert_non_null(strstr(manifest->frames[0].right_path, "left/1.png"));
}

static void hard_names_and_places(void **state)
{
    (void)state;
    char name[300];
    (void)snprintf(name, sizeof(name), "left/%.*d.png", 250, 7);
    touch(name);
    (void)snprintf(name, sizeof(name), "right/%.*d.png", 250, 7);
    touch(name);
    touch("left/-rf \n\xc3\xa4.png");
    touch("right/-rf \n\xc3\xa4.png");
    assert_int_equal(symlink(".", test_folder_path(&folder, "left/loop")), 0);
    assert_int_equal(symlink("self.png", test_folder_path(&folder, "left/self.png")), 0);
    assert_int_equal(mkfifo(test_folder_path(&folder, "left/fifo.png"), 0600), 0);
    touch("right/fifo.png");
    assert_int_equal(mkdir(test_folder_path(&folder, "right/self.png"), 0700), 0);
    must_load("left-right-folders", 4);
    assert_int_equal(strlen(manifest->frames[0].id) <= 150, 1);
    for (int i = 0; i < 4; i++) {
        const char *id = manifest->frames[i].id;
        assert_true(id[0] != '-' && id[0] != '.');
        assert_int_equal(strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                    "0123456789._-%"),
                         strlen(id));
    }
}

static void real_folders_load(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *layout;
        int frames;
        int calibrations;
    } FOLDERS[] = {
        {"karlsruhe_a", "left-right-folders", 16, 1},
        {"euroc_v1_excerpt", "euroc", 12, 1},
        {"opencv_chess", "named-pairs", 13, 1},
        {"kitti2012", "kitti", 6, 3},
        {"middlebury2014", "scene-folders", 8, 6},
        {"middlebury2001", "scene-folders", 3, 0},
        {"middlebury2005", "scene-folders", 3, 0},
        {"middlebury2006_full", "scene-folders", 1, 0},
    };
    char path[TEST_PATH_BYTES];
    if (!test_data_path(PO_SOURCE_DIR, "scenes.tsv", path))
        skip();
    for (size_t i = 0; i < sizeof(FOLDERS) / sizeof(FOLDERS[0]); i++) {
        assert_true(test_data_path(PO_SOURCE_DIR, FOLDERS[i].name, path));
        input.input = path;
        assert_int_equal(session_load("auto"), PO_OK);
        assert_string_equal(manifest->layout, FOLDERS[i].layout);
        assert_int_equal(manifest->frame_count, FOLDERS[i].frames);
        assert_int_equal(manifest->calibration_count, FOLDERS[i].calibrations);
        assert_int_equal(manifest->unmatched_count, 0);
    }
    assert_true(manifest->frames[0].ground_truth_scale == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(folders_pair_by_name_in_natural_order),
        SESSION_TEST(folders_whose_names_repeat_the_side),
        SESSION_TEST(folders_of_time_stamps),
        SESSION_TEST(one_folder_tells_sides_by_name),
        SESSION_TEST(scenes_have_their_own_calibration_and_truth),
        SESSION_TEST(one_broken_calibration_fails_one_frame),
        SESSION_TEST(a_file_with_a_syntax_error_is_named),
        SESSION_TEST(kitti_frames_know_their_calibration),
        SESSION_TEST(kitti_colour_pair_has_its_own_baseline),
        SESSION_TEST(euroc_pairs_by_time),
        SESSION_TEST(selection_by_place),
        SESSION_TEST(bad_sessions_say_why),
        SESSION_TEST(two_sessions_below_ask_for_one),
        SESSION_TEST(sessions_deeper_down_are_named_too),
        SESSION_TEST(files_of_one_name_cost_that_frame),
        SESSION_TEST(a_pair_of_files),
        SESSION_TEST(calibration_named_wins_and_others_are_listed),
        SESSION_TEST(swap_exchanges_the_images),
        SESSION_TEST(hard_names_and_places),
        SESSION_TEST(real_folders_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
