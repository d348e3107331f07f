/* SPDX-License-Identifier: Apache-2.0 */
#include "process/child_guard.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/leave.h"

enum { DESCRIPTORS_AT_ONCE = 256, DESCRIPTORS_WITHOUT_PROC = 1024 };

static bool is_kept(int descriptor, const int *kept, int kept_count)
{
    for (int i = 0; i < kept_count; i++)
        if (kept[i] == descriptor)
            return true;
    return descriptor <= STDERR_FILENO;
}

/* Collects up to DESCRIPTORS_AT_ONCE descriptors to close; closing while reading the
 * directory would move it. */
static int list_open(int *found, const int *kept, int kept_count)
{
    DIR *directory = opendir("/proc/self/fd");
    if (directory == NULL)
        return -1;
    int count = 0;
    const struct dirent *entry;
    while (count < DESCRIPTORS_AT_ONCE && (entry = readdir(directory)) != NULL) {
        int descriptor = (int)strtol(entry->d_name, NULL, 10);
        if (entry->d_name[0] != '.' && descriptor != dirfd(directory) &&
            !is_kept(descriptor, kept, kept_count))
            found[count++] = descriptor;
    }
    (void)closedir(directory);
    return count;
}

static void close_others(const int *kept, int kept_count)
{
    int found[DESCRIPTORS_AT_ONCE];
    int count;
    int closed;
    /* Until nothing more closes: an instrumented process holds some that are not ours. */
    do {
        closed = 0;
        count = list_open(found, kept, kept_count);
        for (int i = 0; i < count; i++)
            closed += close(found[i]) == 0;
    } while (closed > 0);
    for (int i = 0; count < 0 && i < DESCRIPTORS_WITHOUT_PROC; i++)
        if (!is_kept(i, kept, kept_count))
            (void)close(i);
}

static void replace_by_null(int descriptor, int flags)
{
    int null = open("/dev/null", flags | O_CLOEXEC);
    if (null < 0)
        return;
    (void)dup2(null, descriptor);
    if (null != descriptor)
        (void)close(null);
}

static void raise_oom_score(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (write(fd, "800", 3) < 0) {
        /* Not allowed here: the kernel chooses by size alone. */
    }
    (void)close(fd);
}

void child_guard(pid_t parent, const int *kept, int kept_count)
{
    /* The supervisor ends its children itself; a signal to the whole group (Ctrl-C, a
     * batch system) must not take frames that could still finish. */
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ};
    const struct rlimit no_core = {0, 0};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        process_leave(CHILD_EXIT_ORPHAN);
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        (void)signal(ignored[i], SIG_IGN);
    (void)setrlimit(RLIMIT_CORE, &no_core);
    raise_oom_score();
    replace_by_null(STDIN_FILENO, O_RDONLY);
    replace_by_null(STDOUT_FILENO, O_WRONLY);
    close_others(kept, kept_count);
    /* A core of a gigabyte piped to a collector would delay the restart. */
    (void)prctl(PR_SET_DUMPABLE, 0);
}
