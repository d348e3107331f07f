/* SPDX-License-Identifier: Apache-2.0 */
#include "process/landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* landlock(7); the numbers are those of every architecture. */
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
static const uint64_t REFER = UINT64_C(1) << 13;    /* from version 2 */
static const uint64_t TRUNCATE = UINT64_C(1) << 14; /* from version 3 */

static const uint64_t READ_FILES = LANDLOCK_ACCESS_FS_READ_FILE;
static const uint64_t READ_FOLDERS = LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t WRITE_FILES = LANDLOCK_ACCESS_FS_WRITE_FILE;
static const uint64_t WRITE_FOLDERS =
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG;
static const uint64_t NEVER = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                              LANDLOCK_ACCESS_FS_MAKE_SOCK |
                              LANDLOCK_ACCESS_FS_MAKE_FIFO |
                              LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

static int result_of(long value)
{
    return value < 0 ? -errno : (int)value;
}

int landlock_abi(void)
{
    long abi = syscall(CREATE_RULESET, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return abi > 0 ? (int)abi : 0;
}

static uint64_t known_to(int abi)
{
    return READ_FILES | READ_FOLDERS | WRITE_FILES | WRITE_FOLDERS | NEVER |
           (abi >= 2 ? REFER : 0) | (abi >= 3 ? TRUNCATE : 0);
}

int landlock_ruleset_create(int abi)
{
    const struct landlock_ruleset_attr attributes = {.handled_access_fs = known_to(abi)};
    return result_of(syscall(CREATE_RULESET, &attributes, sizeof(attributes), 0));
}

int landlock_allow(int ruleset, int abi, int descriptor, bool is_directory, bool write)
{
    uint64_t allowed = READ_FILES | (is_directory ? READ_FOLDERS : 0);
    if (write)
        allowed |= WRITE_FILES | TRUNCATE | (is_directory ? WRITE_FOLDERS | REFER : 0);
    const struct landlock_path_beneath_attr rule = {
        .allowed_access = allowed & known_to(abi), .parent_fd = descriptor};
    return result_of(syscall(ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0));
}

int landlock_enter(int ruleset)
{
    return result_of(syscall(RESTRICT_SELF, ruleset, 0));
}
