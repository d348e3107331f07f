/* SPDX-License-Identifier: Apache-2.0 */
#include "session/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/fitted_text.h"
#include "base/path.h"
#include "session/manifest.h"

enum { MAX_ENTRIES = 2 * MANIFEST_MAX_FRAMES + 100000 };

bool name_is_image(const char *name)
{
    static const char *const extensions[] = {"png",  "jpg",  "jpeg", "jpe", "tif",
                                             "tiff", "pgm",  "ppm",  "pnm", "pfm",
                                             "bmp",  "webp", "pbm",  NULL};
    const char *extension = path_extension(name);
    for (int i = 0; extensions[i] != NULL; i++)
        if (strcasecmp(extension, extensions[i]) == 0)
            return true;
    return false;
}

/* Links that lead nowhere or in a circle are as good as no files, and no file has a name
 * that is too long for one. */
static bool is_absent(int cause)
{
    return cause == ENOENT || cause == ENOTDIR || cause == ELOOP || cause == ENAMETOOLONG;
}

void trouble_note(struct po_error *trouble, enum po_status status, const char *format,
                  ...)
{
    va_list arguments;
    if (trouble == NULL || trouble->status != PO_OK)
        return;
    va_start(arguments, format);
    fitted_text(trouble->message, sizeof(trouble->message), format, arguments);
    va_end(arguments);
    trouble->status = status;
}

enum po_status trouble_status(const struct po_error *trouble, struct po_error *error)
{
    return trouble->status == PO_OK
               ? PO_OK
               : po_fail(error, trouble->status, "%s", trouble->message);
}

static bool is_directory(DIR *directory, const struct dirent *entry)
{
    struct stat status;
    if (entry->d_type == DT_DIR)
        return true;
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return false;
    if (fstatat(dirfd(directory), entry->d_name, &status, 0) == 0)
        return S_ISDIR(status.st_mode);
    return !is_absent(errno); /* who wants to list it will say why it cannot be */
}

/* Names collect in one buffer that moves while it grows: entries hold offsets so long. */
struct growing {
    struct listing_entry *entries;
    size_t *offsets;
    size_t count, capacity;
    char *names;
    size_t used, names_capacity;
};

static bool grow_names(struct growing *list, size_t bytes)
{
    if (bytes <= list->names_capacity - list->used)
        return true;
    size_t capacity = 2 * list->names_capacity + bytes + 4096;
    char *names = realloc(list->names, capacity);
    if (names == NULL)
        return false;
    list->names = names;
    list->names_capacity = capacity;
    return true;
}

static bool grow_entries(struct growing *list)
{
    if (list->count < list->capacity)
        return true;
    size_t capacity = 2 * list->capacity + 64;
    struct listing_entry *entries =
        realloc(list->entries, capacity * sizeof(*list->entries));
    if (entries == NULL)
        return false;
    list->entries = entries;
    size_t *offsets = realloc(list->offsets, capacity * sizeof(*list->offsets));
    if (offsets == NULL)
        return false;
    list->offsets = offsets;
    list->capacity = capacity;
    return true;
}

static bool add_entry(struct growing *list, DIR *directory, const struct dirent *entry)
{
    size_t bytes = strlen(entry->d_name) + 1;
    if (!grow_names(list, bytes) || !grow_entries(list))
        return false;
    struct listing_entry *added = &list->entries[list->count];
    added->is_image = name_is_image(entry->d_name);
    added->is_directory = !added->is_image && is_directory(directory, entry);
    list->offsets[list->count++] = list->used;
    memcpy(list->names + list->used, entry->d_name, bytes);
    list->used += bytes;
    return true;
}

static bool is_visible(const char *name)
{
    return name[0] != '.' && strcmp(name, OUTPUT_FOLDER) != 0;
}

static int compare_entries(const void *a, const void *b)
{
    return path_compare_natural(((const struct listing_entry *)a)->name,
                                ((const struct listing_entry *)b)->name);
}

static enum po_status read_entries(DIR *directory, const char *path, struct growing *list,
                                   struct po_error *error)
{
    const struct dirent *entry;
    errno = 0;
    while ((entry = readdir(directory)) != NULL) {
        if (is_visible(entry->d_name) && !add_entry(list, directory, entry))
            return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to list it", path);
        if (list->count > MAX_ENTRIES)
            return po_fail(error, PO_BAD_SESSION,
                           "%s: more than %d entries; split the session", path,
                           MAX_ENTRIES);
        errno = 0;
    }
    if (errno != 0)
        return po_fail(error, PO_IO, "%s: cannot list it: %s", path, strerror(errno));
    return PO_OK;
}

