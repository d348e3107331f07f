/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a program under test: makes chosen system calls fail, hang or kill.
 *
 * PO_PRELOAD holds rules separated by ';', each "call=write,match=cloud.ply,nth=2,do=..."
 * call: open opendir stat read pread write fsync rename mkdir flock unlink any; match:
 * part of the path; nth: from 1, counted over all processes (without it: every one). do:
 * errno:N, hang, slow:MS, kill (the whole process group), die and stop (this process),
 * block:FIFO (in the kernel, as a file does whose server is gone: it opens that FIFO).
 * PO_PRELOAD_COUNTS names a file of at least 64 zeroed bytes that counts for all.
 * PO_PRELOAD_CLOCK="SECONDS" sets the wall clock of the program off by so much.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RULES_MAX = 8, TEXT_MAX = 256 };

struct rule {
    char call[16];
    char match[TEXT_MAX];
    char deed[TEXT_MAX];
    long nth; /* 0: every one */
};

static struct rule rules[RULES_MAX];
static int rule_count;
static atomic_long *counts;
static atomic_long own_counts[RULES_MAX];

#define REAL(name) (__extension__(__typeof__(&(name))) dlsym(RTLD_NEXT, #name))

static void parse_rule(char *text, struct rule *rule)
{
    char *rest = NULL;
    for (char *pair = strtok_r(text, ",", &rest); pair != NULL;
         pair = strtok_r(NULL, ",", &rest)) {
        if (strncmp(pair, "call=", 5) == 0)
            (void)snprintf(rule->call, sizeof(rule->call), "%s", pair + 5);
        else if (strncmp(pair, "match=", 6) == 0)
            (void)snprintf(rule->match, sizeof(rule->match), "%s", pair + 6);
        else if (strncmp(pair, "do=", 3) == 0)
            (void)snprintf(rule->deed, sizeof(rule->deed), "%s", pair + 3);
        else if (strncmp(pair, "nth=", 4) == 0)
            rule->nth = strtol(pair + 4, NULL, 10);
    }
}

__attribute__((constructor)) static void load_rules(void)
{
    const char *text = getenv("PO_PRELOAD");
    const char *file = getenv("PO_PRELOAD_COUNTS");
    char copy[RULES_MAX * TEXT_MAX];
    counts = own_counts;
    if (text == NULL)
        return;
    (void)snprintf(copy, sizeof(copy), "%s", text);
    char *rest = NULL;
    for (char *one = strtok_r(copy, ";", &rest); one != NULL && rule_count < RULES_MAX;
         one = strtok_r(NULL, ";", &rest))
        parse_rule(one, &rules[rule_count++]);
    int fd = file != NULL ? REAL(open)(file, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *shared =
        mmap(NULL, sizeof(own_counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared != MAP_FAILED)
        counts = shared;
    (void)close(fd);
}

static void nap(long milliseconds)
{
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* What the rule wants: 0 to go on, else the errno to fail with. */
static int obey(const struct rule *rule)
{
    if (strncmp(rule->deed, "errno:", 6) == 0)
        return (int)strtol(rule->deed + 6, NULL, 10);
    if (strncmp(rule->deed, "slow:", 5) == 0)
        nap(strtol(rule->deed + 5, NULL, 10));
    if (strcmp(rule->deed, "kill") == 0)
        (void)kill(0, SIGKILL);
    if (strcmp(rule->deed, "die") == 0)
        (void)kill(getpid(), SIGKILL);
    if (strcmp(rule->deed, "stop") == 0)
        (void)kill(getpid(), SIGSTOP);
    while (strcmp(rule->deed, "hang") == 0)
        nap(1000);
    if (strncmp(rule->deed, "block:", 6) == 0)
        (void)REAL(open)(rule->deed + 6, O_RDONLY);
    return 0;
}

static int judge(const char *call, const char *path)
{
    for (int i = 0; i < rule_count; i++) {
        const struct rule *rule = &rules[i];
        if ((strcmp(rule->call, call) != 0 && strcmp(rule->call, "any") != 0) ||
            strstr(path, rule->match) == NULL)
            continue;
        long number = atomic_fetch_add(&counts[i], 1) + 1;
        if (rule->nth != 0 && rule->nth != number)
            continue;
        int failure = obey(rule);
        if (failure != 0)
            return failure;
    }
    return 0;
}

/* Only files count: pipes and terminals are the test's own. */
static int judge_descriptor(const char *call, int descriptor)
{
    char link[64];
    char path[4096];
    if (rule_count == 0)
        return 0;
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof(path) - 1);
    if (length <= 0 || path[0] != '/')
        return 0;
    path[length] = '\0';
    return judge(call, path);
}

#define FAIL_IF(judgement)                                                               \
    do {                                                                                 \
        int failure = (judgement);                                                       \
        if (failure != 0) {                                                              \
            errno = failure;                                                             \
            return -1;                                                                   \
        }                                                                                \
    } while (0)

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
    FAIL_IF(judge("open", path));
    return REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    FAIL_IF(judge("open", path));
    return REAL(open64)(path, flags, mode);
}

DIR *opendir(const char *path)
{
    int failure = judge("opendir", path);
    if (failure != 0) {
        errno = failure;
        return NULL;
    }
    return REAL(opendir)(path);
}

int stat(const char *restrict path, struct stat *restrict facts)
{
    FAIL_IF(judge("stat", path));
    return REAL(stat)(path, facts);
}

ssize_t read(int descriptor, void *data, size_t bytes)
{
    FAIL_IF(judge_descriptor("read", descriptor));
    return REAL(read)(descriptor, data, bytes);
}

ssize_t pread(int descriptor, void *data, size_t bytes, off_t offset)
{
    FAIL_IF(judge_descriptor("pread", descriptor));
    return REAL(pread)(descriptor, data, bytes, offset);
}

ssize_t write(int descriptor, const void *data, size_t bytes)
{
    FAIL_IF(judge_descriptor("write", descriptor));
    return REAL(write)(descriptor, data, bytes);
}

int fsync(int descriptor)
{
    FAIL_IF(judge_descriptor("fsync", descriptor));
    return REAL(fsync)(descriptor);
}

int rename(const char *from, const char *to)
{
    FAIL_IF(judge("rename", to));
    return REAL(rename)(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    FAIL_IF(judge("mkdir", path));
    return REAL(mkdir)(path, mode);
}

int unlinkat(int directory, const char *path, int flags)
{
    FAIL_IF(judge("unlink", path));
    return REAL(unlinkat)(directory, path, flags);
}

int flock(int descriptor, int operation)
{
    FAIL_IF(judge_descriptor("flock", descriptor));
    return REAL(flock)(descriptor, operation);
}

static time_t clock_offset_s(void)
{
    const char *text = getenv("PO_PRELOAD_CLOCK");
    return text != NULL ? (time_t)strtol(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = REAL(clock_gettime)(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += clock_offset_s();
    return result;
}

time_t time(time_t *now)
{
    time_t seconds = REAL(time)(NULL) + clock_offset_s();
    if (now != NULL)
        *now = seconds;
    return seconds;
}
