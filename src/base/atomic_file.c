/* SPDX-License-Identifier: Apache-2.0 */
#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

static enum po_status write_failed(const char *path, struct po_error *error)
{
    switch (errno) {
    case ENOSPC:
        return po_fail(error, PO_IO,
                       "%s: the disk is full; free space or choose --output", path);
    case EDQUOT:
        return po_fail(error, PO_IO,
                       "%s: the disk quota is used up; free space or choose "
                       "--output",
                       path);
    case EROFS:
        return po_fail(error, PO_IO, "%s: the file system is read-only; choose --output",
                       path);
    case EFBIG:
        return po_fail(error, PO_IO, "%s: above the file size limit (ulimit -f)", path);
    case EMFILE:
    case ENFILE:
        return po_fail(error, PO_IO, "%s: too many open files; raise ulimit -n", path);
    case EACCES:
    case EPERM:
        return po_fail(error, PO_IO, "%s: not writable by this user; choose --output",
                       path);
    default:
        return po_fail(error, PO_IO, "%s: cannot write: %s", path, strerror(errno));
    }
}

static enum po_status open_at(struct atomic_file *file, const char *path,
                              struct po_error *error)
{
    file->descriptor = open(path,
                            O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW |
                                O_NONBLOCK | O_NOCTTY,
                            0666);
    if (file->descriptor < 0)
        return write_failed(file->path, error);
    return PO_OK;
}

static enum po_status start(struct atomic_file *file, const char *path,
                            struct po_error *error)
{
    file->descriptor = -1;
    file->buffered = 0;
    file->written = 0;
    file->flushed = 0;
    file->hash = NULL;
    file->temporary = false;
    file->sync = true;
    file->temporary_path[0] = '\0';
    if (!path_join(file->path, sizeof(file->path), "", path))
        return po_fail(error, PO_IO, "%.200s...: the path is too long", path);
    return PO_OK;
}

/* Under ".tmp-<name><suffix>" beside it. */
static enum po_status open_temporary(struct atomic_file *file, const char *path,
                                     const char *suffix, struct po_error *error)
{
    char directory[ATOMIC_FILE_PATH_BYTES];
    char name[512];
    enum po_status status = start(file, path, error);
    if (status != PO_OK)
        return status;
    int length = snprintf(name, sizeof(name), ".tmp-%s%s", path_name(path), suffix);
    if (length < 0 || (size_t)length >= sizeof(name) ||
        !path_directory(directory, sizeof(directory), path) ||
        !path_join(file->temporary_path, sizeof(file->temporary_path), directory, name))
        return po_fail(error, PO_IO, "%s: the path is too long", path);
    status = open_at(file, file->temporary_path, error);
    file->temporary = status == PO_OK;
    return status;
}

enum po_status atomic_file_open(struct atomic_file *file, const char *path,
                                struct po_error *error)
{
    return open_temporary(file, path, "", error);
}

enum po_status atomic_file_open_shared(struct atomic_file *file, const char *path,
                                       struct po_error *error)
{
    char suffix[24];
    unsigned long long noise = 0;
    if (getrandom(&noise, sizeof(noise), 0) != (ssize_t)sizeof(noise))
        return po_fail(error, PO_IO, "%s: no random name for a temporary: %s", path,
                       strerror(errno));
    (void)snprintf(suffix, sizeof(suffix), ".%016llx", noise);
    return open_temporary(file, path, suffix, error);
}

enum po_status atomic_file_open_plain(struct atomic_file *file, const char *path,
                                      bool sync, struct po_error *error)
{
    enum po_status status = start(file, path, error);
    if (status != PO_OK)
        return status;
    file->sync = sync;
    return open_at(file, path, error);
}

enum po_status atomic_file_open_through(struct atomic_file *file, const char *path,
                                        struct po_error *error)
{
    enum po_status status = start(file, path, error);
    if (status != PO_OK)
        return status;
    file->sync = false; /* a pipe has nothing to sync */
    file->descriptor =
        open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file->descriptor < 0 && errno == ENXIO)
        return po_fail(error, PO_IO, "%s: nobody reads this pipe", path);
    if (file->descriptor < 0)
        return write_failed(path, error);
    int flags = fcntl(file->descriptor, F_GETFL);
    if (flags < 0 || fcntl(file->descriptor, F_SETFL, flags & ~O_NONBLOCK) != 0)
        return write_failed(path, error);
    return PO_OK;
}

static enum po_status write_all(struct atomic_file *file, const unsigned char *data,
                                size_t bytes, struct po_error *error)
{
    if (file->hash != NULL)
        hash_stream_add(file->hash, data, bytes);
    file->flushed += bytes;
    while (bytes > 0) {
        ssize_t put = write(file->descriptor, data, bytes);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return write_failed(file->path, error);
        data += put;
        bytes -= (size_t)put;
    }
    return PO_OK;
}

static enum po_status flush(struct atomic_file *file, struct po_error *error)
{
    enum po_status status = write_all(file, file->buffer, file->buffered, error);
    file->buffered = 0;
    return status;
}

/* Whole pieces of the file, each begun where one begins: pages that are written in part,
 * or in larger numbers at once, cost the system more. */
