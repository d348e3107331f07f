/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each call under the store fails in turn: locks, what the output keeps, what may be
 * written there. A failure is never taken for an absence: a living holder keeps his lock,
 * and what is kept is read as it was written or not at all.
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/log.h"
#include "base/path.h"
#include "store/other_frames.h"
#include "store/output_claim.h"
#include "store/output_folder.h"
#include "store/sealed_json.h"
#include "store/shard_locks.h"
#include "support/failing_operations.h"
#include "support/folder_fixture.h"

static struct session_paths paths;
static struct settings_set settings;
static char root[TEST_PATH_BYTES];
static char output[TEST_PATH_BYTES];
static struct frame_entry frames[2];
static struct manifest manifest = {.root = root, .frame_count = 2, .frames = frames};
static struct link_lock lock;
static const struct shard second = {2, 3, 1};

static const char *at(const char *name)
{
    return test_folder_path(&folder, name);
}

/* An output folder in which nothing is going on. */
static void make_output(void)
{
    (void)!directory_remove(at("output"), NULL);
    (void)snprintf(root, sizeof(root), "%s", folder.path);
    (void)snprintf(output, sizeof(output), "%s", at("output"));
    settings.values.output.output = output;
    assert_int_equal(session_paths_make(&paths, &settings.values, &manifest, NULL),
                     PO_OK);
    assert_int_equal(directory_make(paths.shards, NULL), PO_OK);
}

static const char *lock_path(void)
{
    static char path[ATOMIC_FILE_PATH_BYTES];
    assert_true(path_join(path, sizeof(path), paths.shards, "2-of-3.lock"));
    return path;
}

/* Nobody's names but those of locks that are held. */
static void nothing_lies_about(void)
{
    assert_int_not_equal(access(lock_path(), F_OK), 0);
}

/* Locks. */
static enum po_status take_and_release(struct po_error *error)
{
    enum po_status status = shard_lock_take(&lock, &paths, &second, error);
    assert_true(lock.held == (status == PO_OK));
    link_lock_release(&lock);
    return status;
}

/* What stays under the lock's name is nobody's: the next one gets it at once. */
static void can_be_taken(bool done)
{
    struct po_error error = {0};
    (void)done;
    enum po_status status = shard_lock_take(&lock, &paths, &second, &error);
    assert_string_equal(error.message, "");
    assert_int_equal(status, PO_OK);
    link_lock_release(&lock);
    nothing_lies_about();
}

static void write_lock(const char *name, const char *text)
{
    char inside[256];
    (void)snprintf(inside, sizeof(inside), "output/.state/shards/%s", name);
    test_folder_write(&folder, inside, text);
}

/* Of a machine that has been silent for long. */
static void leave_old_lock(void)
{
    const struct timespec old[2] = {{1, 0}, {1, 0}};
    make_output();
    write_lock("2-of-3.lock", "process 7 started 9 on elsewhere machine other/1\n");
    assert_int_equal(utimensat(AT_FDCWD, lock_path(), old, 0), 0);
}

/* A lock whose text was cut: judged by its pulse alone. */
static void leave_cut_lock(void)
{
    leave_old_lock();
    const struct timespec old[2] = {{1, 0}, {1, 0}};
    assert_int_equal(truncate(lock_path(), 5), 0);
    assert_int_equal(utimensat(AT_FDCWD, lock_path(), old, 0), 0);
}

static pid_t holder;

static void end_holder(void)
{
    if (holder > 0) {
        (void)kill(holder, SIGKILL);
        (void)waitpid(holder, NULL, 0);
    }
    holder = 0;
}

