/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call of the system under base fails in turn: the first, the second and so on,
 * with each errno. What is written appears whole or not at all, nothing is left behind,
 * and the message names the file and the cause.
 */
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

#include "base/own_directory.h"
#include "support/base_operations.h"
#include "support/failing_calls.h"
#include "support/folder_fixture.h"

enum { MOST_CALLS = 60 };

static void clear(void)
{
    (void)!directory_remove(folder.path, NULL);
    assert_int_equal(mkdir(folder.path, 0700), 0);
}

static bool names_cause(const char *message, const struct cause *cause,
                        enum failing_call call)
{
    return (cause->said != NULL && strstr(message, cause->said) != NULL) ||
           strstr(message, strerror(cause->value)) != NULL ||
           (cause->value == EFBIG && strstr(message, "ulimit -f") != NULL) ||
           (cause->value == EMFILE && strstr(message, "ulimit -n") != NULL) ||
           (cause->value == ENFILE && strstr(message, "open files") != NULL) ||
           (cause->value == EACCES && strstr(message, "permissions") != NULL) ||
           (cause->value == ENXIO && strstr(message, "device") != NULL) ||
           call == CALL_MEMORY;
}

/* False: the call was not reached, all of them have failed once. */
static bool fail_one(const struct operation *operation, enum failing_call call,
                     int number, const struct cause *cause)
{
    struct po_error error = {0};
    clear();
    operation->prepare();
    int before = lowest_free_descriptor();
    fail_call(call, number, cause->value);
    enum po_status status = operation->run(&error);
    if (!mend_calls()) {
        assert_int_equal(status, PO_OK);
        return false;
    }
    bool harmless = (operation->passed_over & BIT(call)) != 0;
    if (status == PO_OK && !harmless)
        print_error("%s: %s %d failed with %s, and all was called well\n",
                    operation->name, failing_call_names[call], number,
                    strerror(cause->value));
    assert_true(status != PO_OK || harmless);
    if (status != PO_OK && (strstr(error.message, operation->named) == NULL ||
                            !names_cause(error.message, cause, call))) {
        print_error("%s: %s %d failed with %s: %s\n", operation->name,
                    failing_call_names[call], number, strerror(cause->value),
                    error.message);
        fail();
    }
    assert_int_equal(lowest_free_descriptor(), before);
    operation->check(status == PO_OK);
    return true;
}

static void each_call_fails(void **state)
{
    (void)state;
    int failures = 0;
    for (int o = 0; o < COUNT(operations); o++) {
        const struct operation *operation = &operations[o];
        for (int call = 0; call < FAILING_CALLS; call++)
            for (int c = 0; c < operation->cause_count; c++)
                for (int number = 1; number < MOST_CALLS; number++) {
                    if (!fail_one(operation, (enum failing_call)call, number,
                                  &operation->causes[c]))
                        break;
                    failures++;
                }
    }
    assert_true(failures > 1000);
}

/* Short and interrupted transfers change nothing. */
static void transfers_are_cut_short(void **state)
{
    (void)state;
    for (int o = 0; o < COUNT(operations); o++) {
        struct po_error error = {0};
        clear();
        operations[o].prepare();
        cut_transfers_short();
        enum po_status status = operations[o].run(&error);
        (void)mend_calls();
        assert_string_equal(error.message, "");
        assert_int_equal(status, PO_OK);
        operations[o].check(true);
    }
}

static const struct {
    enum failing_call call;
    int number;
} interrupted[] = {{CALL_FSYNC, 1}, {CALL_CLOSE, 1}};

static void an_interrupted_sync_is_none(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(interrupted); i++) {
        struct po_error error = {0};
        clear();
        put_old();
        fail_call(interrupted[i].call, interrupted[i].number, EINTR);
        assert_int_equal(write_file(&error), PO_OK);
        assert_true(mend_calls());
        is_whole_and_alone(true);
        fail_call(interrupted[i].call, interrupted[i].number, EINTR);
        assert_int_equal(write_handed(&error), PO_OK);
        assert_true(mend_calls());
        is_whole_and_alone(true);
    }
}

/* What another process did first, or a file system does not do, is no failure. */
static const struct {
    const char *operation;
    enum failing_call call;
    int number;
    int cause;
} harmless[] = {
    {"frame", CALL_FSYNC, 1, EINVAL},   {"frame", CALL_RENAME, 2, ENOTEMPTY},
    {"frame", CALL_RENAME, 2, EEXIST},  {"frame", CALL_MKDIR, 1, EACCES},
    {"clean", CALL_STAT, 1, ENOENT},    {"clean", CALL_STAT, 3, ENOENT},
    {"clean", CALL_OPENDIR, 1, ENOENT}, {"clean", CALL_OPEN, 1, ENOENT},
    {"clean", CALL_UNLINK, 1, ENOENT},  {"tagged", CALL_RENAME, 1, ENOENT},
    {"check", CALL_OPEN, 1, ENOENT},    {"check", CALL_STAT, 1, ENOENT},
    {"check", CALL_STAT, 2, ENOENT},
};

static void what_others_did_is_no_failure(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(harmless); i++) {
        struct po_error error = {0};
        int o = 0;
        while (strcmp(operations[o].name, harmless[i].operation) != 0)
            o++;
        clear();
        operations[o].prepare();
        fail_call(harmless[i].call, harmless[i].number, harmless[i].cause);
        enum po_status status = operations[o].run(&error);
        assert_true(mend_calls());
        if (status != PO_OK)
            fail_msg("%s %s: %s", harmless[i].operation,
                     failing_call_names[harmless[i].call], error.message);
        operations[o].check(true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(each_call_fails),
        FOLDER_TEST(transfers_are_cut_short),
        FOLDER_TEST(an_interrupted_sync_is_none),
        FOLDER_TEST(what_others_did_is_no_failure),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0); /* thousands of small files */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
