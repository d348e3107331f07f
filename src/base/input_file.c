/* SPDX-License-Identifier: Apache-2.0 */
#include "base/input_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *file_kind(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a directory";
    if (S_ISFIFO(mode))
        return "a FIFO";
    if (S_ISSOCK(mode))
        return "a socket";
    if (S_ISCHR(mode) || S_ISBLK(mode))
        return "a device";
    return "not a regular file";
}

static enum po_status open_failed(const char *path, struct po_error *error)
{
    if (errno == ENOENT || errno == ENOTDIR)
        return po_fail(error, PO_NOT_FOUND, "%s: no such file", path);
    if (errno == EACCES || errno == EPERM)
        return po_fail(error, PO_IO,
                       "%s: not readable by this user; check its permissions", path);
    if (errno == ENXIO)
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: is a socket or device; want a regular file", path);
    if (errno == ELOOP)
        return po_fail(error, PO_UNSUPPORTED, "%s: symbolic links form a loop", path);
    if (errno == ENOMEM)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to open it", path);
    return po_fail(error, PO_IO, "%s: cannot open: %s", path, strerror(errno));
}

/* A file system may hold any time, also one that has no nanoseconds in 64 bits. */
static int64_t nanoseconds(const struct timespec *time)
{
    return (int64_t)((uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec);
}

static void fill_stat(const struct stat *status, struct input_stat *info)
{
    info->size_bytes = (uint64_t)status->st_size;
    info->mtime_ns = nanoseconds(&status->st_mtim);
    info->ctime_ns = nanoseconds(&status->st_ctim);
    info->inode = (uint64_t)status->st_ino;
}

bool input_stat_equal(const struct input_stat *a, const struct input_stat *b)
{
    return a->size_bytes == b->size_bytes && a->mtime_ns == b->mtime_ns &&
           a->ctime_ns == b->ctime_ns && a->inode == b->inode;
}

enum po_status input_file_open(const char *path, int *descriptor, struct input_stat *info,
                               struct po_error *error)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return open_failed(path, error);
    struct stat status;
    if (fstat(fd, &status) != 0) {
        int cause = errno;
        (void)close(fd);
        return po_fail(error, PO_IO, "%s: cannot stat: %s", path, strerror(cause));
    }
    if (!S_ISREG(status.st_mode)) {
        (void)close(fd);
        return po_fail(error, PO_UNSUPPORTED, "%s: is %s; want a regular file", path,
                       file_kind(status.st_mode));
    }
    if (info != NULL)
        fill_stat(&status, info);
    *descriptor = fd;
    return PO_OK;
}

enum po_status input_file_stat(const char *path, struct input_stat *info,
                               struct po_error *error)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return open_failed(path, error);
    if (!S_ISREG(status.st_mode))
        return po_fail(error, PO_UNSUPPORTED, "%s: is %s; want a regular file", path,
                       file_kind(status.st_mode));
    fill_stat(&status, info);
    return PO_OK;
}

/* From where the descriptor stands (at NULL), or from *at. */
static ssize_t transfer(int descriptor, void *target, size_t bytes, const uint64_t *at)
{
    size_t used = 0;
    while (used < bytes) {
        char *to = (char *)target + used;
        ssize_t got = at == NULL
                          ? read(descriptor, to, bytes - used)
                          : pread(descriptor, to, bytes - used, (off_t)(*at + used));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    return (ssize_t)used;
}

void input_file_expect(const char *path)
{
    int fd = -1;
    if (input_file_open(path, &fd, NULL, NULL) != PO_OK)
        return;
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED);
    (void)close(fd);
}

ssize_t input_read(int descriptor, void *target, size_t bytes)
{
    return transfer(descriptor, target, bytes, NULL);
}

ssize_t input_read_at(int descriptor, void *target, size_t bytes, uint64_t offset)
{
    return transfer(descriptor, target, bytes, &offset);
}

enum po_status input_read_failed(const char *path, struct po_error *error)
{
    if (errno == ENOMEM)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to read it", path);
    return po_fail(error, PO_IO, "%s: cannot read: %s", path, strerror(errno));
}

bool input_status_is_passing(enum po_status status)
{
    return status == PO_IO || status == PO_OUT_OF_MEMORY;
}

/* And a NUL. */
static enum po_status room_fit(struct input_room *room, size_t bytes, const char *path,
                               struct po_error *error)
{
    if (room->bytes != NULL && bytes < room->capacity)
        return PO_OK;
    free(room->bytes);
    room->capacity = bytes + 1;
    room->bytes = malloc(room->capacity);
    if (room->bytes != NULL)
        return PO_OK;
    room->capacity = 0;
    return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory for %zu bytes", path, bytes);
}

