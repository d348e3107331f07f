/* SPDX-License-Identifier: Apache-2.0 */
#include "store/path_places.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

enum { LINKS_MAX = 40 }; /* as the kernel follows */

static bool is_absent(int cause)
{
    return cause == ENOENT || cause == ENOTDIR;
}

static enum po_status cannot_look(const char *path, struct po_error *error)
{
    return po_fail(error, PO_IO, "%s: cannot look where it lies: %s", path,
                   strerror(errno));
}

enum po_status path_places_add(struct path_places *places, const char *path,
                               struct po_error *error)
{
    struct stat probes;
    if (stat(path, &probes) != 0)
        return is_absent(errno) ? PO_OK : cannot_look(path, error);
    if (places->count == PATH_PLACES_MAX)
        return po_fail(error, PO_INTERNAL, "%s: one place too many", path);
    places->places[places->count++] =
        (struct path_place){probes.st_dev, probes.st_ino, path};
    return PO_OK;
}

static const char *place_of(const struct path_places *places, const struct stat *probes)
{
    for (int i = 0; i < places->count; i++)
        if (places->places[i].device == probes->st_dev &&
            places->places[i].inode == probes->st_ino)
            return places->places[i].name;
    return NULL;
}

/* One way through the tree: how many links may still be followed, and what was met. */
struct journey {
    struct path_places *places;
    int links_left;
    const char *met;
};

static enum po_status follow(struct journey *journey, const char *path,
                             struct po_error *error);

static enum po_status no_memory(const char *path, struct po_error *error)
{
    return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to follow it", path);
}

/* Buffers are on the heap: links lead to links, and stacks may be small. */
static enum po_status follow_link(struct journey *journey, const char *link,
                                  struct po_error *error)
{
    char *target = NULL;
    enum po_status status = PO_OK;
    size_t folder_bytes = (size_t)(path_name(link) - link);
    char *joined = calloc(1, folder_bytes + PATH_PLACES_BYTES);
    if (joined == NULL)
        return no_memory(link, error);
    target = joined + folder_bytes;
    ssize_t length = readlink(link, target, PATH_PLACES_BYTES - 1);
    if (length < 0 && !is_absent(errno))
        status = cannot_look(link, error);
    if (length > 0 && target[0] != '/') {
        memcpy(joined, link, folder_bytes);
        target = joined;
    }
    if (length > 0 && journey->links_left-- > 0) /* else nobody reads through it either */
        status = follow(journey, target, error);
    free(joined);
    return status;
}

/* What the name itself is, and what lies behind it. */
static enum po_status look_at(struct journey *journey, const char *path,
                              struct po_error *error)
{
    struct stat probes;
    if (lstat(path, &probes) != 0)
        return is_absent(errno) ? PO_OK : cannot_look(path, error);
    journey->met = place_of(journey->places, &probes);
    if (journey->met != NULL || !S_ISLNK(probes.st_mode))
        return PO_OK;
    enum po_status status = follow_link(journey, path, error);
    if (status != PO_OK || journey->met != NULL)
        return status;
    if (stat(path, &probes) == 0)
        journey->met = place_of(journey->places, &probes);
    return PO_OK;
}

/* Each folder on the way to `path`, and `path`. */
static enum po_status follow_folders(struct journey *journey, const char *path,
                                     struct po_error *error)
{
    size_t length = strlen(path);
    char *prefix = strdup(path);
    if (prefix == NULL)
        return no_memory(path, error);
    enum po_status status = PO_OK;
    for (size_t end = 1; end <= length && status == PO_OK && journey->met == NULL;
         end++) {
        if (end < length && path[end] != '/')
            continue;
        prefix[end] = '\0';
        status = look_at(journey, prefix, error);
        prefix[end] = path[end];
    }
    free(prefix);
    return status;
}

static bool is_clear(const struct path_places *places, const char *folder)
{
    int held = places->cleared < PATH_PLACES_CLEAR ? places->cleared : PATH_PLACES_CLEAR;
    for (int i = 0; i < held; i++)
        if (strcmp(places->clear[i], folder) == 0)
            return true;
    return false;
}

/* By its name, then by where it really is. */
static enum po_status follow_folder(struct journey *journey, const char *folder,
                                    struct po_error *error)
{
    struct path_places *places = journey->places;
    if (is_clear(places, folder))
        return PO_OK;
    enum po_status status = follow_folders(journey, folder, error);
    char *real = status == PO_OK && journey->met == NULL ? realpath(folder, NULL) : NULL;
    if (real != NULL)
        status = follow_folders(journey, real, error);
    free(real);
    if (status == PO_OK && journey->met == NULL)
        memcpy(places->clear[places->cleared++ % PATH_PLACES_CLEAR], folder,
               strlen(folder) + 1);
    return status;
}

static enum po_status follow(struct journey *journey, const char *path,
                             struct po_error *error)
{
    char *folder = calloc(1, PATH_PLACES_BYTES);
    if (folder == NULL)
        return no_memory(path, error);
    enum po_status status =
        path_directory(folder, PATH_PLACES_BYTES, path)
            ? follow_folder(journey, folder, error)
            : po_fail(error, PO_BAD_ARGUMENT, "%.200s...: the path is too long", path);
    free(folder);
    if (status == PO_OK && journey->met == NULL)
        status = look_at(journey, path, error);
    return status;
}

enum po_status path_places_follow(struct path_places *places, const char *path,
                                  const char **met, struct po_error *error)
{
    struct journey journey = {.places = places, .links_left = LINKS_MAX};
    enum po_status status = follow(&journey, path, error);
    *met = journey.met;
    return status;
}
