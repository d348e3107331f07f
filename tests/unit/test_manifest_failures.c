/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of the system under the reader of a session fails in turn, for each layout.
 * A passing fault is never taken for what the folder holds: the same manifest, or an
 * error, a frame's problem or a warning that gives the fault by name.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "session/manifest_digest.h"
#include "session/manifest_load.h"
#include "session/prior_source.h"
#include "support/failing_calls.h"
#include "support/folder_fixture.h"

enum { MOST_CALLS = 3000, MOST_FILES = 16 };

static const struct {
    enum failing_call call;
    int cause;
} causes[] = {
    {CALL_MEMORY, ENOMEM}, {CALL_OPEN, EIO},        {CALL_OPEN, EMFILE},
    {CALL_READ, EIO},      {CALL_PREAD, EIO},       {CALL_STAT, EIO},
    {CALL_OPENDIR, EIO},   {CALL_READDIR, EIO},     {CALL_FDOPEN, ENOMEM},
    {CALL_FDOPENDIR, EIO}, {CALL_LSEEK, EIO},       {CALL_OPENDIR, EACCES},
    {CALL_REALPATH, EIO},  {CALL_REALPATH, ENOMEM}, {CALL_REALPATH, EACCES},
    {CALL_STAT, EACCES},
};

#define SCENE_CALIBRATION                                                                \
    "cam0=[1500 0 199; 0 1500 187; 0 0 1]\ncam1=[1500 0 251; 0 1500 187; 0 0 1]\n"       \
    "doffs=52\nbaseline=80\nwidth=450\nheight=375\nndisp=64\n"
#define KITTI_CALIBRATION                                                                \
    "P0: 700 0 600 0 0 700 180 0 0 0 1 0\nP1: 700 0 600 -378 0 700 180 0 0 0 1 0\n"
#define PGM "P5\n450 375\n255\n"
#define PNG_8 "\x89PNG\r\n\x1a\n....IHDR......\x01\x5e\x08"

/* A session below the folder "s", as files. */
struct session_case {
    const char *name;
    const char *files[MOST_FILES][2]; /* name, text */
    struct po_input_settings input;   /* places relative to the test's folder */
    const char *ground_truth;
    const char *prior;
    int frames;
    bool needs_above; /* folders above the session, which may be closed to us */
};

