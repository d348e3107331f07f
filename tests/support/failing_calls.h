/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls of this process that fail when a test says so: one call at a time, with
 * the errno that is asked for, or all transfers cut short. Children that it forks have no
 * failures of their own. A test links failing_calls*.c by its name: test_*_failures.c.
 */
#ifndef TESTS_SUPPORT_FAILING_CALLS_H
#define TESTS_SUPPORT_FAILING_CALLS_H

#include <stdbool.h>

enum failing_call {
    CALL_OPEN, /* openat too */
    CALL_OPENDIR,
    CALL_FDOPENDIR,
    CALL_FDOPEN, /* fopen too */
    CALL_READDIR,
    CALL_READ,
    CALL_PREAD,
    CALL_WRITE,
    CALL_PWRITE,
    CALL_FSYNC,
    CALL_CLOSE, /* closes, and says that it failed, as Linux does */
    CALL_LSEEK,
    CALL_TRUNCATE,
    CALL_TOUCH,  /* futimens */
    CALL_LOCK,   /* flock */
    CALL_RENAME, /* renameat too */
    CALL_MKDIR,
    CALL_UNLINK, /* unlinkat too */
    CALL_STAT,   /* lstat, fstat, fstatat too */
    CALL_ACCESS,
    CALL_LINK,
    CALL_READLINK,
    CALL_REALPATH,
    CALL_RMDIR,
    CALL_STATVFS,
    CALL_FCNTL,
    CALL_RANDOM,
    CALL_HOST, /* gethostname */
    CALL_PIPE, /* pipe2 too */
    CALL_FORK,
    CALL_POLL,
    CALL_WAIT, /* wait4 too */
    CALL_THREAD,
    CALL_MAP,     /* mmap */
    CALL_SIGNALS, /* sigaction, sigprocmask, signalfd */
    CALL_FENCE,   /* prctl and syscall: what a sandbox is made of */
    CALL_MEMORY,  /* never fails under a sanitizer, which has a malloc of its own */
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
/* Allocations that are not freed; always 0 where memory never fails. */
long live_allocations(void);

/* A call as fail_call names it. */
struct noted_call {
    enum failing_call call;
    int number;
};

/* Until mend_calls: notes of each way through which a call is come to the first such
 * call, so that a test can fail each of these in turn and need not try all calls there
 * are. */
void note_calls(struct noted_call *calls, int capacity);
/* How many were noted; as many as `capacity`: there may be more. */
int noted_call_count(void);

/* For failing_calls*.c: whether this call is to fail; errno is set then. */
bool call_fails(enum failing_call call);
/* For failing_calls*.c: a child begins. */
void forget_failures(void);

#endif
