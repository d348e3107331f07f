/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shard locks: who works on parts of a planned session. A shard holds the lock of its
 * part, .state/shards/<K>-of-<N>.lock; what needs the session as a whole (a plan, a
 * merge) holds .state/shards/plan.lock. Each takes its own lock first and looks at the
 * other kind then, so that of two that meet at least one goes back.
 */
#ifndef STORE_SHARD_LOCKS_H
#define STORE_SHARD_LOCKS_H

#include "store/link_lock.h"
#include "store/session_paths.h"
#include "store/shard_record.h"

/* PO_LOCKED while a shard is at work; names it. No folder: there are no shards. */
PO_MUST_CHECK enum po_status shard_locks_check(const char *shards,
                                               struct po_error *error);

/* Makes the folder and takes the lock of a part. PO_LOCKED: it is being worked on, or the
 * session is being planned or merged. */
PO_MUST_CHECK enum po_status shard_lock_take(struct link_lock *lock,
                                             const struct session_paths *paths,
                                             const struct shard *shard,
                                             struct po_error *error);
/* The lock of a plan or a merge; PO_LOCKED: another one is at it, or a shard. */
PO_MUST_CHECK enum po_status plan_lock_take(struct link_lock *lock,
                                            const struct session_paths *paths,
                                            struct po_error *error);

#endif
