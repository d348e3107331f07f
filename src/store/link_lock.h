/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Link lock: a lock for file systems that many machines share, where flock may be refused
 * or mean nothing. Who links his file to the lock's name first has it.
 *
 * The file names its holder: process, time of its start, machine. On the holder's own
 * machine the process list tells whether it lives. Elsewhere its pulse does: the holder
 * touches the file, and both that time and the "now" it is compared with are the file
 * system's own, so clocks of machines may differ by any amount. A lock without a pulse is
 * moved aside and taken over. Should its holder have slept and go on, two work on one
 * thing for a while: everything done under a link lock is safe to be done twice.
 *
 * Ownership: link_lock_release; safe on a zeroed struct, and what a killed process holds
 * is taken over.
 */
#ifndef STORE_LINK_LOCK_H
#define STORE_LINK_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/atomic_file.h"
#include "store/lock_holder.h"

struct link_lock {
    bool held;
    bool is_lost; /* somebody took it over */
    int descriptor;
    uint64_t inode;
    int64_t beaten_ns; /* monotonic */
    double stale_s;
    char path[ATOMIC_FILE_PATH_BYTES];
};

/* What is known of a lock. */
struct link_lock_state {
    bool is_there;
    bool is_here; /* its holder is, or was, a process of this machine */
    bool is_live;
    uint64_t inode;
    int64_t touched_ns;           /* by the file system's clock */
    char holder[LOCK_NAME_BYTES]; /* "process 12 on node3" */
};

/* How long a lock may go without a pulse before it counts as dead. */
extern const double link_lock_stale_s;

/*
 * Takes the lock `path`, in a folder that is there. PO_LOCKED names the holder; a lock of
 * another machine is watched for a pulse first, at most `stale_s`.
 */
PO_MUST_CHECK enum po_status link_lock_take(struct link_lock *lock, const char *path,
                                            double stale_s, struct po_error *error);
/* The pulse: to be called at least every `stale_s` / 6; does something as often. */
void link_lock_beat(struct link_lock *lock);
/* The file system's time now, by touching the lock; 0: not held. */
int64_t link_lock_now_ns(const struct link_lock *lock);
void link_lock_release(struct link_lock *lock);

/* Looks at a lock of somebody else. One of another machine whose pulse is younger than
 * `stale_s` is live. */
PO_MUST_CHECK enum po_status link_lock_look(const char *path, double stale_s,
                                            struct link_lock_state *state,
                                            struct po_error *error);

/* The same, and one of another machine that is live is watched until a pulse shows it to
 * be, or none comes. PO_LOCKED: it is live; state->holder says who. */
PO_MUST_CHECK enum po_status link_lock_await(const char *path, double stale_s,
                                             struct link_lock_state *state,
                                             struct po_error *error);

#endif
