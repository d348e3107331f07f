/* SPDX-License-Identifier: Apache-2.0 */
#include "calib/siblings.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"

static int compare_paths(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return path_compare_natural(*x, *y);
}

/* 0, or the errno of what kept a part from being seen: half a list is none. */
static int collect(DIR *directory, const char *folder, const char *path,
                   struct siblings *siblings)
{
    char other[CALIBRATION_PATH];
    const struct dirent *entry = NULL;
    errno = 0;
    for (int seen = 0; seen < SIBLINGS_LOOKED_AT && siblings->count < SIBLINGS_MAX &&
                       (entry = readdir(directory)) != NULL;
         seen++, errno = 0) {
        if (entry->d_name[0] == '.' || entry->d_type == DT_DIR ||
            strcasecmp(path_extension(entry->d_name), path_extension(path)) != 0 ||
            !path_join(other, sizeof(other), folder, entry->d_name))
            continue;
        siblings->paths[siblings->count] = strdup(other);
        if (siblings->paths[siblings->count] == NULL)
            return ENOMEM;
        siblings->count++;
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
    qsort(siblings->paths, (size_t)siblings->count, sizeof(siblings->paths[0]),
          compare_paths);
    return PO_OK;
}

void siblings_release(struct siblings *siblings)
{
    for (int i = 0; i < siblings->count; i++)
        free(siblings->paths[i]);
    siblings->count = 0;
}