/* Another process of this machine that holds the lock, and lives. */
static void let_other_hold(void)
{
    char byte;
    int ends[2];
    end_holder();
    make_output();
    assert_int_equal(pipe(ends), 0);
    holder = fork();
    if (holder == 0) {
        bool taken = shard_lock_take(&lock, &paths, &second, NULL) == PO_OK;
        (void)!write(ends[1], taken ? "y" : "n", 1);
        for (;;) { /* and shows it */
            (void)usleep(20000);
            (void)futimens(lock.descriptor, NULL);
        }
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* And then was killed. */
static void let_other_die(void)
{
    let_other_hold();
    end_holder();
}

static void stays_theirs(bool done)
{
    assert_false(done);
    assert_int_equal(access(lock_path(), F_OK), 0);
}

static enum po_status take_plan_lock(struct po_error *error)
{
    enum po_status status = plan_lock_take(&lock, &paths, error);
    link_lock_release(&lock);
    return status;
}

static enum po_status check_shards(struct po_error *error)
{
    return shard_locks_check(paths.shards, error);
}

static enum po_status look_at_lock(struct po_error *error)
{
    struct link_lock_state state;
    enum po_status status = link_lock_look(lock_path(), 60, &state, error);
    if (status == PO_OK)
        assert_true(state.is_there);
    return status;
}

/* The output as a whole. */
static enum po_status take_output(struct po_error *error)
{
    struct output_lock held = {.descriptor = -1};
    enum po_status status = output_folder_take(&paths, &held, OUTPUT_ALONE,
                                               &settings.values, &manifest, error);
    output_lock_release(&held);
    return status;
}

static enum po_status join_output(struct po_error *error)
{
    struct output_lock held = {.descriptor = -1};
    enum po_status status =
        output_folder_join(&paths, &held, "2-of-3.", &settings.values, &manifest, error);
    output_lock_release(&held);
    return status;
}

static void leave_temporaries(void)
{
    make_output();
    test_folder_write(&folder, "output/frames/.tmp-2-of-3.1.a/frame.json", "{");
    test_folder_write(&folder, "output/.state/.tmp-session.json", "{");
    test_folder_write(&folder, "output/.state/shards/.tmp-2-of-3.lock.12", "process");
    test_folder_write(&folder, "output/frames/theirs", "precious");
}

static void theirs_is_left(bool done)
{
    (void)done;
    assert_int_equal(access(at("output/frames/theirs"), F_OK), 0);
}

static void ours_is_gone(bool done)
{
    theirs_is_left(done);
    if (done)
        assert_int_not_equal(access(at("output/frames/.tmp-2-of-3.1.a"), F_OK), 0);
}

static char image[TEST_PATH_BYTES];
static char link_to_image[TEST_PATH_BYTES];

/* The second frame's image is a link to a link into the folder of results. */
static void lay_input_into_output(void)
{
    make_output();
    test_folder_write(&folder, "plain.png", "x");
    test_folder_write(&folder, "output/frames/a/left.png", "x");
    (void)unlink(at("first"));
    (void)unlink(at("second"));
    assert_int_equal(symlink("output/frames/a", at("first")), 0);
    assert_int_equal(symlink("first/left.png", at("second")), 0);
    (void)snprintf(image, sizeof(image), "%s", at("plain.png"));
    (void)snprintf(link_to_image, sizeof(link_to_image), "%s", at("second"));
    frames[0] = (struct frame_entry){.id = "0", .left_path = image};
    frames[1] = (struct frame_entry){.id = "1", .left_path = link_to_image};
}

static enum po_status claim_output(struct po_error *error)
{
    const struct output_claim claim = {paths.output, paths.frames, paths.state};
    return output_claim_check(&claim, &manifest, &settings, error);
}

static void leave_other_frames(void)
{
    make_output();
    test_folder_write(&folder, "output/frames/0/frame.json", "{}");
    test_folder_write(&folder, "output/frames/old/frame.json", "{}");
    frames[0] = (struct frame_entry){.id = "0"};
    frames[1] = (struct frame_entry){.id = "1"};
}

static enum po_status find_others(struct po_error *error)
{
    struct report_other_frames others;
    enum po_status status = other_frames_find(paths.frames, &manifest, &others, error);
    if (status == PO_OK)
        assert_int_equal(others.count, 1);
    return status;
}

/* What is kept. */
static struct run_state state;
static struct warning_list warnings;
static struct run_journal journal;

static void end_frames(void)
{
    make_output();
    run_state_release(&state);
    assert_int_equal(run_state_init(&state, 2, NULL), PO_OK);
    run_state_end(&state, 0, PO_FRAME_FAILED, PO_NO_RANGE, "no range was found");
    run_state_end(&state, 1, PO_FRAME_DONE, PO_OK, NULL);
    warnings.length = journal.length = 0;
    warning_list_add(&warnings, "a warning");
    run_journal_add(&journal, "an event");
}

static const char *kept_path(const char *name)
{
    static char path[ATOMIC_FILE_PATH_BYTES];
    assert_true(path_join(path, sizeof(path), paths.shards, name));
    return path;
}

static enum po_status keep_record(struct po_error *error)
{
    const struct shard_record record = {.shard = {1, 1, 1}, .ended = true};
    const struct shard_content content = {&settings, &warnings, &journal, &state};
    return shard_record_write(&record, &content, kept_path("1-of-1.json"), error);
}

/* All of it, or there is none. */
static void record_is_whole(bool done)
{
    struct shard_record record;
    int frame;
    struct frame_state row;
    enum po_status status = shard_record_read(kept_path("1-of-1.json"), &record, NULL);
    assert_int_equal(status, done ? PO_OK : PO_NOT_FOUND);
    if (done) {
        const struct json *line = shard_record_frames(&record);
        assert_true(shard_record_frame(line, 2, &frame, &row));
        assert_string_equal(row.message, "no range was found");
        free(row.message);
        assert_true(shard_record_frame(json_next(line), 2, &frame, &row));
        assert_int_equal(json_length(json_get(record.tree, "warnings")), 1);
    }
    shard_record_release(&record);
}

static const char shown[] = "/";

static const struct operation operations[] = {
    {"lock", make_output, take_and_release, can_be_taken, shown, PO_OK},
    {"old lock", leave_old_lock, take_and_release, can_be_taken, shown, PO_OK},
    {"cut lock", leave_cut_lock, take_and_release, can_be_taken, shown, PO_OK},
    {"dead lock", let_other_die, take_and_release, can_be_taken, shown, PO_OK},
    {"held lock", let_other_hold, take_and_release, stays_theirs, shown, PO_LOCKED},
    {"look", let_other_hold, look_at_lock, NULL, shown, PO_OK},
    {"plan", make_output, take_plan_lock, can_be_taken, shown, PO_OK},
    {"plan held", let_other_hold, take_plan_lock, stays_theirs, shown, PO_LOCKED},
    {"shards held", let_other_hold, check_shards, stays_theirs, shown, PO_LOCKED},
    {"output", leave_temporaries, take_output, ours_is_gone, "/output", PO_OK},
    {"join", leave_temporaries, join_output, theirs_is_left, "/output", PO_OK},
    {"output held", let_other_hold, take_output, stays_theirs, "/output", PO_LOCKED},
    {"others", leave_other_frames, find_others, NULL, "", PO_OK},
    {"record", end_frames, keep_record, record_is_whole, shown, PO_OK},
};

static void each_call_fails(void **context)
{
    (void)context;
    log_set_level(LOG_ERROR);
    for (int i = 0; i < COUNT(operations); i++) {
        int failures = operation_fail_each(&operations[i]);
        print_message("%s: %d failures\n", operations[i].name, failures);
        assert_true(failures > 3);
        end_holder();
    }
    run_state_release(&state);
    log_set_level(LOG_INFO);
}

/* An input in the way is found, or the look at it failed; it is never written over. */
static void an_input_in_the_way_is_refused(void **context)
{
    const struct operation claim = {"claim", lay_input_into_output, claim_output, NULL,
                                    "",      PO_BAD_ARGUMENT};
    (void)context;
    lay_input_into_output();
    assert_true(operation_fail_each(&claim) > 10);
}

/* Whatever bit is turned: it is not as it was written. */
static void no_bit_of_a_seal_may_turn(void **context)
{
    char *text = NULL;
    size_t bytes = 0;
    struct json *tree = json_new_object();
    struct po_error error;
    (void)context;
    const char *path = at("sealed.json");
    json_add_number(tree, "value", 7);
    assert_int_equal(sealed_json_write(tree, path, &error), PO_OK);
    json_free(tree);
    assert_int_equal(json_read_file_text(path, 1000, &tree, &text, &error), PO_OK);
    json_free(tree);
    bytes = strlen(text);
    for (size_t i = 0; i < 8 * bytes; i++) {
        text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(text, 1, bytes, file), bytes);
        assert_int_equal(fclose(file), 0);
        enum po_status status = sealed_json_read(path, 1000, &tree, &error);
        if (status != PO_BAD_FORMAT)
            fail_msg("bit %zu of %zu bytes: %d", i, bytes, (int)status);
        text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(each_call_fails),
        FOLDER_TEST(an_input_in_the_way_is_refused),
        FOLDER_TEST(no_bit_of_a_seal_may_turn),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0); /* thousands of small files */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
