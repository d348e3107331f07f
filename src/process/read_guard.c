/* SPDX-License-Identifier: Apache-2.0 */
#include "process/read_guard.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/leave.h"
#include "base/log.h"
#include "base/path.h"
#include "process_offline/summary.h"

enum {
    LOOK_MS = 250,
    STACK_BYTES = 128 << 10,
    CALL_BYTES = 256,
    STATUS_BYTES = 4096,
    NAME_BYTES = 2048,
    ARGUMENTS = 3
};

/* Calls that read: which argument is the descriptor, which the path (-1: none). */
struct reading_call {
    long number;
    int descriptor;
    int path;
};

static const struct reading_call reading_calls[] = {
    {SYS_read, 0, -1},       {SYS_pread64, 0, -1},   {SYS_readv, 0, -1},
    {SYS_getdents64, 0, -1}, {SYS_fstat, 0, -1},     {SYS_openat, 0, 1},
    {SYS_newfstatat, 0, 1},  {SYS_statx, 0, 1},      {SYS_readlinkat, 0, 1},
    {SYS_faccessat, 0, 1},   {SYS_faccessat2, 0, 1}, {SYS_statfs, -1, 0},
#ifdef SYS_open
    {SYS_open, -1, 0},       {SYS_stat, -1, 0},      {SYS_lstat, -1, 0},
    {SYS_access, -1, 0},     {SYS_readlink, -1, 0},
#endif
};

static const struct reading_call *find_call(long number)
{
    for (size_t i = 0; i < sizeof(reading_calls) / sizeof(reading_calls[0]); i++)
        if (reading_calls[i].number == number)
            return &reading_calls[i];
    return NULL;
}

/* "" where it is none of the file system's: a pipe, a terminal, the working directory. */
static void name_descriptor(int descriptor, char *name, size_t name_bytes)
{
    char link[64];
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
    ssize_t length =
        descriptor > STDERR_FILENO ? readlink(link, name, name_bytes - 1) : 0;
    name[length > 0 ? length : 0] = '\0';
    if (name[0] != '/' || strncmp(name, "/dev/", 5) == 0)
        name[0] = '\0';
}

bool read_guard_is_reading(const char *line)
{
    char *rest = NULL;
    long number = strtol(line, &rest, 10);
    return rest != line && find_call(number) != NULL; /* else "running", or a wait */
}

void read_guard_name(const char *line, char *name, size_t name_bytes)
{
    char *rest = NULL;
    unsigned long arguments[ARGUMENTS];
    const struct reading_call *call = find_call(strtol(line, &rest, 10));
    name[0] = '\0';
    for (int i = 0; i < ARGUMENTS; i++)
        arguments[i] = strtoul(rest, &rest, 0);
    if (call == NULL)
        return;
    const char *path = "";
    if (call->path >= 0) /* NOLINTNEXTLINE(performance-no-int-to-ptr): as it is told */
        path = (const char *)(uintptr_t)arguments[call->path];
    if (call->descriptor >= 0 && path[0] != '/')
        name_descriptor((int)arguments[call->descriptor], name, name_bytes);
    size_t used = strlen(name);
    (void)snprintf(name + used, name_bytes - used, "%s%s",
                   used > 0 && path[0] != '\0' ? "/" : "", path);
}

static bool look(int descriptor, char *text, size_t bytes)
{
    ssize_t got = pread(descriptor, text, bytes - 1, 0);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}

/* How often the thread was given a processor, both ways of losing it; -1: not known. */
static long long switches(int descriptor)
{
    static const char *const keys[] = {"\nvoluntary_ctxt_switches:",
                                       "\nnonvoluntary_ctxt_switches:"};
    char text[STATUS_BYTES];
    long long sum = 0;
    if (!look(descriptor, text, sizeof(text)))
        return -1;
    for (int i = 0; i < 2; i++) {
        const char *found = strstr(text, keys[i]);
        if (found == NULL)
            return -1;
        sum += strtoll(found + strlen(keys[i]), NULL, 10);
    }
    return sum;
}

static bool is_calibration(const struct read_guard *guard, const char *name)
{
    const char *calibration = atomic_load(&guard->calibration);
    return calibration != NULL && strcmp(path_name(calibration), path_name(name)) == 0;
}

/* Nothing, where it is a pipe or a terminal: whoever is at its end may take his time. */
static void end(const struct read_guard *guard, const char *line)
{
    char name[NAME_BYTES];
    read_guard_name(line, name, sizeof(name));
    if (name[0] == '\0')
        return;
    log_error("%s: its file system gave no answer within %.0f s; nothing can be read "
              "there: see whether its server is reachable, and run again (what is "
              "finished is kept)",
              name, atomic_load(&guard->limit_ms) / 1e3);
    process_leave(is_calibration(guard, name) ? PO_EXIT_CALIBRATION
                                              : atomic_load(&guard->exit_status));
}

/* Counts looks, not time: a program that is stopped, or a machine that sleeps, ends no
 * call by it. */
static void watch(void *context)
{
    const struct read_guard *guard = context;
    const struct timespec pause = {0, LOOK_MS * 1000000L};
    char line[2][CALL_BYTES] = {"", ""};
    long long seen = -1;
    int same = 0;
    for (int turn = 0;; turn = !turn) {
        (void)nanosleep(&pause, NULL);
        bool reads = look(guard->call_descriptor, line[turn], CALL_BYTES) &&
                     read_guard_is_reading(line[turn]);
        long long now = reads ? switches(guard->status_descriptor) : -1;
        same = now >= 0 && now == seen && strcmp(line[0], line[1]) == 0 ? same + 1 : 0;
        seen = now;
        if (same > atomic_load(&guard->limit_ms) / LOOK_MS)
            end(guard, line[turn]);
    }
}

static int open_own(const char *file)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/self/task/%ld/%s", syscall(SYS_gettid),
                   file);
    return open(path, O_RDONLY | O_CLOEXEC);
}

void read_guard_set(struct read_guard *guard, double limit_s, int exit_status,
                    const char *calibration)
{
    const double most_s = 1e6;
    double held = limit_s < READ_GUARD_LEAST_S ? READ_GUARD_LEAST_S : limit_s;
    atomic_store(&guard->limit_ms, (int)(1e3 * (held < most_s ? held : most_s)));
    atomic_store(&guard->exit_status, exit_status);
    atomic_store(&guard->calibration, calibration);
}

void read_guard_start(struct read_guard *guard, double limit_s, int exit_status)
{
    read_guard_set(guard, limit_s, exit_status, NULL);
    guard->thread = (struct lasting_thread){.run = watch, .context = guard};
    guard->call_descriptor = open_own("syscall");
    guard->status_descriptor = open_own("status");
    bool started = guard->call_descriptor >= 0 && guard->status_descriptor >= 0 &&
                   thread_leave_running(&guard->thread, STACK_BYTES, NULL) == PO_OK;
    if (started)
        return;
    log_debug("reads of the supervisor are not guarded: no thread, or no /proc");
    (void)close(guard->call_descriptor);
    (void)close(guard->status_descriptor);
}