static const struct session_case cases[] = {
    {.name = "left and right, calibration above",
     .files = {{"s/left/f1.pgm", PGM},
               {"s/right/f1.pgm", PGM},
               {"s/left/f2.pgm", PGM},
               {"s/right/f2.pgm", PGM},
               {"s/right/f3.pgm", PGM},
               {"calib/calib.txt", SCENE_CALIBRATION}},
     .frames = 2,
     .needs_above = true},
    {.name = "two calibrations of which the images tell",
     .files = {{"s/left/f1.pgm", PGM},
               {"s/right/f1.pgm", PGM},
               {"s/calib.txt",
                "cam0=[3000 0 199; 0 3000 187; 0 0 1]\ncam1=[3000 0 251; 0 3000 187; 0 "
                "0 1]\ndoffs=52\nbaseline=80\nwidth=1000\nheight=375\nndisp=64\n"},
               {"s/calibration.txt", SCENE_CALIBRATION},
               {"s/notes.json", "{\"text\": 1}"}},
     .frames = 1},
    {.name = "numbers",
     .files = {{"s/x_0_0.png", "x"},
               {"s/x_0_1.png", "x"},
               {"s/x_0_2.png", "x"},
               {"s/x_1_0.png", "x"},
               {"s/x_1_1.png", "x"}},
     .frames = 2},
    {.name = "two ways of naming",
     .files = {{"s/left_1.png", "x"},
               {"s/right_1.png", "x"},
               {"s/left_2.png", "x"},
               {"s/right_2.png", "x"},
               {"s/cam0_7.png", "x"},
               {"s/cam1_7.png", "x"},
               {"s/cam0_1.png", "x"},
               {"s/cam1_1.png", "x"},
               {"s/cam0_left.png", "x"}},
     .frames = 3},
    {.name = "named pairs",
     .files = {{"s/left_1.png", "x"},
               {"s/right_1.png", "x"},
               {"s/left_1_gt.pfm", "x"},
               {"s/video.mp4", "x"},
               {"s/gt/1_gt.png", PNG_8}},
     .ground_truth = "auto",
     .frames = 1},
    {.name = "truth of eight bits",
     .files = {{"s/left_1.png", "x"}, {"s/right_1.png", "x"}, {"s/gt/1_gt.png", PNG_8}},
     .ground_truth = "auto",
     .frames = 1},
    {.name = "truth by its folder",
     .files = {{"s/left/1.png", "x"},
               {"s/right/1.png", "x"},
               {"truth/1/disp0GT.pfm", "x"}},
     .ground_truth = "truth",
     .frames = 1},
    {.name = "a scene, truth by its width",
     .files = {{"s/view1.png", "x"},
               {"s/view5.png", "x"},
               {"s/disp1.png", PNG_8},
               {"s/calib.txt", SCENE_CALIBRATION}},
     .ground_truth = "auto",
     .frames = 1},
    {.name = "scenes",
     .files = {{"s/one/im0.pgm", PGM},
               {"s/one/im1.pgm", PGM},
               {"s/one/calib.txt", SCENE_CALIBRATION},
               {"s/one/disp0.pfm", "x"},
               {"s/one/mask0nocc.png", "x"},
               {"s/two/im0.pgm", PGM},
               {"s/two/im1.pgm", PGM},
               {"s/two/calib.txt", SCENE_CALIBRATION},
               {"s/half/im0.pgm", PGM}},
     .ground_truth = "auto",
     .frames = 2},
    {.name = "kitti, a calibration each",
     .files = {{"s/image_0/000000.pgm", PGM},
               {"s/image_1/000000.pgm", PGM},
               {"s/image_0/000001.pgm", PGM},
               {"s/image_1/000001.pgm", PGM},
               {"s/calib/000000.txt", KITTI_CALIBRATION},
               {"s/calib/000001.txt", KITTI_CALIBRATION},
               {"s/disp_occ_0/000000.png", "x"}},
     .ground_truth = "auto",
     .frames = 2},
    {.name = "a KITTI drive, calibration above",
     .files = {{"s/image_00/data/0000000000.png", "x"},
               {"s/image_01/data/0000000000.png", "x"},
               {"calib_cam_to_cam.txt", "P_rect_00: 700 0 600 0 0 700 180 0 0 0 1 0\n"
                                        "P_rect_01: 700 0 600 -378 0 700 180 0 0 0 1 0\n"
                                        "S_rect_00: 1242 375\nS_rect_01: 1242 375\n"}},
     .frames = 1},
    {.name = "euroc",
     .files = {{"s/mav0/cam0/data/1403715273262142976.png", "x"},
               {"s/mav0/cam1/data/1403715273262142976.png", "x"},
               {"s/mav0/cam0/data.csv",
                "#t,name\n1403715273262142976,1403715273262142976.png\n"},
               {"s/mav0/cam0/sensor.yaml",
                "sensor_type: camera\nT_BS:\n  cols: 4\n  rows: 4\n  data: [1, 0, 0, 0, "
                "0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]\nresolution: [752, 480]\n"
                "camera_model: pinhole\nintrinsics: [458, 457, 367, 248]\n"
                "distortion_model: radial-tangential\n"
                "distortion_coefficients: [0, 0, 0, 0]\n"},
               {"s/mav0/cam1/sensor.yaml",
                "sensor_type: camera\nT_BS:\n  cols: 4\n  rows: 4\n  data: [1, 0, 0, "
                "0.11, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]\nresolution: [752, 480]\n"
                "camera_model: pinhole\nintrinsics: [458, 457, 367, 248]\n"
                "distortion_model: radial-tangential\n"
                "distortion_coefficients: [0, 0, 0, 0]\n"}},
     .frames = 1},
    {.name = "an UnLook capture",
     .files = {{"s/left_000_reference_white.jpg", "x"},
               {"s/right_000_reference_white.jpg", "x"},
               {"s/left_001_ambient.jpg", "x"},
               {"s/metadata.json", "{\"pattern_count\": 3}"}},
     .frames = 1},
    {.name = "an UnLook dataset",
     .files = {{"s/left/a.png", "x"},
               {"s/right/b.png", "x"},
               {"s/left/c.png", "x"},
               {"s/dataset_info.json",
                "{\"image_pairs\": [{\"left_filename\": \"a.png\", \"right_filename\": "
                "\"b.png\"}, {\"left_filename\": \"c.png\", \"right_filename\": "
                "\"c.png\"}]}"}},
     .frames = 1},
    {.name = "halves",
     .files = {{"s/SN1234.conf",
                "[LEFT_CAM_HD]\nfx=500\nfy=500\ncx=320\ncy=240\nk1=0\nk2=0\np1=0\np2=0\n"
                "k3=0\n[RIGHT_CAM_HD]\nfx=500\nfy=500\ncx=320\ncy=240\nk1=0\nk2=0\np1=0\n"
                "p2=0\nk3=0\n[STEREO]\nBaseline=120\nTY=0\nTZ=0\nRX_HD=0\nCV_HD=0\n"
                "RZ_HD=0\n"},
               {"s/a.pgm", "P5\n1280 480\n255\n"},
               {"s/b.pgm", "P5\n1280 480\n255\n"}},
     .frames = 2},
    {.name = "globs of time stamps",
     .files = {{"s/a/1403715273.100.png", "x"},
               {"s/a/1403715274.100.png", "x"},
               {"s/b/1403715273.101.png", "x"},
               {"s/b/1403715279.100.png", "x"}},
     .input = {.left_glob = "a/*.png", .right_glob = "b/*.png"},
     .frames = 1},
    {.name = "the session lies below",
     .files = {{"s/day/one/left/1.png", "x"},
               {"s/day/one/right/1.png", "x"},
               {"s/results/.state/lock", "x"},
               {"s/results/left_1.png", "x"},
               {"s/results/right_1.png", "x"},
               {"s/day/notes.txt", "x"}},
     .frames = 1},
    {.name = "a lone pair beside a session",
     .files = {{"s/left_1.png", "x"},
               {"s/right_1.png", "x"},
               {"s/all/left/1.png", "x"},
               {"s/all/right/1.png", "x"},
               {"s/all/left/2.png", "x"},
               {"s/all/right/2.png", "x"},
               {"s/all/left/3.png", "x"},
               {"s/all/right/3.png", "x"},
               {"s/all/left/4.png", "x"},
               {"s/all/right/4.png", "x"}},
     .frames = 4},
    {.name = "one pair by its files",
     .files = {{"s/im0.pgm", PGM},
               {"s/im1.pgm", PGM},
               {"s/disp0.pfm", "x"},
               {"s/calib.txt", SCENE_CALIBRATION}},
     .input = {.left = "s/im0.pgm", .right = "s/im1.pgm"},
     .ground_truth = "auto",
     .frames = 1},
    {.name = "priors",
     .files = {{"s/left/a.png", "x"},
               {"s/right/a.png", "x"},
               {"s/left/b.png", "x"},
               {"s/right/b.png", "x"},
               {"maps/a.pfm", "x"},
               {"maps/b/prior.pfm", "x"}},
     .prior = "maps",
     .frames = 2},
};

