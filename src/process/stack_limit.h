/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Room for the main thread's calls. A shell may leave so little (ulimit -s) that a run
 * would end in the middle by SIGSEGV; threads of the pool have stacks of their own size.
 */
#ifndef PROCESS_STACK_LIMIT_H
#define PROCESS_STACK_LIMIT_H

#include <stdbool.h>

/* Raises the soft limit to what is needed. False, and said, where the hard one forbids
 * it. Before anything deep is called. */
bool stack_limit_suffices(void);

#endif
