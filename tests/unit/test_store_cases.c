/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store, case by case: what locks of other machines and of the past mean, which
 * values are out of bounds, which places can never be written to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/kept_rectification.h"
#include "store/link_lock.h"
#include "store/other_frames.h"
#include "store/output_claim.h"
#include "store/output_folder.h"
#include "store/path_places.h"
#include "store/session_values.h"
#include "store/shard_record.h"
#include "support/folder_fixture.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static const char *at(const char *name)
{
    return test_folder_path(&folder, name);
}

/* Locks. */
static const char foreign[] = "process 7 started 9 on elsewhere machine other/1\n";

/* Touches the file as its holder would, until it is ended. */
static pid_t keep_touching(const char *path)
{
    pid_t child = fork();
    while (child == 0) {
        (void)usleep(10000);
        (void)utimensat(AT_FDCWD, path, NULL, 0);
    }
    return child;
}

static void a_lock_that_is_touched_elsewhere_is_held(void **state)
{
    (void)state;
    struct link_lock lock;
    struct po_error error = {0};
    test_folder_write(&folder, "lock", foreign);
    pid_t toucher = keep_touching(at("lock"));
    assert_int_equal(link_lock_take(&lock, at("lock"), 5, &error), PO_LOCKED);
    assert_non_null(strstr(error.message, "process 7 on elsewhere"));
    assert_false(lock.held);
    (void)kill(toucher, SIGKILL);
    (void)waitpid(toucher, NULL, 0);
    /* No sign of life for as long as is asked for. */
    assert_int_equal(link_lock_take(&lock, at("lock"), 0.3, &error), PO_OK);
    link_lock_release(&lock);
    assert_int_not_equal(access(at("lock"), F_OK), 0);
}

/* Ended, and nobody has asked how: that is no holder. */
static void a_zombie_holds_nothing(void **state)
{
    (void)state;
    struct link_lock lock;
    siginfo_t ended;
    pid_t child = fork();
    if (child == 0) {
        bool taken = link_lock_take(&lock, at("lock"), 60, NULL) == PO_OK;
        _exit(taken ? 0 : 1);
    }
    assert_int_equal(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT), 0);
    assert_int_equal(access(at("lock"), F_OK), 0);
    assert_int_equal(link_lock_take(&lock, at("lock"), 60, NULL), PO_OK);
    link_lock_release(&lock);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_lock_that_was_taken_over_is_the_others(void **state)
{
    (void)state;
    struct link_lock lock;
    char other[TEST_PATH_BYTES];
    (void)snprintf(other, sizeof(other), "%s", at("other"));
    assert_int_equal(link_lock_take(&lock, at("lock"), 0.003, NULL), PO_OK);
    assert_true(link_lock_now_ns(&lock) > 0);
    int64_t before_ns = lock.beaten_ns;
    (void)usleep(5000);
    link_lock_beat(&lock);
    assert_true(lock.beaten_ns > before_ns);
    assert_false(lock.is_lost);
    test_folder_write(&folder, "other", foreign);
    assert_int_equal(rename(other, at("lock")), 0);
    for (int i = 0; i < 2; i++) { /* it is told once */
        (void)usleep(5000);
        link_lock_beat(&lock);
        assert_true(lock.is_lost);
    }
    link_lock_release(&lock);
    assert_int_equal(access(at("lock"), F_OK), 0);
    link_lock_beat(&lock); /* of a lock that is not held: nothing */
    link_lock_release(&lock);
    assert_int_equal(link_lock_now_ns(&lock), 0);
}

/* How many more claims another process clears away before they are linked. */
static int claims_to_clear;

