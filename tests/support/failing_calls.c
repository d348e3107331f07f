/* SPDX-License-Identifier: Apache-2.0 */
#include "support/failing_calls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const failing_call_names[FAILING_CALLS] = {
    "open",   "opendir", "fdopendir", "fdopen", "readdir", "read",  "pread",  "write",
    "pwrite", "fsync",   "close",     "lseek",  "rename",  "mkdir", "unlink", "stat",
    "fcntl",  "random",  "pipe",      "fork",   "poll",    "wait",  "thread", "memory",
};

static struct {
    bool armed;
    enum failing_call call;
    int number;
    int cause;
    int seen;
    bool failed;
    bool shorten;
    bool interrupt; /* the next transfer */
} plan;

#define REAL(name) (__extension__(__typeof__(&(name))) dlsym(RTLD_NEXT, #name))

void fail_call(enum failing_call call, int number, int cause)
{
    plan.call = call;
    plan.number = number;
    plan.cause = cause;
    plan.seen = 0;
    plan.failed = false;
    plan.armed = true;
}

void cut_transfers_short(void)
{
    plan.shorten = true;
    plan.interrupt = true;
}

bool mend_calls(void)
{
    plan.armed = plan.shorten = false;
    return plan.failed;
}

int lowest_free_descriptor(void)
{
    int lowest = dup(STDERR_FILENO);
    (void)REAL(close)(lowest);
    return lowest;
}

static bool fails(enum failing_call call)
{
    if (!plan.armed || plan.call != call || ++plan.seen != plan.number)
        return false;
    plan.failed = true;
    plan.armed = false;
    errno = plan.cause;
    return true;
}

/* Whether a transfer fails; else how many bytes it may move. */
static bool transfer_fails(enum failing_call call, size_t *bytes)
{
    if (fails(call))
        return true;
    if (!plan.shorten)
        return false;
    plan.interrupt = !plan.interrupt;
    *bytes = *bytes > 0 ? 1 : 0;
    if (!plan.interrupt)
        errno = EINTR;
    return !plan.interrupt;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): begun above */
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return fails(CALL_OPEN) ? -1 : REAL(open)(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): begun above */
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return fails(CALL_OPEN) ? -1 : REAL(openat)(folder, path, flags, mode);
}

DIR *opendir(const char *path)
{
    return fails(CALL_OPENDIR) ? NULL : REAL(opendir)(path);
}

DIR *fdopendir(int descriptor)
{
    return fails(CALL_FDOPENDIR) ? NULL : REAL(fdopendir)(descriptor);
}

FILE *fdopen(int descriptor, const char *mode)
{
    return fails(CALL_FDOPEN) ? NULL : REAL(fdopen)(descriptor, mode);
}

struct dirent *readdir(DIR *folder)
{
    return fails(CALL_READDIR) ? NULL : REAL(readdir)(folder);
}

ssize_t read(int descriptor, void *data, size_t bytes)
{
    return transfer_fails(CALL_READ, &bytes) ? -1 : REAL(read)(descriptor, data, bytes);
}

ssize_t pread(int descriptor, void *data, size_t bytes, off_t offset)
{
    return transfer_fails(CALL_PREAD, &bytes)
               ? -1
               : REAL(pread)(descriptor, data, bytes, offset);
}

ssize_t write(int descriptor, const void *data, size_t bytes)
{
    return transfer_fails(CALL_WRITE, &bytes) ? -1 : REAL(write)(descriptor, data, bytes);
}

ssize_t pwrite(int descriptor, const void *data, size_t bytes, off_t offset)
{
    return transfer_fails(CALL_PWRITE, &bytes)
               ? -1
               : REAL(pwrite)(descriptor, data, bytes, offset);
}

int fsync(int descriptor)
{
    (void)descriptor; /* nothing has to survive a test */
    return fails(CALL_FSYNC) ? -1 : 0;
}

int close(int descriptor)
{
    int result = REAL(close)(descriptor);
    return fails(CALL_CLOSE) ? -1 : result;
}

off_t lseek(int descriptor, off_t offset, int from)
{
    return fails(CALL_LSEEK) ? -1 : REAL(lseek)(descriptor, offset, from);
}

int rename(const char *old, const char *new)
{
    return fails(CALL_RENAME) ? -1 : REAL(rename)(old, new);
}

int renameat(int old_folder, const char *old, int new_folder, const char *new)
{
    return fails(CALL_RENAME) ? -1 : REAL(renameat)(old_folder, old, new_folder, new);
}

int mkdir(const char *path, mode_t mode)
{
    return fails(CALL_MKDIR) ? -1 : REAL(mkdir)(path, mode);
}

int unlink(const char *path)
{
    return fails(CALL_UNLINK) ? -1 : REAL(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags)
{
    return fails(CALL_UNLINK) ? -1 : REAL(unlinkat)(folder, path, flags);
}

int stat(const char *restrict path, struct stat *restrict facts)
{
    return fails(CALL_STAT) ? -1 : REAL(stat)(path, facts);
}

int lstat(const char *restrict path, struct stat *restrict facts)
{
    return fails(CALL_STAT) ? -1 : REAL(lstat)(path, facts);
}

int fstat(int descriptor, struct stat *facts)
{
    return fails(CALL_STAT) ? -1 : REAL(fstat)(descriptor, facts);
}

int fstatat(int folder, const char *restrict path, struct stat *restrict facts, int flags)
{
    return fails(CALL_STAT) ? -1 : REAL(fstatat)(folder, path, facts, flags);
}

int fcntl(int descriptor, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return fails(CALL_FCNTL) ? -1 : REAL(fcntl)(descriptor, command, argument);
}

ssize_t getrandom(void *data, size_t bytes, unsigned flags)
{
    return fails(CALL_RANDOM) ? -1 : REAL(getrandom)(data, bytes, flags);
}

int pipe(int ends[2])
{
    return fails(CALL_PIPE) ? -1 : REAL(pipe)(ends);
}

pid_t fork(void)
{
    return fails(CALL_FORK) ? -1 : REAL(fork)();
}

int poll(struct pollfd *waits, nfds_t count, int timeout_ms)
{
    return fails(CALL_POLL) ? -1 : REAL(poll)(waits, count, timeout_ms);
}

pid_t waitpid(pid_t child, int *state, int options)
{
    return fails(CALL_WAIT) ? -1 : REAL(waitpid)(child, state, options);
}

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
                   void *(*run)(void *), void *restrict context)
{
    return fails(CALL_THREAD) ? EAGAIN
                              : REAL(pthread_create)(thread, attributes, run, context);
}

#ifdef PO_FAILING_MEMORY

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);

void *malloc(size_t bytes)
{
    return fails(CALL_MEMORY) ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return fails(CALL_MEMORY) ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *block, size_t bytes)
{
    return fails(CALL_MEMORY) ? NULL : __libc_realloc(block, bytes);
}

/* Else the C library's own allocation, which does not come here. */
char *strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    return copy != NULL ? memcpy(copy, text, bytes) : NULL;
}

#endif
