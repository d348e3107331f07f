/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls of this process that fail when a test says so: one call at a time, with
 * the errno that is asked for, or all transfers cut short. A test links failing_calls.c
 * by its name: test_*_failures.c.
 */
#ifndef TESTS_SUPPORT_FAILING_CALLS_H
#define TESTS_SUPPORT_FAILING_CALLS_H

#include <stdbool.h>

enum failing_call {
    CALL_OPEN, /* openat too */
    CALL_OPENDIR,
    CALL_FDOPENDIR,
    CALL_FDOPEN,
    CALL_READDIR,
    CALL_READ,
    CALL_PREAD,
    CALL_WRITE,
    CALL_PWRITE,
    CALL_FSYNC,
    CALL_CLOSE, /* closes, and says that it failed, as Linux does */
    CALL_LSEEK,
    CALL_RENAME, /* renameat too */
    CALL_MKDIR,
    CALL_UNLINK, /* unlinkat too */
    CALL_STAT,   /* lstat, fstat, fstatat too */
    CALL_FCNTL,
    CALL_RANDOM,
    CALL_PIPE,
    CALL_FORK,
    CALL_POLL,
    CALL_WAIT,
    CALL_THREAD,
    CALL_MEMORY, /* never fails under a sanitizer, which has a malloc of its own */
    FAILING_CALLS
};

extern const char *const failing_call_names[FAILING_CALLS];

/* The `number`-th such call from now on (1: the next) fails with `cause`, once. */
void fail_call(enum failing_call call, int number, int cause);
/* Every read and write moves at most one byte, and every other one is interrupted. */
void cut_transfers_short(void);
/* All is well again; whether the call that was to fail was reached. */
bool mend_calls(void);

/* The number that the next descriptor gets: rises where one was left open. */
int lowest_free_descriptor(void);

#endif
