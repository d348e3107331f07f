/* SPDX-License-Identifier: Apache-2.0 */
#include "store/other_frames.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/own_directory.h"

static int compare_ids(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return strcmp(*x, *y);
}

/* False with errno when it cannot be told. */
static bool look_at(DIR *directory, const char *name, bool *is_folder)
{
    struct stat status;
    *is_folder = false;
    if (fstatat(dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT;
    *is_folder = S_ISDIR(status.st_mode);
    return true;
}

/* Into its place among the first names, if it is one of them. */
static void list_name(struct report_other_frames *others, const char *name)
{
    int place = others->listed;
    while (place > 0 && strcmp(others->ids[place - 1], name) > 0)
        place--;
    if (place == OTHER_FRAMES_LISTED)
        return;
    others->listed += others->listed < OTHER_FRAMES_LISTED;
    memmove(others->ids[place + 1], others->ids[place],
            (size_t)(others->listed - place - 1) * sizeof(others->ids[0]));
    memcpy(others->ids[place], name, strlen(name) + 1); /* longer ones are no ids */
}

enum po_status other_frames_find(const char *directory, const struct manifest *manifest,
                                 struct report_other_frames *others,
                                 struct po_error *error)
{
    const struct dirent *entry;
    size_t count = (size_t)manifest->frame_count;
    *others = (struct report_other_frames){.count = 0};
    DIR *folder = opendir(directory);
    if (folder == NULL)
        return errno == ENOENT ? PO_OK : directory_failed("list", directory, error);
    const char **ids = calloc(count + 1, sizeof(*ids));
    if (ids == NULL) {
        (void)closedir(folder);
        return po_fail(error, PO_OUT_OF_MEMORY, "no memory for a list of %zu frames",
                       count);
    }
    for (size_t i = 0; i < count; i++)
        ids[i] = manifest->frames[i].id;
    qsort(ids, count, sizeof(*ids), compare_ids);
    enum po_status status = PO_OK;
    for (errno = 0; (entry = readdir(folder)) != NULL; errno = 0) {
        bool is_folder;
        const char *name = entry->d_name;
        if (name[0] == '.' || strlen(name) >= sizeof(others->ids[0]) ||
            bsearch(&name, ids, count, sizeof(*ids), compare_ids) != NULL)
            continue;
        if (!look_at(folder, name, &is_folder))
            break;
        if (!is_folder)
            continue;
        others->count++;
        list_name(others, name);
    }
    if (errno != 0)
        status = directory_failed("list", directory, error);
    free(ids);
    (void)closedir(folder);
    return status;
}
