/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum po_status directory_failed(const char *what, const char *path,
                                struct po_error *error)
{
    if (errno == ENOSPC || errno == EDQUOT)
        return po_fail(error, PO_IO,
                       "%s: the disk is full; free space or choose --output", path);
    if (errno == EACCES || errno == EPERM || errno == EROFS)
        return po_fail(error, PO_IO, "%s: not writable (%s); choose --output", path,
                       strerror(errno));
    return po_fail(error, PO_IO, "%s: cannot %s: %s", path, what, strerror(errno));
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Opens the folder `name` below `parent`, never through a link; NULL: errno says why. */
static DIR *open_folder(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (fd >= 0 && folder == NULL)
        (void)close(fd);
    return folder;
}

/* One of our files. What is gone by now is no foreign one; what cannot be looked at may
 * be either. */
static enum po_status check_entry(DIR *folder, const char *path, const char *name,
                                  const struct directory_names *names,
                                  struct po_error *error)
{
    struct stat facts;
    bool is_known = names->is_known(name);
    if (is_known && fstatat(dirfd(folder), name, &facts, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? PO_OK : directory_failed("look into", path, error);
    if (is_known && S_ISREG(facts.st_mode))
        return PO_OK;
    return po_fail(
        error, PO_BAD_ARGUMENT,
        "%s: holds '%.200s', which this program did not write; move it away or "
        "choose another --output",
        path, name);
}

/* Every entry is one of ours, and the proof is among them. `path` is for messages. */
static enum po_status check_entries(DIR *folder, const char *path,
                                    const struct directory_names *names,
                                    struct po_error *error)
{
    const struct dirent *entry;
    bool is_empty = true;
    bool is_proved = false;
    errno = 0;
    while ((entry = readdir(folder)) != NULL) {
        enum po_status status =
            is_dot(entry->d_name)
                ? PO_OK
                : check_entry(folder, path, entry->d_name, names, error);
        if (status != PO_OK)
            return status;
        is_empty &= is_dot(entry->d_name);
        is_proved |= strcmp(entry->d_name, names->proof) == 0;
        errno = 0;
    }
    if (errno != 0)
        return directory_failed("list", path, error);
    if (!is_empty && !is_proved)
        return po_fail(
            error, PO_BAD_ARGUMENT,
            "%s: holds no %s, so this program did not make it; move it away or "
            "choose another --output",
            path, names->proof);
    return PO_OK;
}

/* The proof goes last: what is left of a removal that was cut short is still ours. */
static enum po_status remove_entries(DIR *folder, const char *path,
                                     const struct directory_names *names,
                                     struct po_error *error)
{
    const struct dirent *entry;
    rewinddir(folder);
    errno = 0;
    while ((entry = readdir(folder)) != NULL) {
        bool stays = is_dot(entry->d_name) || strcmp(entry->d_name, names->proof) == 0;
        if (!stays && unlinkat(dirfd(folder), entry->d_name, 0) != 0 && errno != ENOENT)
            return directory_failed("remove", path, error);
        errno = 0;
    }
    if (errno != 0)
        return directory_failed("list", path, error);
    if (unlinkat(dirfd(folder), names->proof, 0) != 0 && errno != ENOENT)
        return directory_failed("remove", path, error);
    return PO_OK;
}

/* Whether the path still leads to the folder that was looked at. */
static bool is_still_there(DIR *folder, const char *path)
{
    struct stat seen;
    struct stat now;
    return fstat(dirfd(folder), &seen) != 0 ||
           (lstat(path, &now) == 0 && now.st_dev == seen.st_dev &&
            now.st_ino == seen.st_ino);
}

/* One that another process moved away and is removing looks like no folder of ours. */
static enum po_status check_once(const char *path, const struct directory_names *names,
                                 bool *is_gone, struct po_error *error)
{
    DIR *folder = open_folder(AT_FDCWD, path);
    *is_gone = false;
    if (folder == NULL && errno == ENOENT)
        return PO_OK;
    if (folder == NULL && (errno == ENOTDIR || errno == ELOOP))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s: is no folder of this program; move it away or choose another "
                       "--output",
                       path);
    if (folder == NULL)
        return directory_failed("open", path, error);
    enum po_status status = check_entries(folder, path, names, error);
    *is_gone = status != PO_OK && !is_still_there(folder, path);
    (void)closedir(folder);
    return status;
}

enum po_status directory_check_own(const char *path, const struct directory_names *names,
                                   struct po_error *error)
{
    enum { TRIES = 100 };
    bool is_gone = true;
    enum po_status status = PO_OK;
    for (int i = 0; i < TRIES && is_gone; i++)
        status = check_once(path, names, &is_gone, error);
    return status;
}

/* `name` below `parent`; `path` is for messages. */
static enum po_status remove_own_at(int parent, const char *name, const char *path,
                                    const struct directory_names *names,
                                    struct po_error *error)
{
    DIR *folder = open_folder(parent, name);
    if (folder == NULL)
        return errno == ENOENT ? PO_OK : directory_failed("open", path, error);
    enum po_status status = check_entries(folder, path, names, error);
    if (status == PO_OK)
        status = remove_entries(folder, path, names, error);
    (void)closedir(folder);
    if (status == PO_OK && unlinkat(parent, name, AT_REMOVEDIR) != 0)
        status = directory_failed("remove", path, error);
    return status;
}

enum po_status directory_remove_own(const char *path, const struct directory_names *names,
                                    struct po_error *error)
{
    return remove_own_at(AT_FDCWD, path, path, names, error);
}

/* The name that a leftover was for; NULL: this is no leftover. */
static const char *leftover_of(const char *name)
{
    static const char *const prefixes[] = {".tmp-", ".old-"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return name + strlen(prefixes[i]);
    return NULL;
}

/* What is not ours stays where it is. */
static enum po_status clean_entry(DIR *parent, const char *path, const char *name,
                                  const struct leftover_names *names,
                                  struct po_error *error)
{
    struct stat facts;
    struct po_error cause = {0};
    const char *of = leftover_of(name);
    if (of == NULL)
        return PO_OK;
    if (fstatat(dirfd(parent), name, &facts, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? PO_OK : directory_failed("look into", path, error);
    if (!S_ISDIR(facts.st_mode)) {
        if (names->is_file == NULL || !names->is_file(of) ||
            unlinkat(dirfd(parent), name, 0) == 0 || errno == ENOENT)
            return PO_OK;
        return directory_failed("remove a leftover in", path, error);
    }
    if (names->folders == NULL)
        return PO_OK;
    enum po_status status =
        remove_own_at(dirfd(parent), name, name, names->folders, &cause);
    if (status == PO_OK || status == PO_BAD_ARGUMENT)
        return PO_OK;
    return po_fail(error, status, "%s/%s", path, cause.message);
}

/* What is moved aside first cannot be put in its place any more. */
static enum po_status clean_tagged(DIR *parent, const char *path, const char *name,
                                   const struct leftover_names *names, const char *tag,
                                   struct po_error *error)
{
    char aside[NAME_MAX + 1];
    const char *of = leftover_of(name);
    if (of == NULL || strncmp(of, tag, strlen(tag)) != 0)
        return PO_OK;
    (void)snprintf(aside, sizeof(aside), ".old-%s", of);
    if (strcmp(name, aside) != 0 &&
        renameat(dirfd(parent), name, dirfd(parent), aside) != 0)
        return PO_OK; /* it is in its place, or cannot be moved and is not ours */
    return clean_entry(parent, path, aside, names, error);
}

static enum po_status clean(const char *parent, const struct leftover_names *names,
                            const char *tag, struct po_error *error)
{
    DIR *directory = opendir(parent);
    if (directory == NULL)
        return errno == ENOENT ? PO_OK : directory_failed("open", parent, error);
    enum po_status status = PO_OK;
    const struct dirent *entry;
    errno = 0;
    while (status == PO_OK && (entry = readdir(directory)) != NULL) {
        const char *name = entry->d_name;
        status = tag == NULL ? clean_entry(directory, parent, name, names, error)
                             : clean_tagged(directory, parent, name, names, tag, error);
        errno = 0;
    }
    if (status == PO_OK && errno != 0)
        status = directory_failed("list", parent, error);
    (void)closedir(directory);
    return status;
}

enum po_status own_directory_clean(const char *parent, const struct leftover_names *names,
                                   struct po_error *error)
{
    return clean(parent, names, NULL, error);
}

enum po_status own_directory_clean_tagged(const char *parent,
                                          const struct leftover_names *names,
                                          const char *tag, struct po_error *error)
{
    return clean(parent, names, tag, error);
}
