/* SPDX-License-Identifier: Apache-2.0 */
#include "support/test_folder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"

static void must(bool ok, const char *what)
{
    if (!ok) {
        perror(what);
        abort();
    }
}

static int remove_one(const char *path, const struct stat *facts, int kind,
                      struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path);
}

enum po_status directory_remove(const char *path, struct po_error *error)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return PO_OK;
    return po_fail(error, PO_IO, "%s: cannot remove: %s", path, strerror(errno));
}

void test_folder_create(struct test_folder *folder)
{
    const char *parent = getenv("TMPDIR");
    (void)snprintf(folder->path, sizeof(folder->path), "%.4000s/po_test_XXXXXX",
                   parent != NULL ? parent : "/tmp");
    must(mkdtemp(folder->path) != NULL, "mkdtemp");
}

void test_folder_remove(struct test_folder *folder)
{
    must(directory_remove(folder->path, NULL) == PO_OK, folder->path);
}

const char *test_folder_path(const struct test_folder *folder, const char *name)
{
    static char paths[8][2 * TEST_PATH_BYTES];
    static int next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder->path, name);
    return path;
}

void test_folder_write(const struct test_folder *folder, const char *name,
                       const char *text)
{
    char parent[2 * TEST_PATH_BYTES];
    const char *path = test_folder_path(folder, name);
    (void)snprintf(parent, sizeof(parent), "%s", path);
    *strrchr(parent, '/') = '\0';
    must(directory_make(parent, NULL) == PO_OK, parent);
    FILE *file = fopen(path, "wb");
    must(file != NULL, path);
    must(fwrite(text, 1, strlen(text), file) == strlen(text), path);
    must(fclose(file) == 0, path);
}

bool test_data_path(const char *source_dir, const char *name, char path[TEST_PATH_BYTES])
{
    const char *data = getenv("PO_TEST_DATA");
    if (data != NULL)
        (void)snprintf(path, TEST_PATH_BYTES, "%s/%s", data, name);
    else
        (void)snprintf(path, TEST_PATH_BYTES, "%s/../shared/data/%s", source_dir, name);
    if (access(path, F_OK) == 0)
        return true;
    (void)fprintf(stderr, "skipped: no test data at %s (set PO_TEST_DATA)\n", path);
    return false;
}