/* In place of the C library's, for the lock. */
int link(const char *from, const char *to)
{
    if (claims_to_clear > 0) {
        claims_to_clear--;
        assert_int_equal(unlink(from), 0);
    }
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

static void a_claim_that_is_cleared_away_is_made_anew(void **state)
{
    (void)state;
    struct link_lock lock;
    struct po_error error = {0};
    claims_to_clear = 3;
    assert_int_equal(link_lock_take(&lock, at("lock"), 60, &error), PO_OK);
    assert_int_equal(claims_to_clear, 0);
    assert_int_equal(access(at("lock"), F_OK), 0);
    link_lock_release(&lock);
    claims_to_clear = 1000;
    assert_int_equal(link_lock_take(&lock, at("lock"), 60, &error), PO_LOCKED);
    assert_in_range(claims_to_clear, 900, 999);
    claims_to_clear = 0;
    assert_int_equal(link_lock_take(&lock, at("no/lock"), 60, &error), PO_IO);
    assert_non_null(strstr(error.message, "No such file"));
    assert_int_equal(rmdir(folder.path), 0); /* nothing is left in it */
    assert_int_equal(mkdir(folder.path, 0777), 0);
}

static void paths_of_locks_have_a_bound(void **state)
{
    (void)state;
    struct link_lock lock;
    struct po_error error = {0};
    static char path[2 * ATOMIC_FILE_PATH_BYTES];
    memset(path, 'x', sizeof(path) - 1);
    assert_int_equal(link_lock_take(&lock, path, 60, &error), PO_IO);
    assert_non_null(strstr(error.message, "too long"));
}

static void output_locks_name_whom_they_can(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *told;
    } texts[] = {{"", "it does not say which"},
                 {"process 7\x01\x7f on node \n \n", "(process 7   on node)"}};
    for (int i = 0; i < COUNT(texts); i++) {
        struct output_lock lock;
        struct po_error error = {0};
        assert_int_equal(output_lock_take(&lock, folder.path, OUTPUT_SHARED, NULL),
                         PO_OK);
        test_folder_write(&folder, "lock", texts[i].text);
        struct output_lock mine;
        assert_int_equal(output_lock_take(&mine, folder.path, OUTPUT_ALONE, &error),
                         PO_LOCKED);
        if (strstr(error.message, texts[i].told) == NULL)
            fail_msg("%s", error.message);
        output_lock_release(&lock);
    }
}

/* Values. */
static struct manifest empty = {.frame_count = 0};

static struct json *good_values(void)
{
    struct session_values values;
    struct json *root = json_new_object();
    assert_int_equal(session_values_init(&values, &empty, NULL), PO_OK);
    values.scale16[0] = values.scale16[1] = (struct image_scale16){255, 0};
    values.depth_unit_mm = 2;
    values.downscale = 1;
    values.ranges[0] = (struct disparity_range){.min_px = 0, .count = 64};
    values.range_known[0] = values.rows_known[0] = true;
    session_values_to_json(&values, &empty, root);
    session_values_release(&values);
    return root;
}

static bool takes(const struct json *root, bool *known)
{
    struct session_values values;
    assert_int_equal(session_values_init(&values, &empty, NULL), PO_OK);
    bool taken = session_values_from_json(&values, &empty, root);
    *known = session_values_known(&values, -1);
    session_values_release(&values);
    return taken;
}

/* With another value of one member; as text, as a tree cannot be changed. */
static bool takes_with(const char *member, const char *value, bool *known)
{
    char *text = NULL;
    char changed[4096];
    char key[64];
    struct json *root = good_values();
    assert_int_equal(json_print(root, &text, NULL), PO_OK);
    json_free(root);
    (void)snprintf(key, sizeof(key), "\"%s\":\t", member);
    const char *place = strstr(text, key);
    assert_non_null(place);
    const char *rest = place + strlen(key);
    int length = snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(rest - text), text,
                          value, rest + strcspn(rest, ",\n"));
    free(text);
    assert_int_equal(json_parse(changed, (size_t)length, &root, NULL), PO_OK);
    bool taken = takes(root, known);
    json_free(root);
    return taken;
}

static const struct {
    const char *member;
    const char *value;
    bool is_taken; /* else all of it is refused */
    bool is_known; /* nothing is left to choose */
} values_read[] = {
    {"downscale", "1", true, true},
    {"downscale", "4", true, true},
    {"downscale", "3", false, false},
    {"downscale", "null", false, false},
    {"depth_unit_mm", "1", true, true},
    {"depth_unit_mm", "5", true, true},
    {"depth_unit_mm", "10", true, true},
    {"depth_unit_mm", "3", false, false},
    {"depth_unit_mm", "\"2\"", false, false},
    {"rung", "0", true, true},
    {"rung", "-1", false, false},
    {"rung", "99", false, false},
    {"frame_budget_bytes", "1e30", false, false},
    {"frame_budget_bytes", "-2", false, false},
    {"white", "0", false, false},
    {"white", "65536", false, false},
    {"black", "-1", false, false},
    {"black", "65536", false, false},
    {"white", "65535", true, true},
    {"black", "255", false, false},
    {"min_px", "-1e9", true, false},
    {"min_px", "1e9", true, false},
    {"count", "15", true, false},
    {"count", "17", true, false},
    {"count", "1e9", true, false},
    {"a_px", "1e9", true, false},
    {"b_px", "-1e9", true, false},
    {"c_px", "\"x\"", true, false},
};

