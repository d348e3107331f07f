/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of failing_calls.h that are about names, processes and fences. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/failing_calls.h"

#define REAL(name) (__extension__(__typeof__(&(name))) dlsym(RTLD_NEXT, #name))

int rename(const char *old, const char *new)
{
    return call_fails(CALL_RENAME) ? -1 : REAL(rename)(old, new);
}

int renameat(int old_folder, const char *old, int new_folder, const char *new)
{
    return call_fails(CALL_RENAME) ? -1
                                   : REAL(renameat)(old_folder, old, new_folder, new);
}

int mkdir(const char *path, mode_t mode)
{
    return call_fails(CALL_MKDIR) ? -1 : REAL(mkdir)(path, mode);
}

int unlink(const char *path)
{
    return call_fails(CALL_UNLINK) ? -1 : REAL(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags)
{
    return call_fails(CALL_UNLINK) ? -1 : REAL(unlinkat)(folder, path, flags);
}

int stat(const char *restrict path, struct stat *restrict facts)
{
    return call_fails(CALL_STAT) ? -1 : REAL(stat)(path, facts);
}

int lstat(const char *restrict path, struct stat *restrict facts)
{
    return call_fails(CALL_STAT) ? -1 : REAL(lstat)(path, facts);
}

int fstat(int descriptor, struct stat *facts)
{
    return call_fails(CALL_STAT) ? -1 : REAL(fstat)(descriptor, facts);
}

int fstatat(int folder, const char *restrict path, struct stat *restrict facts, int flags)
{
    return call_fails(CALL_STAT) ? -1 : REAL(fstatat)(folder, path, facts, flags);
}

int fcntl(int descriptor, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return call_fails(CALL_FCNTL) ? -1 : REAL(fcntl)(descriptor, command, argument);
}

ssize_t getrandom(void *data, size_t bytes, unsigned flags)
{
    return call_fails(CALL_RANDOM) ? -1 : REAL(getrandom)(data, bytes, flags);
}

int pipe2(int ends[2], int flags)
{
    return call_fails(CALL_PIPE) ? -1 : REAL(pipe2)(ends, flags);
}

int pipe(int ends[2])
{
    return call_fails(CALL_PIPE) ? -1 : REAL(pipe)(ends);
}

pid_t fork(void)
{
    if (call_fails(CALL_FORK))
        return -1;
    pid_t child = REAL(fork)();
    if (child == 0)
        forget_failures();
    return child;
}

int poll(struct pollfd *waits, nfds_t count, int timeout_ms)
{
    return call_fails(CALL_POLL) ? -1 : REAL(poll)(waits, count, timeout_ms);
}

pid_t waitpid(pid_t child, int *state, int options)
{
    return call_fails(CALL_WAIT) ? -1 : REAL(waitpid)(child, state, options);
}

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
                   void *(*run)(void *), void *restrict context)
{
    return call_fails(CALL_THREAD)
               ? EAGAIN
               : REAL(pthread_create)(thread, attributes, run, context);
}

int ftruncate(int descriptor, off_t bytes)
{
    return call_fails(CALL_TRUNCATE) ? -1 : REAL(ftruncate)(descriptor, bytes);
}

int futimens(int descriptor, const struct timespec times[2])
{
    return call_fails(CALL_TOUCH) ? -1 : REAL(futimens)(descriptor, times);
}

int flock(int descriptor, int operation)
{
    return call_fails(CALL_LOCK) ? -1 : REAL(flock)(descriptor, operation);
}

int access(const char *path, int mode)
{
    return call_fails(CALL_ACCESS) ? -1 : REAL(access)(path, mode);
}

int link(const char *old, const char *new)
{
    return call_fails(CALL_LINK) ? -1 : REAL(link)(old, new);
}

ssize_t readlink(const char *restrict path, char *restrict text, size_t bytes)
{
    return call_fails(CALL_READLINK) ? -1 : REAL(readlink)(path, text, bytes);
}

char *realpath(const char *restrict path, char *restrict real)
{
    return call_fails(CALL_REALPATH) ? NULL : REAL(realpath)(path, real);
}

int rmdir(const char *path)
{
    return call_fails(CALL_RMDIR) ? -1 : REAL(rmdir)(path);
}

int statvfs(const char *restrict path, struct statvfs *restrict facts)
{
    return call_fails(CALL_STATVFS) ? -1 : REAL(statvfs)(path, facts);
}

int gethostname(char *name, size_t bytes)
{
    return call_fails(CALL_HOST) ? -1 : REAL(gethostname)(name, bytes);
}

pid_t wait4(pid_t child, int *state, int options, struct rusage *usage)
{
    return call_fails(CALL_WAIT) ? -1 : REAL(wait4)(child, state, options, usage);
}

void *mmap(void *at, size_t bytes, int protection, int flags, int descriptor,
           off_t offset)
{
    return call_fails(CALL_MAP)
               ? MAP_FAILED
               : REAL(mmap)(at, bytes, protection, flags, descriptor, offset);
}

int sigaction(int number, const struct sigaction *restrict action,
              struct sigaction *restrict before)
{
    return call_fails(CALL_SIGNALS) ? -1 : REAL(sigaction)(number, action, before);
}

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict before)
{
    return call_fails(CALL_SIGNALS) ? -1 : REAL(sigprocmask)(how, set, before);
}

int signalfd(int descriptor, const sigset_t *set, int flags)
{
    return call_fails(CALL_SIGNALS) ? -1 : REAL(signalfd)(descriptor, set, flags);
}

int prctl(int operation, ...)
{
    va_list arguments;
    unsigned long values[4];
    va_start(arguments, operation);
    for (int i = 0; i < 4; i++)
        values[i] = va_arg(arguments, unsigned long);
    va_end(arguments);
    return call_fails(CALL_FENCE)
               ? -1
               : REAL(prctl)(operation, values[0], values[1], values[2], values[3]);
}

/* Callers pass as many values as the call takes; the others are whatever lies there. */
__attribute__((no_sanitize("address"))) long syscall(long number, ...)
{
    va_list arguments;
    long values[6];
    va_start(arguments, number);
    for (int i = 0; i < 6; i++)
        values[i] = va_arg(arguments, long);
    va_end(arguments);
    return call_fails(CALL_FENCE) ? -1
                                  : REAL(syscall)(number, values[0], values[1], values[2],
                                                  values[3], values[4], values[5]);
}
