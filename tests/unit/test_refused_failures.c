/* SPDX-License-Identifier: Apache-2.0 */
/* What base refuses: threads and trees without memory, places that take nothing, paths of
 * any length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/input_file.h"
#include "base/json_file.h"
#include "base/named_file.h"
#include "base/own_directory.h"
#include "base/thread.h"
#include "support/failing_calls.h"
#include "support/folder_fixture.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static struct atomic_file file;

static const char *at(const char *name)
{
    return test_folder_path(&folder, name);
}

static bool is_ours(const char *name)
{
    return strcmp(name, "proof") == 0;
}

static const struct directory_names names = {is_ours, "proof"};

/* A lock, a thread, a listing of JSON: no memory is said as such. */
static void nothing_runs(void *context)
{
    (void)context;
}

static void count(void *context)
{
    ++*(int *)context;
}

static void threads_are_refused(void **state)
{
    (void)state;
    int runs = 0;
    struct thread *thread = NULL;
    struct mutex *mutex = NULL;
    struct po_error error;
    fail_call(CALL_THREAD, 1, 0);
    assert_int_equal(thread_start(nothing_runs, NULL, &thread, &error), PO_OUT_OF_MEMORY);
    assert_true(mend_calls());
    assert_non_null(strstr(error.message, "ulimit -u"));
    assert_null(thread);
    fail_call(CALL_MEMORY, 1, ENOMEM);
    enum po_status status = thread_start(nothing_runs, NULL, &thread, &error);
    assert_int_equal(status, mend_calls() ? PO_OUT_OF_MEMORY : PO_OK);
    thread_join(thread);
    fail_call(CALL_MEMORY, 1, ENOMEM);
    status = mutex_create(&mutex, &error);
    assert_int_equal(status, mend_calls() ? PO_OUT_OF_MEMORY : PO_OK);
    mutex_destroy(mutex);
    assert_int_equal(mutex_create(&mutex, &error), PO_OK);
    mutex_lock(mutex);
    mutex_unlock(mutex);
    mutex_destroy(mutex);
    assert_int_equal(thread_start(count, &runs, &thread, &error), PO_OK);
    thread_join(thread);
    assert_int_equal(runs, 1);
}

static void build(struct json *root)
{
    struct json *frames = json_add_array(root, "frames");
    for (int i = 0; i < 3; i++) {
        struct json *frame = json_append_object(frames);
        json_add_string(frame, "id", "left_01");
        json_add_number(frame, "points", 7.5 * i);
        json_add_bool(frame, "rectified", i == 1);
        json_add_null(frame, "message");
    }
    json_append_string(frames, "text");
    json_append_number(frames, 1);
    json_add_string(json_add_object(root, "totals"), "unit", "mm");
}

/* What lacks a value is not written: it would be well-formed, and another thing. */
static void half_a_tree_is_not_written(void **state)
{
    (void)state;
    struct po_error error;
    char *whole = NULL;
    struct json *root = json_new_object();
    build(root);
    assert_int_equal(json_print(root, &whole, &error), PO_OK);
    json_free(root);
    int number = 1;
    for (bool reached = true; reached; number++) {
        char *text = NULL;
        fail_call(CALL_MEMORY, number, ENOMEM);
        root = json_new_object();
        build(root);
        enum po_status status = json_print(root, &text, &error);
        reached = mend_calls();
        assert_int_equal(status, reached ? PO_OUT_OF_MEMORY : PO_OK);
        if (json_write_file(root, at("report.json"), &error) == PO_OK) {
            free(text);
            size_t bytes = 0;
            assert_int_equal(
                input_file_read(at("report.json"), 1 << 20, &text, &bytes, &error),
                PO_OK);
            assert_string_equal(text, whole);
        }
        free(text);
        json_free(root);
    }
    free(whole);
}

/* No reader at a pipe, a folder where a file stands, names that are too long. */
static void places_that_take_nothing(void **state)
{
    (void)state;
    static char name[700];
    char building[TEST_PATH_BYTES];
    char small[8];
    struct po_error error;
    memset(name, 'n', sizeof(name) - 1);
    assert_int_equal(mkfifo(at("pipe"), 0600), 0);
    assert_int_equal(named_file_open(&file, at("pipe"), &error), PO_IO);
    assert_non_null(strstr(error.message, "nobody reads this pipe"));
    atomic_file_discard(&file);
    test_folder_write(&folder, "file", "x");
    assert_int_equal(directory_make(at("file"), &error), PO_IO);
    assert_int_equal(directory_make(at("file/below"), &error), PO_IO);
    assert_int_equal(symlink("nowhere", at("dangling")), 0);
    assert_int_equal(directory_make(at("dangling"), &error), PO_IO);
    assert_non_null(strstr(error.message, "ot a directory"));
    assert_int_equal(directory_make("", &error), PO_IO);
    assert_int_equal(directory_make("/proc/none", &error), PO_IO);
    assert_non_null(strstr(error.message, "takes none"));
    const struct atomic_directory longest = {folder.path, name, "", &names};
    assert_int_equal(atomic_directory_begin(&longest, building, sizeof(building), &error),
                     PO_IO);
    assert_non_null(strstr(error.message, "too long"));
    assert_int_equal(atomic_directory_publish(&longest, &error), PO_IO);
    const struct atomic_directory one = {folder.path, "one", "", &names};
    assert_int_equal(atomic_directory_begin(&one, small, sizeof(small), &error), PO_IO);
    assert_non_null(strstr(error.message, "too long"));
    assert_int_equal(atomic_file_open(&file, at(name), &error), PO_IO);
    assert_non_null(strstr(error.message, "too long"));
    atomic_file_discard(&file);
    static char line[5000];
    memset(line, 'x', sizeof(line) - 1);
    assert_int_equal(atomic_file_open(&file, at("lines"), &error), PO_OK);
    assert_int_equal(atomic_file_print(&file, &error, "%s", line), PO_INTERNAL);
    assert_non_null(strstr(error.message, "above 4 KB"));
    atomic_file_discard(&file);
}

/* A path of any length leaves room for what is wrong with it. */
static void long_paths_say_what_is_wrong(void **state)
{
    (void)state;
    enum { LONG_BYTES = 6000 };
    static char path[LONG_BYTES];
    struct po_error error;
    struct input_stat facts;
    struct named_file_place place;
    static const int lengths[] = {900, 1020, 1500, 4094, LONG_BYTES - 1};
    for (int i = 0; i < COUNT(lengths); i++) {
        memset(path, 'x', sizeof(path));
        for (int k = 0; k < lengths[i]; k += 200)
            path[k] = '/';
        path[lengths[i]] = '\0';
        assert_int_not_equal(input_file_stat(path, &facts, &error), PO_OK);
        assert_true(strstr(error.message, "no such file") != NULL ||
                    strstr(error.message, "too long") != NULL);
        assert_memory_equal(error.message, path, 200);
        assert_int_not_equal(atomic_file_open(&file, path, &error), PO_OK);
        assert_true(strstr(error.message, "No such file") != NULL ||
                    strstr(error.message, "too long") != NULL);
        atomic_file_discard(&file);
        assert_int_not_equal(named_file_find(path, &place, &error), PO_OK);
        assert_true(strstr(error.message, "No such file") != NULL ||
                    strstr(error.message, "too long") != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(threads_are_refused),
        FOLDER_TEST(half_a_tree_is_not_written),
        FOLDER_TEST(places_that_take_nothing),
        FOLDER_TEST(long_paths_say_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