static void values_out_of_bounds_are_not_taken(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(values_read); i++) {
        bool known;
        bool taken = takes_with(values_read[i].member, values_read[i].value, &known);
        if (taken != values_read[i].is_taken || known != values_read[i].is_known)
            fail_msg("%s %s: taken %d, known %d", values_read[i].member,
                     values_read[i].value, taken, known);
    }
}

static const struct {
    const char *name;
    bool is_one;
} names[] = {
    {"1-of-2.json", true},   {"2-of-2.json", true},         {"3-of-2.json", false},
    {"0-of-2.json", false},  {"1-of-99999999.json", false}, {"1-of-2.lock", false},
    {"1-of-2.jsonx", false}, {"one-of-two.json", false},    {"-1-of-2.json", false},
    {"1-of", false},         {"1-of-16777216.json", true},  {"1-of-2.json~", false},
};

static void names_of_shards_are_exact(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(names); i++) {
        struct shard shard;
        if (shard_name_parse(names[i].name, ".json", &shard) != names[i].is_one)
            fail_msg("%s", names[i].name);
    }
}

/* Other frames: the first by name, however many there are; files are none. */
static void other_frames_are_counted(void **state)
{
    (void)state;
    char id[FRAME_ID_BYTES + 40];
    struct report_other_frames others;
    static struct frame_entry frames[1] = {{.id = "f005"}};
    const struct manifest manifest = {.frame_count = 1, .frames = frames};
    assert_int_equal(other_frames_find(at("nowhere"), &manifest, &others, NULL), PO_OK);
    assert_int_equal(others.count, 0);
    for (int i = 0; i < 2 * OTHER_FRAMES_LISTED; i++) {
        (void)snprintf(id, sizeof(id), "f%03d", i * 37 % (2 * OTHER_FRAMES_LISTED));
        assert_int_equal(mkdir(at(id), 0777), 0);
    }
    test_folder_write(&folder, "f000.txt", "");
    assert_int_equal(mkdir(at(".hidden"), 0777), 0);
    memset(id, 'g', sizeof(id) - 1); /* longer than any id */
    id[sizeof(id) - 1] = '\0';
    assert_int_equal(mkdir(at(id), 0777), 0);
    assert_int_equal(other_frames_find(folder.path, &manifest, &others, NULL), PO_OK);
    assert_int_equal(others.count, 2 * OTHER_FRAMES_LISTED - 1);
    assert_int_equal(others.listed, OTHER_FRAMES_LISTED);
    assert_string_equal(others.ids[0], "f000");
    assert_string_equal(others.ids[5], "f006");
    test_folder_write(&folder, "file", "");
    assert_int_equal(other_frames_find(at("file"), &manifest, &others, NULL), PO_IO);
}

/* Inputs of every kind, one at a time, inside the folder of results. */
static char inside[TEST_PATH_BYTES];

static void every_kind_of_input_is_seen_in_the_way(void **state)
{
    (void)state;
    char output[TEST_PATH_BYTES];
    char frames_at[TEST_PATH_BYTES];
    char state_at[TEST_PATH_BYTES];
    (void)snprintf(output, sizeof(output), "%s", folder.path);
    (void)snprintf(frames_at, sizeof(frames_at), "%s", at("frames"));
    (void)snprintf(state_at, sizeof(state_at), "%s", at(".state"));
    test_folder_write(&folder, "frames/in/x", "x");
    (void)snprintf(inside, sizeof(inside), "%s", at("frames/in/x"));
    char *unmatched = inside;
    for (int kind = 0; kind < 14; kind++) {
        struct po_error error = {0};
        struct frame_entry frame = {.id = "1", .left_path = output};
        struct calibration *calibration = calloc(1, sizeof(*calibration));
        struct settings_set *set = calloc(1, sizeof(*set));
        struct unused_calibration unused = {.path = output};
        assert_true(calibration != NULL && set != NULL);
        struct manifest manifest = {.frame_count = 1,
                                    .frames = &frame,
                                    .calibration_count = 1,
                                    .calibrations = calibration,
                                    .unused_count = 1,
                                    .unused = &unused};
        char *const *paths[] = {&frame.left_path,
                                &frame.right_path,
                                &frame.calibration_path,
                                &frame.ground_truth_path,
                                &frame.ground_truth_mask_path,
                                &frame.prior_path,
                                &unused.path};
        if (kind < COUNT(paths))
            *(char **)(uintptr_t)paths[kind] = inside;
        else if (kind == 7)
            (void)snprintf(calibration->path, sizeof(calibration->path), "%s", inside);
        else if (kind == 8)
            manifest.unmatched = &unmatched, manifest.unmatched_count = 1;
        else if (kind == 9)
            set->values.input.input = inside;
        else if (kind == 10)
            set->values.input.calibration = inside;
        else if (kind == 11)
            set->values.output.ground_truth = inside;
        else if (kind == 12)
            set->values.output.baseline = inside;
        else
            set->files[set->file_count++] = inside;
        const struct output_claim claim = {output, frames_at, state_at};
        enum po_status status = output_claim_check(&claim, &manifest, set, &error);
        if (status != PO_BAD_ARGUMENT || strstr(error.message, inside) == NULL)
            fail_msg("kind %d: %d %s", kind, (int)status, error.message);
        free(set);
        free(calibration);
    }
}