enum po_status atomic_file_write(struct atomic_file *file, const void *data, size_t bytes,
                                 struct po_error *error)
{
    const unsigned char *from = data;
    enum po_status status = PO_OK;
    file->written += bytes;
    while (status == PO_OK) {
        size_t room = sizeof(file->buffer) -
                      (size_t)((file->flushed + file->buffered) % sizeof(file->buffer));
        if (bytes < room)
            break;
        if (file->buffered == 0) {
            status = write_all(file, from, room, error);
        } else {
            memcpy(file->buffer + file->buffered, from, room);
            file->buffered += room;
            status = flush(file, error);
        }
        from += room;
        bytes -= room;
    }
    if (status != PO_OK)
        return status;
    memcpy(file->buffer + file->buffered, from, bytes);
    file->buffered += bytes;
    return PO_OK;
}

enum po_status atomic_file_print(struct atomic_file *file, struct po_error *error,
                                 const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(text))
        return po_fail(error, PO_INTERNAL, "%s: a line above 4 KB", file->path);
    return atomic_file_write(file, text, (size_t)length, error);
}

void atomic_file_expect(struct atomic_file *file, unsigned long long bytes)
{
    if (file->sync)
        (void)fallocate(file->descriptor, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes);
}

void atomic_file_hash(struct atomic_file *file)
{
    file->hash = hash_stream_create();
}

/* What was hashed is no longer what the file holds. */
static void forget_hash(struct atomic_file *file)
{
    hash_stream_destroy(file->hash);
    file->hash = NULL;
}

enum po_status atomic_file_patch(struct atomic_file *file, unsigned long long offset,
                                 const void *data, size_t bytes, struct po_error *error)
{
    enum po_status status = flush(file, error);
    const unsigned char *from = data;
    forget_hash(file);
    while (status == PO_OK && bytes > 0) {
        ssize_t put = pwrite(file->descriptor, from, bytes, (off_t)offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return write_failed(file->path, error);
        from += put;
        offset += (unsigned long long)put;
        bytes -= (size_t)put;
    }
    return status;
}

enum po_status atomic_file_move_to(struct atomic_file *file, unsigned long long offset,
                                   struct po_error *error)
{
    enum po_status status = flush(file, error);
    if (status != PO_OK || offset == file->flushed)
        return status;
    forget_hash(file);
    file->flushed = offset;
    if (lseek(file->descriptor, (off_t)offset, SEEK_SET) < 0)
        return write_failed(file->path, error);
    return PO_OK;
}

void atomic_file_send_handed(int descriptor)
{
    (void)sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
}

enum po_status atomic_file_begin_sync(struct atomic_file *file, struct po_error *error)
{
    enum po_status status = flush(file, error);
    if (status == PO_OK && file->sync)
        atomic_file_send_handed(file->descriptor);
    return status;
}

/* False with errno set. */
static bool sync_now(int descriptor)
{
    int result;
    do
        result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

/* False with errno set. EINTR: Linux has closed it all the same. */
static bool close_now(int *descriptor)
{
    int closed = close(*descriptor);
    *descriptor = -1;
    return closed == 0 || errno == EINTR;
}

enum po_status atomic_file_publish(struct atomic_file *file, struct po_error *error)
{
    enum po_status status = flush(file, error);
    if (status != PO_OK)
        return status;
    if (file->sync && !sync_now(file->descriptor))
        return write_failed(file->path, error);
    forget_hash(file);
    if (!close_now(&file->descriptor))
        return write_failed(file->path, error);
    if (file->temporary && rename(file->temporary_path, file->path) != 0)
        return write_failed(file->path, error);
    file->temporary = false;
    return PO_OK;
}

/* Of the content, which is read back where it was not written from first to last. */
static enum po_status take_hash(struct atomic_file *file, struct hash *hash,
                                struct po_error *error)
{
    if (file->hash == NULL)
        return hash_file(file->path, hash, error);
    *hash = hash_stream_end(file->hash);
    return PO_OK;
}

enum po_status atomic_file_hand_over(struct atomic_file *file, struct hash *hash,
                                     int *descriptor, struct po_error *error)
{
    *descriptor = -1;
    enum po_status status = flush(file, error);
    if (status == PO_OK && hash != NULL)
        status = take_hash(file, hash, error);
    if (status != PO_OK)
        return status;
    forget_hash(file);
    *descriptor = file->descriptor;
    file->descriptor = -1;
    return PO_OK;
}

enum po_status atomic_file_sync_handed(int *descriptor, const char *path,
                                       struct po_error *error)
{
    bool synced = sync_now(*descriptor);
    int cause = errno;
    bool closed = close_now(descriptor);
    if (synced && closed)
        return PO_OK;
    errno = synced ? errno : cause;
    return write_failed(path, error);
}

void atomic_file_discard(struct atomic_file *file)
{
    if (file->path[0] == '\0')
        return;
    forget_hash(file);
    if (file->descriptor >= 0)
        (void)close(file->descriptor);
    file->descriptor = -1;
    if (file->temporary)
        (void)unlink(file->temporary_path);
    file->temporary = false;
    file->path[0] = '\0';
}
