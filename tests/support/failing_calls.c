/* SPDX-License-Identifier: Apache-2.0 */
#include "support/failing_calls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

const char *const failing_call_names[FAILING_CALLS] = {
    "open",     "opendir",  "fdopendir", "fdopen",  "readdir", "read",     "pread",
    "write",    "pwrite",   "fsync",     "close",   "lseek",   "truncate", "touch",
    "lock",     "rename",   "mkdir",     "unlink",  "stat",    "access",   "link",
    "readlink", "realpath", "rmdir",     "statvfs", "fcntl",   "random",   "host",
    "pipe",     "fork",     "poll",      "wait",    "thread",  "map",      "signals",
    "fence",    "memory",
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

enum { STACK_DEPTH = 48, WAYS = 1 << 14 };

/* What note_calls fills; a table of the hashes of ways. */
static struct {
    struct noted_call *calls; /* NULL: nothing is noted */
    int capacity;
    int count;
    int seen[FAILING_CALLS];
    bool walking; /* a walk calls what is noted */
    uint64_t ways[WAYS];
} notes;

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

void note_calls(struct noted_call *calls, int capacity)
{
    void *frames[2];
    (void)backtrace(frames, 2); /* the first walk loads a library */
    memset(&notes, 0, sizeof(notes));
    notes.capacity = capacity;
    notes.calls = calls;
}

int noted_call_count(void)
{
    return notes.count;
}

bool mend_calls(void)
{
    plan.armed = plan.shorten = false;
    notes.calls = NULL;
    return plan.failed;
}

void forget_failures(void)
{
    (void)mend_calls();
}

int lowest_free_descriptor(void)
{
    int lowest = dup(STDERR_FILENO);
    (void)REAL(close)(lowest);
    return lowest;
}

/* Recursion counts once. */
static uint64_t hash_way(enum failing_call call)
{
    void *frames[STACK_DEPTH];
    uint64_t hash = 14695981039346656037u + (uint64_t)call;
    notes.walking = true;
    int depth = backtrace(frames, STACK_DEPTH);
    notes.walking = false;
    for (int i = 2; i < depth; i++)
        if (frames[i] != frames[i - 1])
            hash = (hash ^ (uint64_t)(uintptr_t)frames[i]) * 1099511628211u;
    return hash != 0 ? hash : 1;
}

/* Whether a way was not come by before. */
static bool is_new(uint64_t way)
{
    for (int i = 0; i < WAYS; i++) {
        uint64_t *place = &notes.ways[(way + (uint64_t)i) % WAYS];
        if (*place == way)
            return false;
        if (*place == 0) {
            *place = way;
            return true;
        }
    }
    return false;
}

static void note(enum failing_call call)
{
    if (notes.calls == NULL || notes.walking)
        return;
    int saved = errno;
    int number = ++notes.seen[call];
    if (notes.count < notes.capacity && is_new(hash_way(call)))
        notes.calls[notes.count++] = (struct noted_call){call, number};
    errno = saved;
}

bool call_fails(enum failing_call call)
{
    note(call);
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
    if (call_fails(call))
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
    return call_fails(CALL_OPEN) ? -1 : REAL(open)(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): begun above */
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return call_fails(CALL_OPEN) ? -1 : REAL(openat)(folder, path, flags, mode);
}

DIR *opendir(const char *path)
{
    return call_fails(CALL_OPENDIR) ? NULL : REAL(opendir)(path);
}

DIR *fdopendir(int descriptor)
{
    return call_fails(CALL_FDOPENDIR) ? NULL : REAL(fdopendir)(descriptor);
}

FILE *fdopen(int descriptor, const char *mode)
{
    return call_fails(CALL_FDOPEN) ? NULL : REAL(fdopen)(descriptor, mode);
}

FILE *fopen(const char *restrict path, const char *restrict mode)
{
    return call_fails(CALL_FDOPEN) ? NULL : REAL(fopen)(path, mode);
}

struct dirent *readdir(DIR *folder)
{
    return call_fails(CALL_READDIR) ? NULL : REAL(readdir)(folder);
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
    return call_fails(CALL_FSYNC) ? -1 : 0;
}

int close(int descriptor)
{
    int result = REAL(close)(descriptor);
    return call_fails(CALL_CLOSE) ? -1 : result;
}

off_t lseek(int descriptor, off_t offset, int from)
{
    return call_fails(CALL_LSEEK) ? -1 : REAL(lseek)(descriptor, offset, from);
}

#ifdef PO_FAILING_MEMORY

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);
extern void __libc_free(void *block);

static long live;

static void *counted(void *block)
{
    live += block != NULL;
    return block;
}

void *malloc(size_t bytes)
{
    return call_fails(CALL_MEMORY) ? NULL : counted(__libc_malloc(bytes));
}

void *calloc(size_t count, size_t bytes)
{
    return call_fails(CALL_MEMORY) ? NULL : counted(__libc_calloc(count, bytes));
}

void *realloc(void *block, size_t bytes)
{
    if (call_fails(CALL_MEMORY))
        return NULL;
    live -= block != NULL;
    return counted(__libc_realloc(block, bytes));
}

int posix_memalign(void **block, size_t alignment, size_t bytes)
{
    if (call_fails(CALL_MEMORY))
        return ENOMEM;
    *block = counted(__libc_memalign(alignment, bytes));
    return *block != NULL ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return call_fails(CALL_MEMORY) ? NULL : counted(__libc_memalign(alignment, bytes));
}

void free(void *block)
{
    live -= block != NULL;
    __libc_free(block);
}

/* Else the C library's own allocation, which does not come here. */
char *strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    return copy != NULL ? memcpy(copy, text, bytes) : NULL;
}

long live_allocations(void)
{
    return live;
}

#else

long live_allocations(void)
{
    return 0;
}

#endif
