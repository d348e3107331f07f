/* SPDX-License-Identifier: Apache-2.0 */
#include "store/disk_space.h"

#include <stddef.h>
#include <sys/statvfs.h>

uint64_t disk_space_left(const char *directory)
{
    struct statvfs space;
    if (statvfs(directory, &space) != 0)
        return UINT64_MAX;
    return (uint64_t)space.f_bavail * space.f_frsize;
}

const char *disk_space_place(const char *output, const char *session_root)
{
    struct statvfs space;
    return output != NULL && statvfs(output, &space) == 0 ? output : session_root;
}
