/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a program under test: counts its calls of the system and makes the Nth
 * of one kind fail, once or from then on.
 *
 * PO_TORTURE="CALL,ROLE,N,MODE": CALL is a name of the table below, ROLE supervisor or
 * child, N from 1, MODE once, on (all from the Nth), eintr (every other call first fails
 * with EINTR) or short (reads and writes take a few bytes at a time). PO_TORTURE_COUNTS
 * names a file of zeroes that keeps the counts of all processes (struct counts). Counting
 * begins when main does: with its open of /dev/null for reading and writing.
 *
 * PO_TORTURE_STACKS names a file of zeroes that gets a row for each counted call: which
 * it was and through which calls it was come to (struct stacks).
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum call {
    CALL_MALLOC,
    CALL_CALLOC,
    CALL_REALLOC,
    CALL_STRDUP,
    CALL_OPEN,
    CALL_OPENDIR,
    CALL_READDIR,
    CALL_READ,
    CALL_WRITE,
    CALL_FSYNC,
    CALL_RENAME,
    CALL_MKDIR,
    CALL_FORK,
    CALL_MMAP,
    CALL_PTHREAD_CREATE,
    CALL_STAT,
    CALL_POLL,
    CALL_WAIT,
    CALLS
};

/* The order and the errno of a failure; tests/fault/test_fault_torture.py has the names.
 */
static const struct {
    const char *name;
    int failure;
} calls[CALLS] = {
    {"malloc", ENOMEM}, {"calloc", ENOMEM}, {"realloc", ENOMEM},
    {"strdup", ENOMEM}, {"open", EMFILE},   {"opendir", EIO},
    {"readdir", EIO},   {"read", EIO},      {"write", ENOSPC},
    {"fsync", EIO},     {"rename", EIO},    {"mkdir", ENOSPC},
    {"fork", EAGAIN},   {"mmap", ENOMEM},   {"pthread_create", EAGAIN},
    {"stat", EIO},      {"poll", EINTR},    {"wait", EINTR},
};

enum mode { MODE_NONE, MODE_ONCE, MODE_ON, MODE_EINTR, MODE_SHORT };

struct counts {
    atomic_long called[2][CALLS]; /* by supervisor, by children */
    atomic_long injected;
    atomic_ullong stack; /* of the first failure */
};

/* A walk takes longer than a call: where there are many, some are noted. */
enum { STACK_DEPTH = 40, STACK_ROWS = 1 << 17, ALL_NOTED = 1 << 13, NOTED_EVERY = 61 };

struct stacks {
    atomic_long used;
    struct stack_row {
        int32_t call;
        int32_t role;
        int64_t number;
        uint64_t stack;
    } rows[STACK_ROWS];
};

static struct {
    enum call call;
    int role;
    long number;
    enum mode mode;
} order;

static struct counts own_counts;
static struct counts *counts = &own_counts;
static struct stacks *stacks; /* NULL: not asked for */
static __thread bool walking; /* what is called now does not count: a walk calls it */
static bool armed;
static int role; /* 1: a child */

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);

#define REAL(name) (__extension__(__typeof__(&(name))) dlsym(RTLD_NEXT, #name))

static void parse_order(char *text)
{
    static const char *const modes[] = {"none", "once", "on", "eintr", "short"};
    char *rest = NULL;
    const char *call = strtok_r(text, ",", &rest);
    const char *who = strtok_r(NULL, ",", &rest);
    const char *number = strtok_r(NULL, ",", &rest);
    const char *mode = strtok_r(NULL, ",", &rest);
    if (mode == NULL)
        return;
    order.role = strcmp(who, "child") == 0;
    order.number = strtol(number, NULL, 10);
    for (int i = 0; i < CALLS; i++)
        if (strcmp(calls[i].name, call) == 0)
            order.call = (enum call)i;
    for (int i = 0; i < 5; i++)
        if (strcmp(modes[i], mode) == 0)
            order.mode = (enum mode)i;
}