static enum po_status check_size(const char *path, const struct input_stat *info,
                                 size_t max_bytes, struct po_error *error)
{
    if (info->size_bytes == 0)
        return po_fail(error, PO_BAD_FORMAT, "%s: the file is empty", path);
    if (info->size_bytes > max_bytes)
        return po_fail(error, PO_BAD_FORMAT, "%s: %llu bytes; at most %zu are read", path,
                       (unsigned long long)info->size_bytes, max_bytes);
    return PO_OK;
}

enum po_status input_file_read_into(const char *path, size_t max_bytes,
                                    struct input_room *room, size_t *size_bytes,
                                    struct po_error *error)
{
    struct input_stat info = {0};
    int fd = -1;
    *size_bytes = 0;
    enum po_status status = input_file_open(path, &fd, &info, error);
    if (status != PO_OK)
        return status;
    size_t bytes = (size_t)info.size_bytes;
    status = check_size(path, &info, max_bytes, error);
    if (status == PO_OK)
        status = room_fit(room, bytes, path, error);
    if (status == PO_OK) {
        ssize_t got = input_read(fd, room->bytes, bytes);
        if (got < 0)
            status = input_read_failed(path, error);
        *size_bytes = got < 0 ? 0 : (size_t)got;
        room->bytes[*size_bytes] = '\0';
    }
    (void)close(fd);
    return status;
}

enum po_status input_file_read(const char *path, size_t max_bytes, char **content,
                               size_t *size_bytes, struct po_error *error)
{
    struct input_room room = {NULL, 0};
    enum po_status status =
        input_file_read_into(path, max_bytes, &room, size_bytes, error);
    if (status != PO_OK) {
        free(room.bytes);
        room.bytes = NULL;
    }
    *content = room.bytes;
    return status;
}

static void drop_carriage_returns(char *text, size_t *bytes)
{
    size_t kept = 0;
    for (size_t i = 0; i < *bytes; i++)
        if (text[i] != '\r' || (i + 1 < *bytes && text[i + 1] != '\n'))
            text[kept++] = text[i];
    text[kept] = '\0';
    *bytes = kept;
}

enum po_status input_file_read_text(const char *path, size_t max_bytes, char **content,
                                    size_t *size_bytes, struct po_error *error)
{
    enum po_status status = input_file_read(path, max_bytes, content, size_bytes, error);
    if (*content == NULL)
        return status;
    unsigned char *text = (unsigned char *)*content;
    const char *wrong = NULL;
    if (*size_bytes >= 2 &&
        ((text[0] == 0xff && text[1] == 0xfe) || (text[0] == 0xfe && text[1] == 0xff)))
        wrong = "is UTF-16; save it as UTF-8";
    else if (memchr(text, 0, *size_bytes) != NULL)
        wrong = "holds NUL bytes; want a text file";
    if (wrong != NULL) {
        free(*content);
        *content = NULL;
        *size_bytes = 0;
        return po_fail(error, PO_BAD_FORMAT, "%s: %s", path, wrong);
    }
    if (*size_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        memmove(text, text + 3, *size_bytes - 3 + 1);
        *size_bytes -= 3;
    }
    drop_carriage_returns(*content, size_bytes);
    return PO_OK;
}

enum po_status input_file_unchanged(const char *path, const struct input_stat *before,
                                    struct po_error *error)
{
    struct input_stat now = {0};
    enum po_status status = input_file_stat(path, &now, error);
    if (status == PO_NOT_FOUND)
        return po_fail(error, PO_CHANGED,
                       "%s: was removed while it was read; left for the next run", path);
    if (status != PO_OK || input_stat_equal(before, &now))
        return status;
    const char *how = now.size_bytes > before->size_bytes ? "grew" : "was written";
    return po_fail(error, PO_CHANGED,
                   "%s: %s while it was read (%llu bytes before, %llu now); left for the "
                   "next run, when it is complete",
                   path, how, (unsigned long long)before->size_bytes,
                   (unsigned long long)now.size_bytes);
}

static bool is_own_group(gid_t group)
{
    enum { GROUPS = 1024 };
    gid_t groups[GROUPS];
    int count = getgroups(GROUPS, groups);
    bool found = getegid() == group;
    for (int i = 0; i < count && !found; i++)
        found = groups[i] == group;
    return found;
}

bool input_file_is_forbidden(const char *path)
{
    struct stat found;
    uid_t user = geteuid();
    if (user == 0 || stat(path, &found) != 0 || !S_ISREG(found.st_mode))
        return false;
    mode_t bit = found.st_uid == user         ? S_IRUSR
                 : is_own_group(found.st_gid) ? S_IRGRP
                                              : S_IROTH;
    return (found.st_mode & bit) == 0;
}
