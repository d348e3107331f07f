/* SPDX-License-Identifier: Apache-2.0 */
#include "cv_shim/cv_module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/version.h"
#include "cv_shim/cv_table.h"

/* From the folder of the program or library: of a build, of its tests, of an installed
 * program, of an installed library. */
static const char *const places[CV_MODULE_PLACES] = {".", "..", PO_MODULE_FROM_PROGRAM,
                                                     PO_MODULE_FROM_LIBRARY};

/* The file that this code was linked into: the loader has no name for the program. */
static bool own_file(char *path, size_t path_bytes)
{
    static const char here;
    Dl_info info;
    void *extra = NULL;
    if (dladdr1(&here, &info, &extra, RTLD_DL_LINKMAP) == 0 || extra == NULL)
        return false;
    const struct link_map *map = extra;
    if (map->l_name != NULL && map->l_name[0] != '\0')
        return path_join(path, path_bytes, "", map->l_name);
    ssize_t length = readlink("/proc/self/exe", path, path_bytes - 1);
    if (length <= 0)
        return false;
    path[length] = '\0';
    return true;
}

/* What cannot be looked at is there: the loader says what is wrong with it. */
static bool is_there(const char *path)
{
    return access(path, R_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

bool cv_module_place(int place, char *path, size_t path_bytes)
{
    char file[PATH_MAX];
    char folder[PATH_MAX];
    if (!own_file(file, sizeof(file)) || !path_directory(folder, sizeof(folder), file))
        return false;
    int length =
        snprintf(path, path_bytes, "%s/%s/%s", folder, places[place], PO_MODULE_NAME);
    return length > 0 && (size_t)length < path_bytes;
}

static bool find_module(char *path, size_t path_bytes)
{
    for (int i = 0; i < CV_MODULE_PLACES; i++)
        if (cv_module_place(i, path, path_bytes) && is_there(path))
            return true;
    return false;
}

enum po_status cv_module_load(const struct cv_table **table, struct po_error *error)
{
    char path[PATH_MAX];
    if (!find_module(path, sizeof(path)))
        return po_fail(error, PO_NOT_FOUND,
                       "%s is missing beside the program: it holds what uses OpenCV; "
                       "install the program again",
                       PO_MODULE_NAME);
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == NULL)
        return po_fail(error, PO_IO, "%s cannot be loaded: %.600s", path, dlerror());
    const struct cv_table *found = dlsym(handle, CV_TABLE_SYMBOL);
    if (found == NULL || strcmp(found->program_version, PROCESS_OFFLINE_VERSION) != 0 ||
        found->bytes != sizeof(*found))
        return po_fail(error, PO_UNSUPPORTED,
                       "%s is of another version of the program; install it again", path);
    *table = found;
    return PO_OK;
}
