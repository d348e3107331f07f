/* SPDX-License-Identifier: Apache-2.0 */
/* What the file system of the output has left. */
#ifndef STORE_DISK_SPACE_H
#define STORE_DISK_SPACE_H

#include <stdint.h>

/* UINT64_MAX: it does not say. */
uint64_t disk_space_left(const char *directory);
/* Where a run that has not begun would write: a directory on the same file system.
 * `output` as --output has it, NULL: none was given. */
const char *disk_space_place(const char *output, const char *session_root);

#endif
