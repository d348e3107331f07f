/* SPDX-License-Identifier: Apache-2.0 */
#include "store/output_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/log.h"
#include "base/path.h"

enum { HOLDER_BYTES = 256 };

static void read_holder(int descriptor, char *text)
{
    ssize_t got = pread(descriptor, text, HOLDER_BYTES - 1, 0);
    text[got > 0 ? got : 0] = '\0';
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
            *c = ' ';
    while (strlen(text) > 0 && text[strlen(text) - 1] == ' ')
        text[strlen(text) - 1] = '\0';
}

static void write_holder(int descriptor)
{
    char host[128] = "?";
    char when[32] = "?";
    char text[HOLDER_BYTES];
    time_t now = time(NULL);
    struct tm local;
    (void)gethostname(host, sizeof(host) - 1);
    if (localtime_r(&now, &local) != NULL)
        (void)strftime(when, sizeof(when), "%F %T", &local);
    int length = snprintf(text, sizeof(text), "process %d on %s since %s\n",
                          (int)getpid(), host, when);
    if (ftruncate(descriptor, 0) != 0 || length < 0 ||
        pwrite(descriptor, text, (size_t)length, 0) != length)
        log_debug("the lock does not name its holder: %s", strerror(errno));
}

static enum po_status refused(int descriptor, const char *path,
                              enum output_lock_kind kind, struct po_error *error)
{
    char holder[HOLDER_BYTES];
    if (errno == EWOULDBLOCK || errno == EINTR) {
        read_holder(descriptor, holder);
        return po_fail(error, PO_LOCKED,
                       "%s: another run uses this output directory (%s); wait for it or "
                       "choose another --output",
                       path, holder[0] != '\0' ? holder : "it does not say which");
    }
    if (kind == OUTPUT_LINKED || kind == OUTPUT_SHARED)
        return PO_OK; /* as network file systems do */
    if (kind == OUTPUT_ALONE)
        return po_fail(error, PO_IO,
                       "%s: this file system cannot lock files (%s); when no other run "
                       "uses the directory, give --no-lock",
                       path, strerror(errno));
    log_warning("%s: not locked (%s): two runs on this directory would harm each other",
                path, strerror(errno));
    return PO_OK;
}

enum po_status output_lock_take(struct output_lock *lock, const char *state_directory,
                                enum output_lock_kind kind, struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    lock->descriptor = -1;
    if (!path_join(path, sizeof(path), state_directory, "lock"))
        return po_fail(error, PO_IO, "%s: the path is too long", state_directory);
    int descriptor =
        open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (descriptor < 0)
        return po_fail(error, PO_IO, "%s: cannot open: %s; choose --output", path,
                       strerror(errno));
    if (flock(descriptor, (kind == OUTPUT_SHARED ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
        enum po_status status = refused(descriptor, path, kind, error);
        (void)close(descriptor);
        return status;
    }
    if (kind != OUTPUT_SHARED)
        write_holder(descriptor);
    lock->descriptor = descriptor;
    return PO_OK;
}

void output_lock_release(struct output_lock *lock)
{
    if (lock->descriptor >= 0)
        (void)close(lock->descriptor);
    lock->descriptor = -1;
}
