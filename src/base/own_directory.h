/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Own directories: what may be replaced or removed because this program made it.
 *
 * Invariant: nothing is removed by its place or its temporary name alone. A folder goes
 * only when every entry is a regular file with one of our names and the proof is among
 * them; there is no removal of trees. Ownership: names are constant tables of the caller.
 */
#ifndef BASE_OWN_DIRECTORY_H
#define BASE_OWN_DIRECTORY_H

#include <stdbool.h>

#include "process_offline/status.h"

/* What a folder of ours may hold. */
struct directory_names {
    bool (*is_known)(const char *name);
    const char *proof; /* written first and removed last: no other folder of ours is
                          without it, unless it is empty */
};

/* What may be left of a run that was killed: by the name without ".tmp-" or ".old-". */
struct leftover_names {
    bool (*is_file)(const char *name);     /* NULL: no files */
    const struct directory_names *folders; /* NULL: no folders */
};

/* PO_OK when `path` is missing, empty or ours; else PO_BAD_ARGUMENT names what is not. */
PO_MUST_CHECK enum po_status directory_check_own(const char *path,
                                                 const struct directory_names *names,
                                                 struct po_error *error);
/* Removes a folder that directory_check_own finds ours; missing is fine. */
PO_MUST_CHECK enum po_status directory_remove_own(const char *path,
                                                  const struct directory_names *names,
                                                  struct po_error *error);

/* Removes those ".tmp-*" and ".old-*" in `parent` that are ours. */
PO_MUST_CHECK enum po_status own_directory_clean(const char *parent,
                                                 const struct leftover_names *names,
                                                 struct po_error *error);
/* Of these the folders alone whose names go on with `tag`: those that one of several
 * processes was building. One that is being put in its place meanwhile stays whole. */
PO_MUST_CHECK enum po_status
own_directory_clean_tagged(const char *parent, const struct leftover_names *names,
                           const char *tag, struct po_error *error);

/* The message of a call on a directory that failed with errno. */
enum po_status directory_failed(const char *what, const char *path,
                                struct po_error *error);

#endif