/* What comes out of one load. */
struct outcome {
    enum po_status status;
    int frames;
    int truths;
    struct hash digest;
    int unmatched;
    int unused;
    struct warning_list warnings;
    struct po_error error;
    bool says; /* a frame's problem or a warning gives the fault by name */
};

static struct outcome undisturbed;
static struct outcome made;

static const char *below(const char *name)
{
    return name != NULL && strcmp(name, "auto") != 0 ? test_folder_path(&folder, name)
                                                     : name;
}

static bool names_fault(const char *text, int cause)
{
    static const char *const words[] = {"no memory", "not readable by this user"};
    return strstr(text, strerror(cause)) != NULL ||
           strstr(text, words[cause == EACCES]) != NULL;
}

static void load(const struct session_case *of, int cause, struct outcome *out)
{
    struct manifest *manifest = NULL;
    struct po_input_settings input = of->input;
    memset(out, 0, sizeof(*out));
    input.input = input.left != NULL ? NULL : below("s");
    input.left = below(input.left);
    input.right = below(input.right);
    input.pair_tolerance_s = 0.002;
    out->status =
        manifest_load(&input, below(of->ground_truth), 0, &manifest, &out->error);
    if (out->status == PO_OK)
        out->status = prior_source_assign(manifest, below(of->prior), 1, &out->error);
    if (out->status == PO_OK) {
        out->frames = manifest->frame_count;
        out->digest = manifest_digest(manifest);
        out->unmatched = manifest->unmatched_count;
        out->unused = manifest->unused_count;
        out->warnings = manifest->warnings;
        for (int i = 0; i < manifest->warnings.length; i++)
            out->says |= names_fault(manifest->warnings.texts[i], cause);
        for (int i = 0; i < manifest->unused_count; i++)
            out->says |= names_fault(manifest->unused[i].difference, cause);
        for (int i = 0; i < manifest->frame_count; i++)
            out->truths += manifest->frames[i].ground_truth_path != NULL;
        for (int i = 0; i < manifest->frame_count; i++)
            out->says |= manifest->frames[i].problem != NULL &&
                         names_fault(manifest->frames[i].problem, cause);
    }
    manifest_destroy(manifest);
}

