/* SPDX-License-Identifier: Apache-2.0 */
/* One folder for a fuzz target whose reader wants file names; removed at the end with the
 * files that were written into it. */
#ifndef FUZZ_FUZZ_FOLDER_H
#define FUZZ_FUZZ_FOLDER_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FUZZ_FOLDER_FILES = 4 };

struct fuzz_folder {
    char root[64];
    char paths[FUZZ_FOLDER_FILES][160];
};

static struct fuzz_folder *fuzz_folder_made;

static void fuzz_folder_remove(void)
{
    for (int i = 0; i < FUZZ_FOLDER_FILES; i++)
        if (fuzz_folder_made->paths[i][0] != '\0')
            (void)unlink(fuzz_folder_made->paths[i]);
    (void)rmdir(fuzz_folder_made->root);
}

/* The path of the file written. */
static const char *fuzz_folder_write(struct fuzz_folder *folder, const char *name,
                                     const uint8_t *data, size_t size)
{
    if (folder->root[0] == '\0') {
        (void)snprintf(folder->root, sizeof(folder->root), "%s/po_fuzz_XXXXXX",
                       access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        fuzz_folder_made = folder;
        if (mkdtemp(folder->root) == NULL || atexit(fuzz_folder_remove) != 0)
            abort();
    }
    char path[160];
    int slot = 0;
    (void)snprintf(path, sizeof(path), "%s/%s", folder->root, name);
    while (slot + 1 < FUZZ_FOLDER_FILES && folder->paths[slot][0] != '\0' &&
           strcmp(folder->paths[slot], path) != 0)
        slot++;
    memcpy(folder->paths[slot], path, sizeof(path));
    int descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (descriptor < 0 || write(descriptor, data, size) != (ssize_t)size)
        abort();
    (void)close(descriptor);
    return folder->paths[slot];
}

#endif
