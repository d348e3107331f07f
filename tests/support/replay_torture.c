/* SPDX-License-Identifier: Apache-2.0 */
#include "support/replay_torture.h"

#ifdef PO_REPLAY_TORTURE

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { KIND_MEMORY, KIND_OPEN, KIND_READ, KIND_STAT, KIND_LIST, KINDS };

enum { MOST_CALLS = 400, LEAK_TRIES = 3, MOST_BYTES = 1 << 16 };

static const int failures[KINDS] = {ENOMEM, EMFILE, EIO, EIO, EIO};
static const char *const names[KINDS] = {"allocation", "open", "read", "stat", "list"};

static struct {
    bool armed;
    bool failed;
    enum kind kind;
    long number; /* of the call that fails */
    long seen;
} torture;

static long live; /* allocations that are not freed */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);
extern void __libc_free(void *block);

/* For calls from shared libraries too, or for ours alone. */
#ifdef PO_TORTURE_LIBRARIES
#pragma GCC visibility push(default)
#else
#pragma GCC visibility push(hidden)
#endif

#define REAL(name) (__extension__(__typeof__(&(name))) dlsym(RTLD_NEXT, #name))

void torture_begin(void)
{
    torture.armed = torture.number > 0;
}

void torture_end(void)
{
    torture.armed = false;
}

bool torture_has_failed(void)
{
    return torture.failed;
}

const char *torture_failure(void)
{
    static char text[64];
    (void)snprintf(text, sizeof(text), "%s %ld", names[torture.kind], torture.number);
    return text;
}

static bool fails(enum kind kind)
{
    if (!torture.armed || torture.kind != kind || ++torture.seen != torture.number)
        return false;
    torture.failed = true;
    errno = failures[kind];
    return true;
}

static void *counted(void *block)
{
    live += block != NULL;
    return block;
}

void *malloc(size_t bytes)
{
    return fails(KIND_MEMORY) ? NULL : counted(__libc_malloc(bytes));
}

void *calloc(size_t count, size_t bytes)
{
    return fails(KIND_MEMORY) ? NULL : counted(__libc_calloc(count, bytes));
}

void *realloc(void *block, size_t bytes)
{
    if (fails(KIND_MEMORY))
        return NULL;
    live -= block != NULL;
    return counted(__libc_realloc(block, bytes));
}

int posix_memalign(void **block, size_t alignment, size_t bytes)
{
    if (fails(KIND_MEMORY))
        return ENOMEM;
    *block = counted(__libc_memalign(alignment, bytes));
    return *block != NULL ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return fails(KIND_MEMORY) ? NULL : counted(__libc_memalign(alignment, bytes));
}

void free(void *block)
{
    live -= block != NULL;
    __libc_free(block);
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return fails(KIND_OPEN) ? -1 : REAL(open)(path, flags, mode);
}

ssize_t read(int descriptor, void *data, size_t bytes)
{
    return fails(KIND_READ) ? -1 : REAL(read)(descriptor, data, bytes);
}

ssize_t pread(int descriptor, void *data, size_t bytes, off_t offset)
{
    return fails(KIND_READ) ? -1 : REAL(pread)(descriptor, data, bytes, offset);
}

int stat(const char *restrict path, struct stat *restrict facts)
{
    return fails(KIND_STAT) ? -1 : REAL(stat)(path, facts);
}

int lstat(const char *restrict path, struct stat *restrict facts)
{
    return fails(KIND_STAT) ? -1 : REAL(lstat)(path, facts);
}

int fstat(int descriptor, struct stat *facts)
{
    return fails(KIND_STAT) ? -1 : REAL(fstat)(descriptor, facts);
}

DIR *opendir(const char *path)
{
    return fails(KIND_LIST) ? NULL : REAL(opendir)(path);
}

struct dirent *readdir(DIR *folder)
{
    return fails(KIND_LIST) ? NULL : REAL(readdir)(folder);
}

/* A descriptor that stays open takes the place of the next one. */
static int lowest_free_descriptor(void)
{
    int lowest = dup(STDERR_FILENO);
    (void)close(lowest);
    return lowest;
}

#pragma GCC visibility pop

/* Whether the call was reached; *kept: allocations and descriptors that are still there.
 */
static bool fail_once(const uint8_t *data, size_t size, long *kept)
{
    torture.failed = false;
    torture.seen = 0;
    long before = live + lowest_free_descriptor();
    (void)LLVMFuzzerTestOneInput(data, size);
    torture_end();
    *kept = live + lowest_free_descriptor() - before;
    return torture.failed;
}

/* A library may keep something at its first use; a leak comes again. */
static void check_leak(const uint8_t *data, size_t size, long kept)
{
    for (int i = 0; i < LEAK_TRIES && kept > 0; i++)
        (void)fail_once(data, size, &kept);
    if (kept <= 0)
        return;
    (void)fprintf(stderr, "%ld allocations or descriptors leak when %s fails\n", kept,
                  torture_failure());
    abort();
}

long torture_input(const uint8_t *data, size_t size)
{
    long count = 0;
    long kept = 0;
    if (size > MOST_BYTES)
        return 0;
    for (torture.kind = 0; torture.kind < KINDS; torture.kind++) {
        for (torture.number = 1; torture.number <= MOST_CALLS; torture.number++) {
            if (!fail_once(data, size, &kept))
                break;
            count++;
            check_leak(data, size, kept);
        }
    }
    torture.number = 0;
    return count;
}

#endif