static bool is_undisturbed(void)
{
    bool same = made.status == PO_OK && made.digest.low == undisturbed.digest.low &&
                made.digest.high == undisturbed.digest.high &&
                made.unmatched == undisturbed.unmatched &&
                made.unused == undisturbed.unused &&
                made.warnings.length == undisturbed.warnings.length;
    for (int i = 0; i < made.warnings.length && same; i++)
        same = strcmp(made.warnings.texts[i], undisturbed.warnings.texts[i]) == 0;
    return same;
}

/* False: the call was not reached, or what it would show is nobody's fault. */
static bool fail_one(const struct session_case *of, size_t c, int number, int *wrong)
{
    int before = lowest_free_descriptor();
    if (of->needs_above && causes[c].cause == EACCES)
        return false;
    fail_call(causes[c].call, number, causes[c].cause);
    load(of, causes[c].cause, &made);
    if (!mend_calls())
        return false;
    bool said = made.status == PO_OK ? made.says
                                     : names_fault(made.error.message, causes[c].cause);
    if (!is_undisturbed() && !said) {
        ++*wrong;
        print_error("%s: %s %d failed with %s: %s: %s\n", of->name,
                    failing_call_names[causes[c].call], number, strerror(causes[c].cause),
                    po_status_name(made.status), made.error.message);
        for (int i = 0; i < made.warnings.length; i++)
            print_error("    %s\n", made.warnings.texts[i]);
    }
    assert_int_equal(lowest_free_descriptor(), before);
    return true;
}

static void each_layout_says_what_passes(void **state)
{
    (void)state;
    int failures = 0;
    int wrong = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct session_case *of = &cases[i];
        for (int f = 0; f < MOST_FILES && of->files[f][0] != NULL; f++)
            test_folder_write(&folder, of->files[f][0], of->files[f][1]);
        load(of, 0, &undisturbed);
        assert_string_equal(undisturbed.error.message, "");
        assert_int_equal(undisturbed.status, PO_OK);
        assert_int_equal(undisturbed.frames, of->frames);
        for (size_t c = 0; c < sizeof(causes) / sizeof(causes[0]); c++)
            for (int number = 1; number < MOST_CALLS && fail_one(of, c, number, &wrong);
                 number++)
                failures++;
        folder_remove(NULL);
        folder_create(NULL);
    }
    print_message("%d failures\n", failures);
    assert_true(failures > 3000);
    assert_int_equal(wrong, 0);
}

/* "<name>_gt.png" is longer than a name can be, so it is not there. */
static void names_too_long_are_absent(void **state)
{
    (void)state;
    static char names[2][TEST_PATH_BYTES];
    struct session_case of = {.ground_truth = "auto"};
    for (int side = 0; side < 2; side++) {
        (void)snprintf(names[side], sizeof(names[side]), "s/%s/%0246d.png",
                       side == 0 ? "left" : "right", 7);
        of.files[side][0] = names[side];
        test_folder_write(&folder, names[side], "x");
    }
    load(&of, 0, &made);
    assert_string_equal(made.error.message, "");
    assert_int_equal(made.frames, 1);
    assert_int_equal(made.truths, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(each_layout_says_what_passes),
        FOLDER_TEST(names_too_long_are_absent),
    };
    log_set_level(LOG_ERROR);
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