static enum po_status not_opened(const char *path, int cause, struct po_error *error)
{
    if (cause == ENOMEM)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to list it", path);
    if (cause == ENOENT || cause == ENOTDIR)
        return po_fail(error, PO_NOT_FOUND, "%s: no such directory", path);
    if (cause == EACCES)
        return po_fail(error, PO_IO,
                       "%s: not readable by this user; change its permissions", path);
    return po_fail(error, PO_IO, "%s: cannot list it: %s", path, strerror(cause));
}

static enum po_status read_opened(DIR *directory, const char *path,
                                  struct listing *listing, struct po_error *error)
{
    struct growing list = {0};
    enum po_status status = read_entries(directory, path, &list, error);
    (void)closedir(directory);
    if (status == PO_OK) {
        for (size_t i = 0; i < list.count; i++)
            list.entries[i].name = list.names + list.offsets[i];
        if (list.count > 1)
            qsort(list.entries, list.count, sizeof(*list.entries), compare_entries);
        listing->count = (int)list.count;
        listing->entries = list.entries;
        listing->names = list.names;
    } else {
        free(list.entries);
        free(list.names);
    }
    free(list.offsets);
    return status;
}

enum po_status listing_read(const char *path, struct listing *listing,
                            struct po_error *error)
{
    memset(listing, 0, sizeof(*listing));
    DIR *directory = opendir(path);
    return directory == NULL ? not_opened(path, errno, error)
                             : read_opened(directory, path, listing, error);
}

enum po_status listing_read_allowed(const char *path, struct listing *listing,
                                    struct po_error *error)
{
    memset(listing, 0, sizeof(*listing));
    DIR *directory = opendir(path);
    if (directory == NULL && (is_absent(errno) || errno == EACCES))
        return PO_OK;
    return directory == NULL ? not_opened(path, errno, error)
                             : read_opened(directory, path, listing, error);
}

void listing_release(struct listing *listing)
{
    free(listing->entries);
    free(listing->names);
    memset(listing, 0, sizeof(*listing));
}

const struct listing_entry *listing_find(const struct listing *listing, const char *name)
{
    struct listing_entry key = {.name = name};
    if (listing->count == 0)
        return NULL;
    return bsearch(&key, listing->entries, (size_t)listing->count,
                   sizeof(*listing->entries), compare_entries);
}

const char *listing_find_image(const struct listing *listing, const char *stem)
{
    size_t length = strlen(stem);
    for (int i = 0; i < listing->count; i++) {
        const char *name = listing->entries[i].name;
        const char *dot = strrchr(name, '.');
        if (listing->entries[i].is_image && dot != NULL &&
            (size_t)(dot - name) == length && strncasecmp(name, stem, length) == 0)
            return name;
    }
    return NULL;
}

int listing_count_images(const struct listing *listing)
{
    int count = 0;
    for (int i = 0; i < listing->count; i++)
        count += listing->entries[i].is_image;
    return count;
}

/* False when it is known not to be there. `status` is zeroed when it is there and yet
 * cannot be looked at. */
static bool stat_of(const char *directory, const char *name, struct stat *status,
                    struct po_error *trouble)
{
    char path[SESSION_PATH_BYTES];
    memset(status, 0, sizeof(*status));
    if (!path_join(path, sizeof(path), directory, name))
        return false;
    if (stat(path, status) == 0)
        return true;
    if (is_absent(errno))
        return false;
    trouble_note(trouble, PO_IO, "%s: cannot look at it: %s", path, strerror(errno));
    return true;
}

bool directory_exists(const char *directory, const char *name, struct po_error *trouble)
{
    struct stat status;
    return stat_of(directory, name, &status, trouble) &&
           (status.st_mode == 0 || S_ISDIR(status.st_mode));
}

bool entry_exists(const char *directory, const char *name, struct po_error *trouble)
{
    struct stat status;
    return stat_of(directory, name, &status, trouble);
}

bool path_stays_inside(const char *path)
{
    if (path[0] == '/' || path[0] == '\0')
        return false;
    while (*path != '\0') {
        size_t length = strcspn(path, "/");
        if (length == 2 && path[0] == '.' && path[1] == '.')
            return false;
        path += length;
        path += *path == '/';
    }
    return true;
}
