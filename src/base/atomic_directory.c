/* SPDX-License-Identifier: Apache-2.0 */
#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own_directory.h"
#include "base/path.h"

/* The parent is there, and yet the kernel says "no such file": /proc does. */
static enum po_status make_failed(const char *path, struct po_error *error)
{
    if (errno == ENOENT)
        return po_fail(error, PO_IO,
                       "%s: cannot make the directory: the file system there takes none; "
                       "choose --output",
                       path);
    if (errno == ENOTDIR)
        return po_fail(
            error, PO_IO,
            "%s: cannot make the directory: Not a directory: something else is "
            "there; move it away or choose --output",
            path);
    return directory_failed("make the directory", path, error);
}

/* Whether a folder is there that mkdir could not make; else errno says why it is not. */
static bool is_there(const char *path)
{
    struct stat facts;
    int cause = errno;
    if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode))
        return true;
    if (cause != EEXIST)
        errno = cause;
    else if (errno == EEXIST || errno == ENOENT) /* a file, or a link to nothing */
        errno = ENOTDIR;
    return false;
}

enum po_status directory_make(const char *path, struct po_error *error)
{
    char partial[ATOMIC_FILE_PATH_BYTES];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof(partial))
        return po_fail(error, PO_IO, "%.200s: the path is empty or too long", path);
    for (size_t end = 1; end <= length; end++) {
        if (end < length && path[end] != '/')
            continue;
        memcpy(partial, path, end);
        partial[end] = '\0';
        if (mkdir(partial, 0777) != 0 && !is_there(partial))
            return make_failed(partial, error);
    }
    return PO_OK;
}

static enum po_status sibling(char *out, const struct atomic_directory *directory,
                              const char *prefix, const char *tag, struct po_error *error)
{
    char prefixed[512];
    int length =
        snprintf(prefixed, sizeof(prefixed), "%s%s%s", prefix, tag, directory->name);
    if (length < 0 || (size_t)length >= sizeof(prefixed) ||
        !path_join(out, ATOMIC_FILE_PATH_BYTES, directory->parent, prefixed))
        return po_fail(error, PO_IO, "%s/%s: the path is too long", directory->parent,
                       directory->name);
    return PO_OK;
}

/* An empty proof: the folder is known as ours from its first file on. */
static enum po_status put_proof(const char *building, const char *proof,
                                struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    if (!path_join(path, sizeof(path), building, proof))
        return po_fail(error, PO_IO, "%s: the path is too long", building);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0)
        return directory_failed("begin", building, error);
    (void)close(fd);
    return PO_OK;
}

enum po_status atomic_directory_begin(const struct atomic_directory *directory,
                                      char *building, size_t building_bytes,
                                      struct po_error *error)
{
    char path[ATOMIC_FILE_PATH_BYTES];
    enum po_status status = sibling(path, directory, ".tmp-", directory->tag, error);
    if (status == PO_OK && !path_join(building, building_bytes, "", path))
        status = po_fail(error, PO_IO, "%s: the path is too long", path);
    if (status == PO_OK)
        status = directory_remove_own(building, directory->names, error);
    if (status == PO_OK && mkdir(building, 0777) != 0)
        status = directory_failed("make the directory", building, error);
    return status == PO_OK ? put_proof(building, directory->names->proof, error) : status;
}

static enum po_status sync_directory(const char *path, struct po_error *error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return directory_failed("open", path, error);
    int result = fsync(fd);
    int cause = errno;
    (void)close(fd);
    errno = cause;
    /* EINVAL: the file system does not sync directories. */
    if (result != 0 && cause != EINVAL)
        return directory_failed("sync", path, error);
    return PO_OK;
}

/* Where another process puts its own there between the two steps, both are taken again.
 */
static enum po_status take_place(const char *building, const char *target,
                                 const char *old, const struct directory_names *names,
                                 struct po_error *error)
{
    enum { TRIES = 100 };
    for (int i = 0;; i++) {
        enum po_status status = directory_remove_own(old, names, error);
        if (status == PO_OK)
            status = directory_check_own(target, names, error);
        if (status != PO_OK)
            return status;
        if (rename(target, old) != 0 && errno != ENOENT)
            return directory_failed("move aside", target, error);
        if (rename(building, target) == 0)
            return PO_OK;
        if ((errno != ENOTEMPTY && errno != EEXIST) || i == TRIES)
            return directory_failed("rename to its place", target, error);
    }
}

enum po_status atomic_directory_publish(const struct atomic_directory *directory,
                                        struct po_error *error)
{
    char building[ATOMIC_FILE_PATH_BYTES];
    char old[ATOMIC_FILE_PATH_BYTES];
    char target[ATOMIC_FILE_PATH_BYTES];
    enum po_status status = sibling(building, directory, ".tmp-", directory->tag, error);
    if (status == PO_OK)
        status = sibling(old, directory, ".old-", directory->tag, error);
    if (status == PO_OK)
        status = sibling(target, directory, "", "", error);
    if (status == PO_OK)
        status = sync_directory(building, error);
    if (status == PO_OK)
        status = take_place(building, target, old, directory->names, error);
    if (status == PO_OK)
        status = sync_directory(directory->parent, error);
    if (status == PO_OK)
        status = directory_remove_own(old, directory->names, error);
    return status;
}
