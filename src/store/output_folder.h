/* SPDX-License-Identifier: Apache-2.0 */
/* Output folder: makes an output directory this run's own, and clears what killed
 * processes left half done. The lock is the caller's to release. */
#ifndef STORE_OUTPUT_FOLDER_H
#define STORE_OUTPUT_FOLDER_H

#include "store/output_lock.h"
#include "store/session_paths.h"

/* Sets the paths, makes the directories, takes the lock, removes temporaries.
 * PO_BAD_ARGUMENT where nothing can ever be written there as it is; PO_LOCKED while
 * another run or a shard is at work there. */
PO_MUST_CHECK enum po_status
output_folder_take(struct session_paths *paths, struct output_lock *lock,
                   enum output_lock_kind kind, const struct po_settings *settings,
                   const struct manifest *manifest, struct po_error *error);

/* Beside other shards: the same, and of the temporaries those alone that begin with
 * `tag`. */
PO_MUST_CHECK enum po_status output_folder_join(struct session_paths *paths,
                                                struct output_lock *lock, const char *tag,
                                                const struct po_settings *settings,
                                                const struct manifest *manifest,
                                                struct po_error *error);

/* Removes temporaries of killed processes; of one of several runs, which `tag` names,
 * those of its frames alone. NULL: of all. */
PO_MUST_CHECK enum po_status output_folder_clean(const struct session_paths *paths,
                                                 const char *tag, struct po_error *error);

#endif
