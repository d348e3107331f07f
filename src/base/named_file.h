/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named file: a file that is written where a person said, so whatever is there is theirs.
 *
 * A regular file appears whole, as in atomic_file.h, also where the name is a link to it;
 * the link stays. A pipe, a terminal or another character device is written through; it
 * is never replaced. Directories, block devices and sockets are refused.
 */
#ifndef BASE_NAMED_FILE_H
#define BASE_NAMED_FILE_H

#include "base/atomic_file.h"

/* Where the bytes of a name go. */
struct named_file_place {
    bool through; /* into what is there, without a new file */
    bool exists;
    char path[ATOMIC_FILE_PATH_BYTES]; /* links followed */
};

/* PO_BAD_ARGUMENT: nothing can be written there, and nothing was touched. */
PO_MUST_CHECK enum po_status
named_file_find(const char *path, struct named_file_place *place, struct po_error *error);
/* Opens `path` for writing; ended by atomic_file_publish and atomic_file_discard. */
PO_MUST_CHECK enum po_status named_file_open(struct atomic_file *file, const char *path,
                                             struct po_error *error);

#endif
