/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions at the edges of what layouts know, as a table: files, options, and what is
 * made or said of them. Then the small judges behind it, each by its own table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/calibration_agreement.h"
#include "session/calibration_candidates.h"
#include "session/capture_kind.h"
#include "session/frame_selection.h"
#include "session/image_samples.h"
#include "session/manifest_parts.h"
#include "session/prior_source.h"
#include "session/side_mark.h"
#include "session/stamp_text.h"
#include "support/session_fixture.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

enum { MOST_FILES = 12, ANY = -1 };

#define RIG_TEXT                                                                         \
    "cam0=[1500 0 199; 0 1500 187; 0 0 1]\ncam1=[1500 0 251; 0 1500 187; 0 0 1]\n"       \
    "doffs=52\nbaseline=80\nwidth=450\nheight=375\nndisp=64\n"
#define KITTI_TEXT                                                                       \
    "P0: 700 0 600 0 0 700 180 0 0 0 1 0\nP1: 700 0 600 -378 0 700 180 0 0 0 1 0\n"
#define PNG_600 "\x89PNG\r\n\x1a\n....IHDR" /* its size is read behind this */

static const struct session_row {
    const char *files[MOST_FILES]; /* "name" holds "x"; "name=text" the text */
    const char *layout;
    const char *left_glob, *right_glob;
    const char *frames_text;
    const char *truth;
    enum po_status status;
    int frames;
    int unmatched;
    const char *says; /* part of the error or of a warning; NULL: nothing special */
} rows[] = {
    /* Globs. */
    {{"a/1.png", "b/1.png"},
     NULL,
     "a/*.png",
     NULL,
     NULL,
     NULL,
     PO_BAD_ARGUMENT,
     0,
     0,
     "go together"},
    {{"a/1.png", "b/1.png"},
     NULL,
     NULL,
     "b/*.png",
     NULL,
     NULL,
     PO_BAD_ARGUMENT,
     0,
     0,
     "go together"},
    {{"a/1.png", "b/2.png"},
     NULL,
     "a/*.png",
     "b/*.png",
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "no two agree"},
    {{"a/1.png", "b/1.png"},
     NULL,
     "../x/*.png",
     "b/*.png",
     NULL,
     NULL,
     PO_BAD_ARGUMENT,
     0,
     0,
     "leaves the session"},
    {{"left.png", "right.png"},
     NULL,
     "left.png",
     "right.png",
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "no two agree"},
    {{"1403715273.1.png", "b/1403715290.1.png"},
     NULL,
     "*.png",
     "b/*.png",
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "no two are nearer"},
    {{"left/1.png", "left/1.pgm", "right/1.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "would be the same frame"},
    {{"left/1.png", "left/1.pgm", "left/2.png", "right/1.png", "right/2.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_OK,
     1,
     3,
     "would be the same frame"},
    /* KITTI. */
    {{"left/1.png", "right/1.png"},
     "kitti",
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "not of the layout kitti"},
    {{"image_0/1.png", "image_1/2.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "no file is in both"},
    {{"image_0/1.png", "image_0/times.txt", "image_1/1.png", "image_2/1.png",
      "image_3/1.png", "calib.txt=" KITTI_TEXT},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_OK,
     1,
     0,
     "more than one pair of image folders"},
    {{"image_0/1.png", "image_1/1.png", "image_0/2.png", "image_1/2.png",
      "calib_cam_to_cam/1.txt=" KITTI_TEXT},
     NULL,
     NULL,
     NULL,
     NULL,
     "auto",
     PO_OK,
     2,
     0,
     NULL},
    /* Folders of sides. */
    {{"left/a.png", "right/b.png", "right/v.mp4"},
     "left-right-folders",
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "video"},
    {{"left/a.png", "right/b.png"},
     "left-right-folders",
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "no two names are equal"},
    {{"left/clip.mp4", "right/clip.mp4"},
     "left-right-folders",
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "no images in"},
    {{"left/1.png", "right/1.png", "left_depth/1.png", "right_depth/1.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_OK,
     1,
     0,
     "which are results by their names"},
    {{"left/1.png", "right/1.png", "left2/1.png", "right2/1.png", "left2/2.png",
      "right2/2.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_OK,
     2,
     0,
     "not used: 1 pair of left/ and right/"},
    {{"view_0/1.png", "view_1/1.png", "view_2/1.png"},
     "left-right-folders",
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "not of the layout"},
    {{"1.png", "2.png"},
     "left-right-folders",
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "not of the layout left-right-folders"},
    /* One folder for both sides. */
    {{"left_a.png", "right_b.png"},
     "named-pairs",
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "no two names differ in the side alone"},
    {{"a.png", "b.png", "notes.mp4"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "video"},
    {{"clip.mp4"}, NULL, NULL, NULL, NULL, NULL, PO_BAD_SESSION, 0, 0, "no images in"},
    {{"left/1.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "one side is missing"},
    /* Scenes. */
    {{"one/im0.png", "two/im1.png"},
     "scene-folders",
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "not of the layout scene-folders"},
    {{"view1.png", "view5.png",
      "disp1.png=" PNG_600 "\x01\x02\x02\x02\x01\x02\x02\x02\x08"},
     NULL,
     NULL,
     NULL,
     NULL,
     "auto",
     PO_OK,
     1,
     0,
     NULL},
    {{"im2.png", "im6.png", "disp2.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     "auto",
     PO_OK,
     1,
     0,
     "scale of its values is not known"},
    /* UnLook. */
    {{"left_001_ambient.png", "primary_001_ambient.png", "right_002_ambient.png",
      "metadata.json={}"},
     "unlook-capture",
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "no two share index and pattern"},
    {{"left_001_a.png", "right_001_a.png", "left_002_b.png", "metadata.json={}"},
     "unlook-capture",
     NULL,
     NULL,
     NULL,
     NULL,
     PO_OK,
     1,
     1,
     "of all patterns are matched"},
    {{"left/a.png", "right/a.png",
      "dataset_info.json={\"image_pairs\": [{\"left_filename\": \"a.png\"}, "
      "{\"right_filename\": \"a.png\"}, {\"left_filename\": \"a.png\", "
      "\"right_filename\": \"../a.png\"}, {\"left_filename\": \"none.png\", "
      "\"right_filename\": \"a.png\"}, {\"left_filename\": \"/left/a.png\", "
      "\"right_filename\": \"a.png\"}]}"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_OK,
     1,
     ANY,
     "4 image_pairs are left out"},
    {{"left/a.png", "right/a.png", "dataset_info.json={"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_OK,
     1,
     0,
     "taken from left/ and right/"},
    /* EuRoC. */
    {{"mav0/cam0/data/1403715273262142976.png", "mav0/cam1/data/1403715273999142976.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "no two time stamps within"},
    {{"cam0/data/1403715273262142976.png", "cam1/data/1403715273262142976.png",
      "cam0/data/cover.png", "cam0/data/99999999999999999999.png",
      "cam0/data.csv=#t,n\n1403715273262142976,1403715273262142976.png\n9,gone.png\n"
      "18446744073709551615,far.png\n7,lost.png\n"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_OK,
     1,
     2,
     "names 3 images, of which 1 are there"},
    /* Halves. */
    {{"side-by-side/1.png", "side-by-side/2.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_OK,
     2,
     0,
     NULL},
    {{"walk_sbs_1.png", "notes.txt"}, NULL, NULL, NULL, NULL, NULL, PO_OK, 1, 0, NULL},
    /* Frames that are asked for. */
    {{"left/1.png", "right/1.png"},
     NULL,
     NULL,
     NULL,
     "0,5-9",
     NULL,
     PO_OK,
     1,
     0,
     "--frames 5: there are only frames 0-0"},
    {{"left/1.png", "right/1.png"},
     NULL,
     NULL,
     NULL,
     "0-3",
     NULL,
     PO_OK,
     1,
     0,
     "--frames 0-3: there are only frames 0-0"},
    {{"left/1.png", "right/1.png"}, NULL, NULL, NULL, "0-", NULL, PO_OK, 1, 0, NULL},
    {{"left/1.png", "right/1.png"},
     NULL,
     NULL,
     NULL,
     "7",
     NULL,
     PO_BAD_ARGUMENT,
     0,
     0,
     "selects none"},
    {{"left/1.png", "right/1.png"},
     NULL,
     NULL,
     NULL,
     "0-0x",
     NULL,
     PO_BAD_ARGUMENT,
     0,
     0,
     "want numbers and ranges"},
    {{"left/1.png", "right/1.png"},
     NULL,
     NULL,
     NULL,
     "99999999999",
     NULL,
     PO_BAD_ARGUMENT,
     0,
     0,
     "want numbers and ranges"},
    /* A byte is written as its code, and what looks like a code otherwise. */
    {{"left/a b.png", "right/a b.png", "left/a%20b.png", "right/a%20b.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_OK,
     2,
     0,
     NULL},
    /* The pair without a name is the first one, which another has for its name. */
    {{"left.png", "right.png", "left_000000.png", "right_000000.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "two frames have the id '000000'"},
    /* Truth that is asked for. */
    {{"left/1.png", "right/1.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     "nowhere",
     PO_BAD_ARGUMENT,
     0,
     0,
     "is not a folder"},
    {{"s/left/1.png", "s/right/1.png", "truth/2.pfm"},
     NULL,
     NULL,
     NULL,
     NULL,
     "truth",
     PO_OK,
     1,
     0,
     "no ground truth for 1 of 1"},
    /* Sessions below. */
    {{"one/left/1.png", "one/right/1.png", "two/left/1.png", "two/right/1.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_BAD_SESSION,
     0,
     0,
     "2 sessions in it (one, two)"},
    {{"one/left/1.png", "one/right/1.png", "out/left/1.png", "out/right/1.png"},
     NULL,
     NULL,
     NULL,
     NULL,
     NULL,
     PO_OK,
     1,
     0,
     "not used: 1 pair of"},
};

static void lay(const struct session_row *row)
{
    for (int i = 0; i < MOST_FILES && row->files[i] != NULL; i++) {
        char name[256];
        size_t length = strcspn(row->files[i], "=");
        (void)snprintf(name, sizeof(name), "%.*s", (int)length, row->files[i]);
        test_folder_write(&folder, name,
                          row->files[i][length] == '=' ? row->files[i] + length + 1
                                                       : "x");
    }
}

static bool is_said(const char *part)
{
    if (part == NULL || strstr(error.message, part) != NULL)
        return true;
    for (int i = 0; manifest != NULL && i < manifest->warnings.length; i++)
        if (strstr(manifest->warnings.texts[i], part) != NULL)
            return true;
    return false;
}

static void show(int row)
{
    print_error("row %d (%s): %s\n", row, rows[row].files[0], error.message);
    for (int i = 0; manifest != NULL && i < manifest->warnings.length; i++)
        print_error("    %s\n", manifest->warnings.texts[i]);
}

static void each_edge_is_told(void **state)
{
    int wrong = 0;
    for (int i = 0; i < COUNT(rows); i++) {
        const struct session_row *row = &rows[i];
        session_remove(state);
        session_create(state);
        lay(row);
        input.layout = row->layout;
        input.left_glob = row->left_glob;
        input.right_glob = row->right_glob;
        input.frames = row->frames_text;
        bool is_place = row->truth != NULL && strcmp(row->truth, "auto") != 0;
        enum po_status status =
            session_load(is_place ? test_folder_path(&folder, row->truth) : row->truth);
        bool fits = status == row->status && is_said(row->says);
        if (fits && status == PO_OK)
            fits = manifest->frame_count == row->frames &&
                   (row->unmatched == ANY || manifest->unmatched_count == row->unmatched);
        if (!fits) {
            wrong++;
            show(i);
        }
    }
    assert_int_equal(wrong, 0);
}

/* What only the command line can ask for. */
static void odd_requests_are_answered(void **state)
{
    (void)state;
    static char text[8 * SESSION_PATH_BYTES];
    lay(&(struct session_row){.files = {"left/1403715273262142976.png",
                                        "right/1403715299262142976.png",
                                        "left/1403715273262142976_gt.png"}});
    must_fail(PO_BAD_SESSION, "nearer");
    input.pair_tolerance_s = 1e10; /* more than nanoseconds can count */
    must_load("left-right-folders", 1);
    manifest_destroy(manifest);
    assert_int_equal(manifest_load(&input, "auto", 128, &manifest, &error), PO_OK);
    assert_true(manifest->frames[0].ground_truth_scale == 128);
    for (int i = 0; i < 3 * FRAME_RANGES_MAX; i++)
        memcpy(text + (size_t)2 * (size_t)i, "0,", 3);
    text[strlen(text) - 1] = '\0';
    input.frames = text;
    must_fail(PO_BAD_ARGUMENT, "ranges");
    input.frames = NULL;
    memset(text, 'x', sizeof(text) - 1);
    input.input = text;
    must_fail(PO_BAD_ARGUMENT, "too long");
    input.input = NULL;
    must_fail(PO_BAD_ARGUMENT, "nothing to do");
    input.left = text;
    must_fail(PO_BAD_ARGUMENT, "--left needs --right");
    input.right = text;
    assert_int_not_equal(session_load(NULL), PO_OK);
    input.left = NULL;
    must_fail(PO_BAD_ARGUMENT, "--right needs --left");
}

/* Sessions beside the one that is taken are named, the first of them; folders that the
 * kernel made are none. */
static void sessions_beside_are_named(void **state)
{
    (void)state;
    enum { BESIDE = 10 };
    char name[64];
    touch("left_1.png");
    touch("right_1.png");
    touch("lost+found/left_1.png");
    for (int i = 0; i < BESIDE; i++)
        for (int side = 0; side < 2; side++) {
            (void)snprintf(name, sizeof(name), "walk%d/%s/1.png", i,
                           side == 0 ? "left" : "right");
            touch(name);
        }
    must_load("named-pairs", 1);
    int told = 0;
    for (int i = 0; i < manifest->warnings.length; i++)
        told += strstr(manifest->warnings.texts[i], "not used: 1 pair of") != NULL;
    assert_int_equal(told, 8);
    assert_int_equal(manifest->warnings.dropped, BESIDE - 8);
}

static struct calibration rig_of(bool rectified)
{
    struct calibration made = {.rectified = rectified, .width_px = 640, .unit = RIG_MM};
    for (int side = 0; side < 2; side++)
        made.cameras[side] =
            (struct camera_model){.fx = 500, .fy = 500, .cx = 320, .cy = 240};
    made.rig.baseline_mm = 100;
    made.translation_mm[0] = -100;
    return made;
}

/* Each value by itself makes two calibrations of one rig those of two. */
static void calibrations_disagree_in_any_value(void **state)
{
    (void)state;
    for (int rectified = 0; rectified < 2; rectified++) {
        struct calibration a = rig_of(rectified != 0);
        struct calibration b = a;
        double *const values[] = {
            &b.cameras[0].fx, &b.cameras[1].fy, &b.cameras[0].cx, &b.cameras[1].cy,
            rectified != 0 ? &b.rig.baseline_mm : &b.translation_mm[0]};
        assert_false(calibrations_disagree(&a, &b));
        for (int i = 0; i < COUNT(values); i++) {
            double kept = *values[i];
            *values[i] = 1.04 * kept; /* within 5 %, and 3 % of the focal lengths not */
            assert_int_equal(calibrations_disagree(&a, &b), i < 2);
            *values[i] = 1.3 * kept;
            assert_true(calibrations_disagree(&a, &b));
            *values[i] = kept;
        }
        b.rig.baseline_mm = 200;
        b.translation_mm[0] = -200;
        b.unit = RIG_SQUARES; /* whose lengths nobody can compare */
        assert_false(calibrations_disagree(&a, &b));
        a.unit = RIG_SQUARES;
        b.unit = RIG_MM;
        assert_false(calibrations_disagree(&a, &b));
    }
    struct calibration raw = rig_of(false);
    struct calibration rectified = rig_of(true);
    rectified.cameras[0].fx = 900;
    assert_false(calibrations_disagree(&raw, &rectified)); /* they say other things */
}

static struct candidate_list candidates;

static void find_candidates(const char *root, const char *base)
{
    static const struct layout layout = {.name = "named-pairs"};
    static struct found_session found;
    struct warning_list warnings = {0};
    candidate_list_release(&candidates);
    memset(&candidates, 0, sizeof(candidates));
    memset(&found, 0, sizeof(found));
    (void)snprintf(found.base, sizeof(found.base), "%s", base);
    found.layout = &layout;
    candidate_list_find(&candidates, root, &found, &warnings);
    assert_int_equal(candidates.trouble.status, PO_OK);
    assert_int_equal(warnings.length, candidates.dropped > 0);
}

static void only_so_many_files_are_looked_at(void **state)
{
    (void)state;
    char name[64];
    for (int i = 0; i < MAX_CANDIDATES + 3; i++) {
        (void)snprintf(name, sizeof(name), "s/calib_%03d.yml", i);
        touch(name);
    }
    touch("s/image.png");
    touch("s/notes");
    find_candidates(test_folder_path(&folder, "s"), test_folder_path(&folder, "s"));
    assert_int_equal(candidates.count, MAX_CANDIDATES);
    assert_int_equal(candidates.dropped, 3);
    candidate_list_release(&candidates);
}

/* However the session's folder was written, its calibration one folder up is found. */
static void folders_above_are_found_by_any_name(void **state)
{
    (void)state;
    char before[TEST_PATH_BYTES];
    static const char *const names[] = {".", "..", "./", "../s", "../s///", "left/.."};
    assert_non_null(getcwd(before, sizeof(before)));
    touch("s/left/1.png");
    touch("calib.yml");
    assert_int_equal(chdir(test_folder_path(&folder, "s")), 0);
    for (int i = 0; i < COUNT(names); i++) {
        if (strcmp(names[i], "..") == 0)
            assert_int_equal(chdir("left"), 0);
        find_candidates(names[i], names[i]);
        if (strcmp(names[i], "..") == 0)
            assert_int_equal(chdir(".."), 0);
        if (candidates.count != 1)
            fail_msg("%s: %d", names[i], candidates.count);
        assert_non_null(strstr(candidates.candidates[0].path, "calib.yml"));
    }
    /* Nothing lies above the root, and a folder of everybody's is left out. */
    find_candidates("/", "/");
    for (int i = 0; i < candidates.count; i++)
        assert_int_equal(candidates.candidates[i].distance <= 2, 1);
    assert_int_equal(chmod(folder.path, 0777), 0);
    find_candidates(".", ".");
    assert_int_equal(candidates.count, 0);
    assert_int_equal(chmod(folder.path, 0700), 0);
    assert_int_equal(chdir(before), 0);
    candidate_list_release(&candidates);
}

static void words_tell_captures_from_results(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum capture_kind kind;
    } names[] = {
        {"left_1.png", KIND_CAPTURE},
        {"outdoor_1.png", KIND_CAPTURE},
        {"routing.png", KIND_CAPTURE},
        {"imgOut1.png", KIND_RESULT},
        {"leftOUT.png", KIND_RESULT},
        {"outLeft.png", KIND_RESULT},
        {"depthX.png", KIND_RESULT},
        {"depthx.png", KIND_CAPTURE},
        {"OUTx.png", KIND_CAPTURE},
        {"OUTX.png", KIND_CAPTURE},
        {"calib_1.png", KIND_CALIBRATION_BOARD},
        {"calib_depth.png", KIND_RESULT},
        {"mychessboards.png", KIND_CALIBRATION_BOARD},
        {"out", KIND_RESULT},
    };
    for (int i = 0; i < COUNT(names); i++)
        if (capture_kind_of(names[i].name) != names[i].kind)
            fail_msg("%s", names[i].name);
}

static void ids_are_plain_and_short(void **state)
{
    (void)state;
    static const struct {
        const char *key, *id;
    } keys[] = {
        {"", "000007"},
        {"a.b_c-d", "a.b_c-d"},
        {".hidden", "%2Ehidden"},
        {"-option", "%2Doption"},
        {"\xc3\xa9t\xe9", "%C3%A9t%E9"},
        {"a/b", "a%2Fb"},
    };
    char id[FRAME_ID_BYTES];
    char other[FRAME_ID_BYTES];
    static char key[4 * SIDE_KEY_BYTES];
    for (int i = 0; i < COUNT(keys); i++) {
        frame_id_make(keys[i].key, 7, id);
        assert_string_equal(id, keys[i].id);
    }
    memset(key, 'a', sizeof(key) - 1); /* longer than any file's name */
    frame_id_make(key, 7, id);
    assert_true(strlen(id) <= 150);
    key[sizeof(key) - 2] = 'b';
    frame_id_make(key, 7, other);
    assert_string_not_equal(id, other);
}

static void marks_are_told_from_words(void **state)
{
    (void)state;
    static const struct {
        const char *left, *right, *key;
    } names[] = {
        {"left 7.png", "right 7.png", "7"},
        {"left.7.png", "right.7.png", "7"},
        {"7Left.png", "7Right.png", "7"},
        {"xleft1.png", "xright1.png", ""}, /* "xleft" is one word */
        {"aleft_1.png", "aright_1.png", ""},
        {"IMG_7L.png", "IMG_7R.png", "IMG_7"},
        {"imgl.png", "imgr.png", ""},
        {"7l.png", "7r.png", "7"},
        {"l7.png", "r7.png", "7"},
        {"lx.png", "rx.png", ""},
        {"lX.png", "rX.png", "X"},
        {"L", "R", ""},
        {".left", ".right", ""},
        {"same.png", "same.png", "same"},
        {"0.png", "1.png", ""},
    };
    for (int i = 0; i < COUNT(names); i++) {
        char key[SIDE_KEY_BYTES];
        pair_key(names[i].left, names[i].right, key);
        if (strcmp(key, names[i].key) != 0)
            fail_msg("%s, %s: '%s'", names[i].left, names[i].right, key);
    }
    static char name[SIDE_KEY_BYTES + 40];
    char key[SIDE_KEY_BYTES];
    memset(name, '7', sizeof(name) - 1);
    for (int family = 0; family < SIDE_MARK_FAMILIES; family++) {
        assert_false(side_mark_strip(name, family, SIDE_LEFT, key));
        assert_false(side_mark_counts(name, family, key));
    }
}

/* Of many, so many evenly; results and folders are none. */
static void samples_are_spread(void **state)
{
    (void)state;
    char name[64];
    struct image_samples samples;
    struct po_error cause = {0};
    assert_int_equal(image_samples_find(folder.path, 4, &samples, &cause), PO_OK);
    assert_int_equal(samples.count, 0);
    for (int i = 0; i < 10; i++) {
        (void)snprintf(name, sizeof(name), "%02d.png", i);
        touch(name);
    }
    touch("depth_1.png");
    touch("notes.txt");
    for (int most = 1; most <= 4; most++) {
        assert_int_equal(image_samples_find(folder.path, most, &samples, &cause), PO_OK);
        assert_int_equal(samples.count, most);
        assert_non_null(strstr(samples.paths[0], "00.png"));
        for (int i = 0; i < samples.count; i++)
            assert_null(strstr(samples.paths[i], "depth"));
        image_samples_release(&samples);
    }
    assert_int_equal(image_samples_find("/nowhere", 4, &samples, &cause), PO_NOT_FOUND);
}

/* Maps by the frame's name, by that of its left image, or in a folder of that name. */
static void priors_are_found_by_either_name(void **state)
{
    (void)state;
    touch("s/left_1.png");
    touch("s/right_1.png");
    touch("s/left_2");
    touch("maps/left_1.png");
    input.input = test_folder_path(&folder, "s");
    must_load("named-pairs", 1);
    char *maps = strdup(test_folder_path(&folder, "maps"));
    assert_int_equal(prior_source_assign(manifest, maps, 1, &error), PO_OK);
    assert_non_null(strstr(manifest->frames[0].prior_path, "maps/left_1.png"));
    must_load("named-pairs", 1);
    (void)unlink(test_folder_path(&folder, "maps/left_1.png"));
    assert_int_equal(prior_source_assign(manifest, maps, 1, &error), PO_BAD_ARGUMENT);
    assert_non_null(strstr(error.message, "no map for any"));
    touch("maps/1/prior.pfm");
    assert_int_equal(prior_source_assign(manifest, maps, 1, &error), PO_OK);
    free(manifest->frames[0].left_path);
    free(manifest->frames[0].prior_path);
    manifest->frames[0].prior_path = NULL;
    manifest->frames[0].left_path = strdup("no_extension");
    (void)snprintf(manifest->frames[0].id, FRAME_ID_BYTES, "7");
    assert_int_equal(prior_source_assign(manifest, maps, 1, &error), PO_BAD_ARGUMENT);
    touch("maps/no_extension.pfm");
    assert_int_equal(prior_source_assign(manifest, maps, 1, &error), PO_OK);
    assert_int_equal(prior_source_assign(manifest, NULL, 1, &error), PO_OK);
    assert_false(prior_is_folder(NULL));
    free(maps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(each_edge_is_told),
        SESSION_TEST(odd_requests_are_answered),
        SESSION_TEST(sessions_beside_are_named),
        SESSION_TEST(calibrations_disagree_in_any_value),
        SESSION_TEST(only_so_many_files_are_looked_at),
        SESSION_TEST(folders_above_are_found_by_any_name),
        SESSION_TEST(words_tell_captures_from_results),
        SESSION_TEST(ids_are_plain_and_short),
        SESSION_TEST(marks_are_told_from_words),
        SESSION_TEST(samples_are_spread),
        SESSION_TEST(priors_are_found_by_either_name),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
