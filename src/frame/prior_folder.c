/* SPDX-License-Identifier: Apache-2.0 */
#include "frame/prior_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static bool is_map(const char *name)
{
    size_t length = strlen(name);
    size_t ending = strlen(PRIOR_FILE_ENDING);
    return length > ending && strcmp(name + length - ending, PRIOR_FILE_ENDING) == 0;
}

void prior_folder_empty(const char *directory)
{
    const struct dirent *entry;
    DIR *folder = opendir(directory);
    if (folder == NULL)
        return;
    while ((entry = readdir(folder)) != NULL)
        if (is_map(entry->d_name))
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    (void)closedir(folder);
}
