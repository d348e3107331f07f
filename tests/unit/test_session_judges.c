/* SPDX-License-Identifier: Apache-2.0 */
/* The small judges behind a session, each by its own table: which calibrations disagree,
 * which files may be one, what names say. */
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
#include "session/image_samples.h"
#include "session/manifest_parts.h"
#include "session/prior_source.h"
#include "session/side_mark.h"
#include "support/session_fixture.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

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