/* A ring of links leads nowhere, and ends. */
static void rings_of_links_end(void **state)
{
    (void)state;
    struct path_places *places = calloc(1, sizeof(*places));
    const char *met = NULL;
    struct po_error error = {0};
    static char path[2 * PATH_PLACES_BYTES];
    assert_non_null(places);
    assert_int_equal(symlink("b", at("a")), 0);
    assert_int_equal(symlink("a", at("b")), 0);
    assert_int_equal(mkdir(at("place"), 0777), 0);
    assert_int_equal(symlink(at("place"), at("c")), 0);
    for (int i = 0; i < PATH_PLACES_MAX; i++)
        assert_int_equal(path_places_add(places, at("place"), &error), PO_OK);
    assert_int_equal(path_places_add(places, at("place"), &error), PO_INTERNAL);
    assert_int_equal(path_places_add(places, at("nothing"), &error), PO_OK);
    (void)snprintf(path, sizeof(path), "%s", at("a"));
    (void)!path_places_follow(places, path, &met, &error);
    assert_null(met);
    (void)snprintf(path, sizeof(path), "%s", at("c/x"));
    assert_int_equal(path_places_follow(places, path, &met, &error), PO_OK);
    assert_non_null(met);
    memset(path, 'x', sizeof(path) - 1);
    path[1] = '/';
    path[sizeof(path) - 3] = '/';
    assert_int_equal(path_places_follow(places, path, &met, &error), PO_BAD_ARGUMENT);
    free(places);
}

/* Places for results: wrong for ever is an argument, a fault of the system is not. */
static enum po_status take_at(const char *output, struct po_error *error)
{
    struct session_paths paths;
    static struct settings_set settings;
    static char root[] = ".";
    struct output_lock lock = {.descriptor = -1};
    struct manifest manifest = {.root = root};
    settings.values.output.output = output;
    enum po_status status = output_folder_take(&paths, &lock, OUTPUT_ALONE,
                                               &settings.values, &manifest, error);
    output_lock_release(&lock);
    return status;
}

static void places_that_can_never_be_written(void **state)
{
    (void)state;
    char before[TEST_PATH_BYTES];
    static char long_path[2 * TEST_PATH_BYTES];
    struct po_error error = {0};
    assert_non_null(getcwd(before, sizeof(before)));
    assert_int_equal(chdir(folder.path), 0);
    test_folder_write(&folder, "file", "x");
    assert_int_equal(mkdir(at("linked"), 0777), 0);
    assert_int_equal(symlink("elsewhere", at("linked/frames")), 0);
    memset(long_path, 'x', sizeof(long_path) - 1);
    static const char *const wrong[] = {"file",       "file/below", "/proc/none/below",
                                        "/proc/none", "linked",     long_path,
                                        NULL};
    for (int i = 0; wrong[i] != NULL; i++) {
        error.message[0] = '\0';
        enum po_status status = take_at(wrong[i], &error);
        if (status != PO_BAD_ARGUMENT || error.message[0] == '\0')
            fail_msg("%.40s: %d %s", wrong[i], (int)status, error.message);
    }
    assert_int_equal(take_at("one/two/three", &error), PO_OK);
    assert_int_equal(access(at("one/two/three/frames"), F_OK), 0);
    assert_int_equal(chdir(before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(a_lock_that_is_touched_elsewhere_is_held),
        FOLDER_TEST(a_zombie_holds_nothing),
        FOLDER_TEST(a_lock_that_was_taken_over_is_the_others),
        FOLDER_TEST(a_claim_that_is_cleared_away_is_made_anew),
        FOLDER_TEST(paths_of_locks_have_a_bound),
        FOLDER_TEST(output_locks_name_whom_they_can),
        FOLDER_TEST(values_out_of_bounds_are_not_taken),
        FOLDER_TEST(names_of_shards_are_exact),
        FOLDER_TEST(other_frames_are_counted),
        FOLDER_TEST(every_kind_of_input_is_seen_in_the_way),
        FOLDER_TEST(rings_of_links_end),
        FOLDER_TEST(places_that_can_never_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
