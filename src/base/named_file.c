/* SPDX-License-Identifier: Apache-2.0 */
#include "base/named_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

/* Descriptors of this process under a name: a new file beside them is not what is meant.
 */
static bool names_descriptor(const char *path)
{
    static const char *const places[] = {"/dev/fd/", "/dev/stdout", "/dev/stderr",
                                         "/proc/"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (strncmp(path, places[i], strlen(places[i])) == 0)
            return true;
    return false;
}

static enum po_status find_special(const char *path, mode_t mode,
                                   struct named_file_place *place, struct po_error *error)
{
    const char *what = S_ISDIR(mode)   ? "a directory"
                       : S_ISBLK(mode) ? "a block device"
                                       : "a socket";
    if (!S_ISCHR(mode) && !S_ISFIFO(mode))
        return po_fail(error, PO_BAD_ARGUMENT, "%s: is %s; give the name of a file", path,
                       what);
    place->through = true;
    return PO_OK;
}

/* A name where nothing is yet; its folder has to be there. */
static enum po_status find_new(const char *path, struct named_file_place *place,
                               struct po_error *error)
{
    char folder[ATOMIC_FILE_PATH_BYTES];
    char real[PATH_MAX];
    struct stat facts;
    if (lstat(path, &facts) == 0)
        return po_fail(error, PO_BAD_ARGUMENT, "%s: is a link to nothing; remove it",
                       path);
    const char *name = path_name(path);
    if (!path_directory(folder, sizeof(folder), path) || name[0] == '\0')
        return po_fail(error, PO_BAD_ARGUMENT, "%s: is not the name of a file", path);
    if (realpath(folder, real) == NULL)
        return po_fail(error, PO_BAD_ARGUMENT, "%s: its folder: %s", path,
                       strerror(errno));
    if (!path_join(place->path, sizeof(place->path), real, name))
        return po_fail(error, PO_BAD_ARGUMENT, "%.200s...: the path is too long", path);
    return PO_OK;
}

/* A new file appears beside what is there, so its folder must take one. Said at once: the
 * file itself comes after minutes of work. */
static enum po_status check_folder(const char *path, const struct named_file_place *place,
                                   struct po_error *error)
{
    char folder[ATOMIC_FILE_PATH_BYTES];
    if (place->through || !path_directory(folder, sizeof(folder), place->path) ||
        access(folder, W_OK | X_OK) == 0)
        return PO_OK;
    return po_fail(error, PO_BAD_ARGUMENT, "%s: nothing can be written in its folder: %s",
                   path, strerror(errno));
}

static enum po_status find_place(const char *path, struct named_file_place *place,
                                 struct po_error *error)
{
    char real[PATH_MAX];
    struct stat facts;
    *place = (struct named_file_place){.exists = stat(path, &facts) == 0};
    if (!place->exists && errno != ENOENT)
        return po_fail(error, PO_BAD_ARGUMENT, "%s: %s", path, strerror(errno));
    if (!place->exists)
        return find_new(path, place, error);
    if (!path_join(place->path, sizeof(place->path), "", path))
        return po_fail(error, PO_BAD_ARGUMENT, "%.200s...: the path is too long", path);
    if (!S_ISREG(facts.st_mode))
        return find_special(path, facts.st_mode, place, error);
    place->through = names_descriptor(path);
    if (!place->through && realpath(path, real) == NULL)
        return po_fail(error, PO_BAD_ARGUMENT, "%s: %s", path, strerror(errno));
    if (!place->through && !path_join(place->path, sizeof(place->path), "", real))
        return po_fail(error, PO_BAD_ARGUMENT, "%.200s...: the path is too long", path);
    return PO_OK;
}

enum po_status named_file_find(const char *path, struct named_file_place *place,
                               struct po_error *error)
{
    enum po_status status = find_place(path, place, error);
    return status == PO_OK ? check_folder(path, place, error) : status;
}

enum po_status named_file_open(struct atomic_file *file, const char *path,
                               struct po_error *error)
{
    struct named_file_place place;
    enum po_status status = named_file_find(path, &place, error);
    if (status != PO_OK)
        return status;
    return place.through ? atomic_file_open_through(file, place.path, error)
                         : atomic_file_open(file, place.path, error);
}
