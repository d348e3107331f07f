/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/mat_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/input_file.h"
#include "base/leave.h"
#include "base/path.h"
#include "calib/mat_print.h"

enum {
    OUTPUT_MAX_BYTES = 1 << 20,
    CHILD_MEMORY_BYTES = 1 << 29,
    CHILD_SECONDS = 10,
    MS_A_SECOND = 1000,
    NS_A_MS = 1000000,
    HEAD_BYTES = 128,
    TAG_BYTES = 8,
    MOST_VARIABLES = 4096
};

static struct rlimit lowered(struct rlimit now, rlim_t most)
{
    if (now.rlim_max == RLIM_INFINITY || now.rlim_max > most)
        now.rlim_max = most;
    now.rlim_cur = now.rlim_max;
    return now;
}

/* A macro, as the type of `resource` is the C library's own. */
#define LIMIT(resource, most)                                                            \
    do {                                                                                 \
        struct rlimit limit;                                                             \
        if (getrlimit(resource, &limit) == 0) {                                          \
            limit = lowered(limit, most);                                                \
            (void)setrlimit(resource, &limit);                                           \
        }                                                                                \
    } while (0)

/* Never returns. */
static void run_child(const char *path, int descriptor)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    LIMIT(RLIMIT_CORE, 0);
    LIMIT(RLIMIT_CPU, CHILD_SECONDS);
#ifndef PO_SANITIZED
    LIMIT(RLIMIT_AS, CHILD_MEMORY_BYTES);
#endif
    /* The libraries print what a broken file holds. */
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0)
        (void)dup2(nowhere, STDERR_FILENO);
    FILE *out = fdopen(descriptor, "w");
    if (out == NULL)
        process_leave(EXIT_FAILURE);
    enum mat_print_end end = mat_print(path, out);
    process_leave(fflush(out) == 0 ? (int)end : EXIT_FAILURE);
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS_A_SECOND + now.tv_nsec / NS_A_MS;
}

/* What the child prints until it ends: 0, ETIMEDOUT when it is too much or takes too
 * long, or the errno of a failure. */
static int read_output(int descriptor, char *text, size_t *bytes)
{
    int64_t deadline = now_ms() + (int64_t)CHILD_SECONDS * MS_A_SECOND;
    *bytes = 0;
    while (*bytes < OUTPUT_MAX_BYTES) {
        struct pollfd waits = {.fd = descriptor, .events = POLLIN};
        int64_t left = deadline - now_ms();
        int ready = left > 0 ? poll(&waits, 1, (int)left) : 0;
        if (ready == 0)
            return ETIMEDOUT;
        ssize_t got =
            ready > 0 ? read(descriptor, text + *bytes, OUTPUT_MAX_BYTES - *bytes) : -1;
        if (got == 0)
            return 0;
        if (got > 0)
            *bytes += (size_t)got;
        else if (errno != EINTR)
            return errno;
    }
    return ETIMEDOUT;
}

static enum po_status report_end(const char *path, bool whole, int state,
                                 struct po_error *error)
{
    int code = WIFEXITED(state) ? WEXITSTATUS(state) : -1;
    if (whole && code == MAT_PRINTED)
        return PO_OK;
    if (code == MAT_NO_LIBRARY)
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: MATLAB files are read through libmatio, which is not "
                       "installed: apt install libmatio11 (Debian 12), or save the "
                       "matrices as YAML",
                       path);
    if (code == MAT_NOT_OPENED)
        return po_fail(error, PO_BAD_FORMAT,
                       "%s: libmatio cannot open it; files of version 7.3 need one with "
                       "HDF5: save them again with save(..., '-v7')",
                       path);
    if (whole && WIFSIGNALED(state) && WTERMSIG(state) == SIGKILL)
        return po_fail(error, PO_OUT_OF_MEMORY,
                       "%s: killed while it was read, probably for want of memory", path);
    return po_fail(error, PO_BAD_FORMAT,
                   "%s: libmatio cannot read it within %d s and %d MB (broken, or no "
                   "calibration)",
                   path, CHILD_SECONDS, CHILD_MEMORY_BYTES >> 20);
}

static enum po_status run(const char *path, char *text, size_t *bytes,
                          struct po_error *error)
{
    int ends[2];
    int state = 0;
    if (pipe(ends) != 0)
        return po_fail(error, PO_IO, "%s: no pipe to read it through: %s", path,
                       strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        run_child(path, ends[1]);
    }
    (void)close(ends[1]);
    int problem = child > 0 ? read_output(ends[0], text, bytes) : 0;
    (void)close(ends[0]);
    if (child < 0)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no process to read it in", path);
    if (problem != 0)
        (void)kill(child, SIGKILL);
    while (waitpid(child, &state, 0) < 0 && errno == EINTR)
        continue;
    if (problem == 0 || problem == ETIMEDOUT)
        return report_end(path, problem == 0, state, error);
    errno = problem;
    return input_read_failed(path, error);
}

/* Where the variable at `at` ends; files of version 5 are a row of (type, bytes, data).
 */
static enum po_status next_variable(int descriptor, const char *path, bool swapped,
                                    uint64_t *at, struct po_error *error)
{
    uint8_t tag[TAG_BYTES];
    ssize_t got = input_read_at(descriptor, tag, sizeof(tag), *at);
    if (got < 0)
        return input_read_failed(path, error);
    uint64_t bytes = 0;
    for (int i = 0; i < 4; i++)
        bytes |= (uint64_t)tag[4 + (swapped ? 3 - i : i)] << (8 * i);
    *at += TAG_BYTES + bytes;
    return PO_OK;
}

/* libmatio takes the end of a file that was cut off for the end of its variables. */
static enum po_status check_whole(const char *path, struct po_error *error)
{
    char head[HEAD_BYTES] = "";
    int descriptor = -1;
    struct input_stat info;
    uint64_t at = HEAD_BYTES;
    enum po_status status = input_file_open(path, &descriptor, &info, error);
    if (status != PO_OK)
        return status;
    if (input_read(descriptor, head, sizeof(head)) < 0)
        status = input_read_failed(path, error);
    bool is_row = memcmp(head, "MATLAB 5.0 MAT", 14) == 0;
    for (int i = 0;
         i < MOST_VARIABLES && is_row && status == PO_OK && at < info.size_bytes; i++)
        status = next_variable(descriptor, path, head[126] == 'M', &at, error);
    if (status == PO_OK && is_row && at > info.size_bytes)
        status = po_fail(
            error, PO_BAD_FORMAT,
            "%s: truncated: it ends within a variable; copy or save it again", path);
    (void)close(descriptor);
    return status;
}

enum po_status document_from_mat(const char *path, struct document **document,
                                 struct po_error *error)
{
    size_t bytes = 0;
    char *text = malloc(OUTPUT_MAX_BYTES + 1);
    *document = NULL;
    if (text == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
    enum po_status status = check_whole(path, error);
    if (status == PO_OK)
        status = run(path, text, &bytes, error);
    if (status == PO_OK) {
        text[bytes] = '\0';
        status = document_from_json(path, text, bytes, document, error);
    }
    free(text);
    return status;
}
