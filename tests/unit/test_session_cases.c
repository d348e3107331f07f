/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions at the edges of what layouts know, as a table: files, options, and what is
 * made or said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/frame_selection.h"
#include "session/manifest_parts.h"
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
    {.files = {"a/1.png", "b/1.png"},
     .left_glob = "a/*.png",
     .status = PO_BAD_ARGUMENT,
     .says = "go together"},
    {.files = {"a/1.png", "b/1.png"},
     .right_glob = "b/*.png",
     .status = PO_BAD_ARGUMENT,
     .says = "go together"},
    {.files = {"a/1.png", "b/2.png"},
     .left_glob = "a/*.png",
     .right_glob = "b/*.png",
     .status = PO_BAD_SESSION,
     .says = "no two agree"},
    {.files = {"a/1.png", "b/1.png"},
     .left_glob = "../x/*.png",
     .right_glob = "b/*.png",
     .status = PO_BAD_ARGUMENT,
     .says = "leaves the session"},
    {.files = {"left.png", "right.png"},
     .left_glob = "left.png",
     .right_glob = "right.png",
     .status = PO_BAD_SESSION,
     .says = "no two agree"},
    {.files = {"1403715273.1.png", "b/1403715290.1.png"},
     .left_glob = "*.png",
     .right_glob = "b/*.png",
     .status = PO_BAD_SESSION,
     .says = "no two are nearer"},
    {.files = {"left/1.png", "left/1.pgm", "right/1.png"},
     .status = PO_BAD_SESSION,
     .says = "would be the same frame"},
    {.files = {"left/1.png", "left/1.pgm", "left/2.png", "right/1.png", "right/2.png"},
     .frames = 1,
     .unmatched = 3,
     .says = "would be the same frame"},
    /* KITTI. */
    {.files = {"left/1.png", "right/1.png"},
     .layout = "kitti",
     .status = PO_BAD_SESSION,
     .says = "not of the layout kitti"},
    {.files = {"image_0/1.png", "image_1/2.png"},
     .status = PO_BAD_SESSION,
     .says = "no file is in both"},
    {.files = {"image_0/1.png", "image_0/times.txt", "image_1/1.png", "image_2/1.png",
               "image_3/1.png", ("calib.txt=" KITTI_TEXT)},
     .frames = 1,
     .says = "more than one pair of image folders"},
    {.files = {"image_0/1.png", "image_1/1.png", "image_0/2.png", "image_1/2.png",
               ("calib_cam_to_cam/1.txt=" KITTI_TEXT)},
     .truth = "auto",
     .frames = 2},
    /* Folders of sides. */
    {.files = {"left/a.png", "right/b.png", "right/v.mp4"},
     .layout = "left-right-folders",
     .status = PO_BAD_SESSION,
     .says = "video"},
    {.files = {"left/a.png", "right/b.png"},
     .layout = "left-right-folders",
     .status = PO_BAD_SESSION,
     .says = "no two names are equal"},
    {.files = {"left/clip.mp4", "right/clip.mp4"},
     .layout = "left-right-folders",
     .status = PO_BAD_SESSION,
     .says = "no images in"},
    {.files = {"left/1.png", "right/1.png", "left_depth/1.png", "right_depth/1.png"},
     .frames = 1,
     .says = "which are results by their names"},
    {.files = {"left/1.png", "right/1.png", "left2/1.png", "right2/1.png", "left2/2.png",
               "right2/2.png"},
     .frames = 2,
     .says = "not used: 1 pair of left/ and right/"},
    {.files = {"view_0/1.png", "view_1/1.png", "view_2/1.png"},
     .layout = "left-right-folders",
     .status = PO_BAD_SESSION,
     .says = "not of the layout"},
    {.files = {"1.png", "2.png"},
     .layout = "left-right-folders",
     .status = PO_BAD_SESSION,
     .says = "not of the layout left-right-folders"},
    /* One folder for both sides. */
    {.files = {"left_a.png", "right_b.png"},
     .layout = "named-pairs",
     .status = PO_BAD_SESSION,
     .says = "no two names differ in the side alone"},
    {.files = {"a.png", "b.png", "notes.mp4"}, .status = PO_BAD_SESSION, .says = "video"},
    {.files = {"clip.mp4"}, .status = PO_BAD_SESSION, .says = "no images in"},
    {.files = {"left/1.png"}, .status = PO_BAD_SESSION, .says = "one side is missing"},
    /* Scenes. */
    {.files = {"one/im0.png", "two/im1.png"},
     .layout = "scene-folders",
     .status = PO_BAD_SESSION,
     .says = "not of the layout scene-folders"},
    {.files = {"view1.png", "view5.png",
               "disp1.png=" PNG_600 "\x01\x02\x02\x02\x01\x02\x02\x02\x08"},
     .truth = "auto",
     .frames = 1},
    {.files = {"im2.png", "im6.png", "disp2.png"},
     .truth = "auto",
     .frames = 1,
     .says = "scale of its values is not known"},
    /* UnLook. */
    {.files = {"left_001_ambient.png", "primary_001_ambient.png", "right_002_ambient.png",
               "metadata.json={}"},
     .layout = "unlook-capture",
     .status = PO_BAD_SESSION,
     .says = "no two share index and pattern"},
    {.files = {"left_001_a.png", "right_001_a.png", "left_002_b.png", "metadata.json={}"},
     .layout = "unlook-capture",
     .frames = 1,
     .unmatched = 1,
     .says = "of all patterns are matched"},
    {.files = {"left/a.png", "right/a.png",
               "dataset_info.json={\"image_pairs\": [{\"left_filename\": \"a.png\"}, "
               "{\"right_filename\": \"a.png\"}, {\"left_filename\": \"a.png\", "
               "\"right_filename\": \"../a.png\"}, {\"left_filename\": \"none.png\", "
               "\"right_filename\": \"a.png\"}, {\"left_filename\": \"/left/a.png\", "
               "\"right_filename\": \"a.png\"}]}"},
     .frames = 1,
     .unmatched = ANY,
     .says = "4 image_pairs are left out"},
    {.files = {"left/a.png", "right/a.png", "dataset_info.json={"},
     .frames = 1,
     .says = "taken from left/ and right/"},
    /* EuRoC. */
    {.files = {"mav0/cam0/data/1403715273262142976.png",
               "mav0/cam1/data/1403715273999142976.png"},
     .status = PO_BAD_SESSION,
     .says = "no two time stamps within"},
    {.files =
         {"cam0/data/1403715273262142976.png", "cam1/data/1403715273262142976.png",
          "cam0/data/cover.png", "cam0/data/99999999999999999999.png",
          ("cam0/data.csv=#t,n\n1403715273262142976,1403715273262142976.png\n9,gone.png\n"
           "18446744073709551615,far.png\n7,lost.png\n")},
     .frames = 1,
     .unmatched = 2,
     .says = "names 3 images, of which 1 are there"},
    /* Halves. */
    {.files = {"side-by-side/1.png", "side-by-side/2.png"}, .frames = 2},
    {.files = {"walk_sbs_1.png", "notes.txt"}, .frames = 1},
    /* Frames that are asked for. */
    {.files = {"left/1.png", "right/1.png"},
     .frames_text = "0,5-9",
     .frames = 1,
     .says = "--frames 5: there are only frames 0-0"},
    {.files = {"left/1.png", "right/1.png"},
     .frames_text = "0-3",
     .frames = 1,
     .says = "--frames 0-3: there are only frames 0-0"},
    {.files = {"left/1.png", "right/1.png"}, .frames_text = "0-", .frames = 1},
    {.files = {"left/1.png", "right/1.png"},
     .frames_text = "7",
     .status = PO_BAD_ARGUMENT,
     .says = "selects none"},
    {.files = {"left/1.png", "right/1.png"},
     .frames_text = "0-0x",
     .status = PO_BAD_ARGUMENT,
     .says = "want numbers and ranges"},
    {.files = {"left/1.png", "right/1.png"},
     .frames_text = "99999999999",
     .status = PO_BAD_ARGUMENT,
     .says = "want numbers and ranges"},
    /* A byte is written as its code, and what looks like a code otherwise. */
    {.files = {"left/a b.png", "right/a b.png", "left/a%20b.png", "right/a%20b.png"},
     .frames = 2},
    /* The pair without a name is the first one, which another has for its name. */
    {.files = {"left.png", "right.png", "left_000000.png", "right_000000.png"},
     .status = PO_BAD_SESSION,
     .says = "two frames have the id '000000'"},
    /* Truth that is asked for. */
    {.files = {"left/1.png", "right/1.png"},
     .truth = "nowhere",
     .status = PO_BAD_ARGUMENT,
     .says = "is not a folder"},
    {.files = {"s/left/1.png", "s/right/1.png", "truth/2.pfm"},
     .truth = "truth",
     .frames = 1,
     .says = "no ground truth for 1 of 1"},
    /* Sessions below. */
    {.files = {"one/left/1.png", "one/right/1.png", "two/left/1.png", "two/right/1.png"},
     .status = PO_BAD_SESSION,
     .says = "2 sessions in it (one, two)"},
    {.files = {"one/left/1.png", "one/right/1.png", "out/left/1.png", "out/right/1.png"},
     .frames = 1,
     .says = "not used: 1 pair of"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(each_edge_is_told),
        SESSION_TEST(odd_requests_are_answered),
        SESSION_TEST(sessions_beside_are_named),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
