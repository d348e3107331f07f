/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load guard: says what happened when libraries end the process while they are loaded.
 *
 * Constructors of C++ libraries end a process that has no memory for them by abort(),
 * libgfortran's calls itself until the stack ends, the loader has faults of its own: no
 * caller can catch that. A child's end is told by its supervisor; a process without one
 * tells its own, in one line and with an exit status. Invariant: between begin and end,
 * and only there, SIGABRT, SIGSEGV and the stack for signals are ours.
 */
#ifndef PROCESS_LOAD_GUARD_H
#define PROCESS_LOAD_GUARD_H

#include <signal.h>

enum { LOAD_GUARD_STACK_BYTES = 24 << 10 };

struct load_guard {
    struct sigaction actions_before[2];
    stack_t stack_before;
    char stack[LOAD_GUARD_STACK_BYTES];
};

void load_guard_begin(struct load_guard *guard);
void load_guard_end(struct load_guard *guard);

#endif
