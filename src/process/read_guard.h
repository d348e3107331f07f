/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read guard: ends the program, and says at which file, when its main thread stays in one
 * call on a file for too long.
 *
 * A file system whose server went away (NFS, FUSE) answers no read, and no signal handler
 * runs meanwhile. Images are read in children, which the watchdog ends; names, stat,
 * small texts and calibrations are read by the supervisor itself, and by libraries in it.
 * So a thread looks at what the kernel says of the main one: in the same call with the
 * same arguments, and not scheduled once, for `limit_s`. It takes no lock, asks for no
 * memory and opens nothing, so that fork() stays safe. Writes, syncs and waits for
 * children may take as long as they want.
 *
 * Where the kernel tells no calls (CONFIG_HAVE_ARCH_TRACEHOOK, /proc) or no thread is to
 * be had nothing is guarded. Only for a process that is ours: it ends by _exit.
 */
#ifndef PROCESS_READ_GUARD_H
#define PROCESS_READ_GUARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/thread.h"

/* Below it a busy machine would be taken for a hang. */
enum { READ_GUARD_LEAST_S = 5 };

struct read_guard {
    struct lasting_thread thread;
    int call_descriptor;   /* /proc/self/task/<main>/syscall */
    int status_descriptor; /* /proc/self/task/<main>/status */
    atomic_int limit_ms;
    atomic_int exit_status;
    _Atomic(const char *) calibration; /* a hang there is a calibration's; NULL: none */
};

/* Call it on the thread that is guarded; `guard` must live as long as the process. */
void read_guard_start(struct read_guard *guard, double limit_s, int exit_status);

/* What holds from here on; a guard that was not started is fine. */
void read_guard_set(struct read_guard *guard, double limit_s, int exit_status,
                    const char *calibration);

/* Whether `line` of /proc/self/task/N/syscall is a call on a file that may hang. */
bool read_guard_is_reading(const char *line);
/* On which file; paths in `line` are read where they lie in this process. */
void read_guard_name(const char *line, char *name, size_t name_bytes);

#endif