/* Maps a file of zeroes that all processes share. */
static void *share(const char *file, size_t bytes, void *otherwise)
{
    int fd = file != NULL ? REAL(open)(file, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return otherwise;
    void *shared = REAL(mmap)(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    return shared != MAP_FAILED ? shared : otherwise;
}

__attribute__((constructor)) static void load_order(void)
{
    char copy[128];
    const char *text = getenv("PO_TORTURE");
    const char *file = getenv("PO_TORTURE_COUNTS");
    if (text != NULL) {
        (void)snprintf(copy, sizeof(copy), "%s", text);
        parse_order(copy);
    }
    counts = share(file, sizeof(*counts), counts);
    stacks = share(getenv("PO_TORTURE_STACKS"), sizeof(*stacks), NULL);
    /* The first walk loads a library. */
    void *frames[2];
    (void)backtrace(frames, 2);
}

/* The same in every run: where a return address lies in its file, and recursion once. */
static uint64_t hash_stack(void)
{
    void *frames[STACK_DEPTH];
    Dl_info file;
    uint64_t hash = 14695981039346656037u;
    uint64_t last = 0;
    walking = true;
    int depth = backtrace(frames, STACK_DEPTH);
    for (int i = 2; i < depth; i++) {
        uint64_t place = (uint64_t)(uintptr_t)frames[i];
        if (dladdr(frames[i], &file) != 0)
            place -= (uint64_t)(uintptr_t)file.dli_fbase;
        if (place == last)
            continue;
        last = place;
        hash = (hash ^ place) * 1099511628211u;
    }
    walking = false;
    return hash;
}

static void note_stack(enum call call, long number)
{
    if (stacks == NULL || (number > ALL_NOTED && number % NOTED_EVERY != 0))
        return;
    long row = atomic_fetch_add(&stacks->used, 1);
    if (row < STACK_ROWS)
        stacks->rows[row] = (struct stack_row){(int32_t)call, role, number, hash_stack()};
}

/* Nothing fails, nothing counts on this thread meanwhile: gcov writes what it counted. */
void torture_rest(bool rests);
void torture_rest(bool rests)
{
    walking = rests;
}

/* Whether this call is to fail; errno is set then. */
static bool fails(enum call call)
{
    if (!armed || walking)
        return false;
    long number = atomic_fetch_add(&counts->called[role][call], 1) + 1;
    note_stack(call, number);
    if (order.mode == MODE_NONE || order.call != call || order.role != role)
        return false;
    bool hit = order.mode == MODE_ONCE    ? number == order.number
               : order.mode == MODE_ON    ? number >= order.number
               : order.mode == MODE_EINTR ? number % 2 == 1
                                          : false;
    if (!hit)
        return false;
    if (atomic_fetch_add(&counts->injected, 1) == 0)
        atomic_store(&counts->stack, hash_stack());
    errno = order.mode == MODE_EINTR ? EINTR : calls[call].failure;
    return true;
}

/* A pipe of ours gives and takes whole events: POSIX promises it up to PIPE_BUF. */
static size_t shortened(enum call call, int descriptor, size_t bytes)
{
    struct stat facts;
    if (!armed || order.mode != MODE_SHORT || order.call != call || order.role != role ||
        bytes < 2)
        return bytes;
    if (REAL(fstat)(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode))
        return bytes;
    (void)atomic_fetch_add(&counts->injected, 1);
    size_t some = 1 + bytes * 2 / 3;
    return some < bytes ? some : bytes;
}

void *malloc(size_t bytes)
{
    return fails(CALL_MALLOC) ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return fails(CALL_CALLOC) ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *block, size_t bytes)
{
    return fails(CALL_REALLOC) ? NULL : __libc_realloc(block, bytes);
}

int posix_memalign(void **block, size_t alignment, size_t bytes)
{
    return fails(CALL_MALLOC) ? ENOMEM : REAL(posix_memalign)(block, alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return fails(CALL_MALLOC) ? NULL : REAL(aligned_alloc)(alignment, bytes);
}

char *strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = fails(CALL_STRDUP) ? NULL : __libc_malloc(bytes);
    return copy != NULL ? memcpy(copy, text, bytes) : NULL;
}

static mode_t mode_of(int flags, va_list arguments)
{
    return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    if (!armed && strcmp(path, "/dev/null") == 0 && (flags & O_ACCMODE) == O_RDWR)
        armed = true;
    else if (fails(CALL_OPEN))
        return -1;
    return REAL(open)(path, flags, mode);
}

FILE *fopen(const char *path, const char *mode)
{
    return fails(CALL_OPEN) ? NULL : REAL(fopen)(path, mode);
}

DIR *opendir(const char *path)
{
    return fails(CALL_OPENDIR) ? NULL : REAL(opendir)(path);
}

DIR *fdopendir(int descriptor)
{
    return fails(CALL_OPENDIR) ? NULL : REAL(fdopendir)(descriptor);
}

struct dirent *readdir(DIR *directory)
{
    return fails(CALL_READDIR) ? NULL : REAL(readdir)(directory);
}

ssize_t read(int descriptor, void *data, size_t bytes)
{
    if (fails(CALL_READ))
        return -1;
    return REAL(read)(descriptor, data, shortened(CALL_READ, descriptor, bytes));
}

ssize_t pread(int descriptor, void *data, size_t bytes, off_t offset)
{
    if (fails(CALL_READ))
        return -1;
    return REAL(pread)(descriptor, data, shortened(CALL_READ, descriptor, bytes), offset);
}

ssize_t write(int descriptor, const void *data, size_t bytes)
{
    if (fails(CALL_WRITE))
        return -1;
    return REAL(write)(descriptor, data, shortened(CALL_WRITE, descriptor, bytes));
}

ssize_t pwrite(int descriptor, const void *data, size_t bytes, off_t offset)
{
    if (fails(CALL_WRITE))
        return -1;
    return REAL(pwrite)(descriptor, data, shortened(CALL_WRITE, descriptor, bytes),
                        offset);
}

int fsync(int descriptor)
{
    return fails(CALL_FSYNC) ? -1 : REAL(fsync)(descriptor);
}

int rename(const char *from, const char *to)
{
    return fails(CALL_RENAME) ? -1 : REAL(rename)(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    return fails(CALL_MKDIR) ? -1 : REAL(mkdir)(path, mode);
}

pid_t fork(void)
{
    if (fails(CALL_FORK))
        return -1;
    pid_t pid = REAL(fork)();
    if (pid == 0)
        role = 1;
    return pid;
}

void *mmap(void *address, size_t bytes, int protection, int flags, int descriptor,
           off_t offset)
{
    if (fails(CALL_MMAP))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, address, bytes, protection, flags, descriptor,
                           offset);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*function)(void *), void *argument)
{
    if (fails(CALL_PTHREAD_CREATE))
        return EAGAIN;
    return REAL(pthread_create)(thread, attributes, function, argument);
}

int stat(const char *path, struct stat *facts)
{
    return fails(CALL_STAT) ? -1 : REAL(stat)(path, facts);
}

int lstat(const char *path, struct stat *facts)
{
    return fails(CALL_STAT) ? -1 : REAL(lstat)(path, facts);
}

int fstat(int descriptor, struct stat *facts)
{
    return fails(CALL_STAT) ? -1 : REAL(fstat)(descriptor, facts);
}

int poll(struct pollfd *descriptors, nfds_t count, int timeout_ms)
{
    return fails(CALL_POLL) ? -1 : REAL(poll)(descriptors, count, timeout_ms);
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
    return fails(CALL_WAIT) ? -1 : REAL(wait4)(pid, status, options, usage);
}
