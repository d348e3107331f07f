/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock on an output directory: flock on .state/lock, which ends with its process in
 * whatever way, so nothing stale can remain. The file says who holds it.
 */
#ifndef STORE_OUTPUT_LOCK_H
#define STORE_OUTPUT_LOCK_H

#include <stdbool.h>

#include "process_offline/status.h"

struct output_lock {
    int descriptor; /* -1: not held */
};

enum output_lock_kind {
    OUTPUT_ALONE,       /* nobody else; where the file system has no locks: PO_IO */
    OUTPUT_ALONE_OR_GO, /* the same with a warning and no lock */
    OUTPUT_LINKED,      /* nobody else, as far as it says: a link lock holds, too */
    OUTPUT_SHARED,      /* other shards beside; each has a link lock */
};

/* PO_LOCKED names the holder. */
PO_MUST_CHECK enum po_status output_lock_take(struct output_lock *lock,
                                              const char *state_directory,
                                              enum output_lock_kind kind,
                                              struct po_error *error);
void output_lock_release(struct output_lock *lock);

#endif
