/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/siblings.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"

/* Keeps `path` where it is among the first in natural order, whatever the order in which
 * the folder is listed; false: no memory. */
static bool offer(struct siblings *siblings, const char *path)
{
    int place = siblings->count;
    while (place > 0 && path_compare_natural(path, siblings->paths[place - 1]) < 0)
        place--;
    if (place == SIBLINGS_MAX)
        return true;
    char *kept = strdup(path);
    if (kept == NULL)
        return false;
    if (siblings->count == SIBLINGS_MAX)
        free(siblings->paths[--siblings->count]);
    memmove(&siblings->paths[place + 1], &siblings->paths[place],
            (size_t)(siblings->count - place) * sizeof(siblings->paths[0]));
    siblings->paths[place] = kept;
    siblings->count++;
    return true;
}

/* 0, or the errno of what kept a part from being seen: half a list is none. */
static int collect(DIR *directory, const char *folder, const char *path,
                   struct siblings *siblings)
{
    char other[CALIBRATION_PATH];
    const struct dirent *entry = NULL;
    errno = 0;
    for (int seen = 0; seen < SIBLINGS_LOOKED_AT && (entry = readdir(directory)) != NULL;
         seen++, errno = 0) {
        if (entry->d_name[0] == '.' || entry->d_type == DT_DIR ||
            strcasecmp(path_extension(entry->d_name), path_extension(path)) != 0 ||
            !path_join(other, sizeof(other), folder, entry->d_name))
            continue;
        if (!offer(siblings, other))
            return ENOMEM;
    }
    return entry == NULL ? errno : 0;
}

enum po_status siblings_list(const char *path, struct siblings *siblings,
                             struct po_error *error)
{
    char folder[CALIBRATION_PATH];
    memset(siblings, 0, sizeof(*siblings));
    if (!path_directory(folder, sizeof(folder), path))
        return po_fail(error, PO_NOT_FOUND, "%s: the path is too long", path);
    DIR *directory = opendir(folder);
    if (directory == NULL)
        return po_fail(error, PO_IO, "%s: cannot be listed: %s", folder, strerror(errno));
    int cause = collect(directory, folder, path, siblings);
    (void)closedir(directory);
    if (cause != 0) {
        siblings_release(siblings);
        return po_fail(error, cause == ENOMEM ? PO_OUT_OF_MEMORY : PO_IO,
                       "%s: cannot be listed: %s", folder, strerror(cause));
    }
    return PO_OK;
}

void siblings_release(struct siblings *siblings)
{
    for (int i = 0; i < siblings->count; i++)
        free(siblings->paths[i]);
    siblings->count = 0;
}
