/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock by its system calls: no library has them, and Debian 12's headers lack rights
 * of later kernels. Negative results are -errno.
 */
#ifndef PROCESS_LANDLOCK_H
#define PROCESS_LANDLOCK_H

#include <stdbool.h>

/* The kernel's version of it; 0: none. */
int landlock_abi(void);
/* A descriptor of an empty ruleset: all that this version can forbid is forbidden. */
int landlock_ruleset_create(int abi);
/* Allows what lies below the open `descriptor`. */
int landlock_allow(int ruleset, int abi, int descriptor, bool is_directory, bool write);
/* For this thread and all it starts. */
int landlock_enter(int ruleset);

#endif
