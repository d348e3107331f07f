/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and directories that appear whole or not at all.
 *
 * A file is written under a temporary name beside its target, synced, then renamed; a
 * frame's folder likewise: built as ".tmp-<name>", the old one moved to ".old-<name>",
 * the new one renamed in, the old removed. Names that begin so are leftovers of a crash
 * and are removed by own_directory_clean. Every write error names the file and its
 * cause.
 */
#ifndef BASE_ATOMIC_FILE_H
#define BASE_ATOMIC_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"
#include "base/own_directory.h"
#include "process_offline/status.h"

enum { ATOMIC_FILE_PATH_BYTES = 4096, ATOMIC_FILE_BUFFER_BYTES = 65536 };

/* A buffered writer. Plain value; init by open, always ended by publish, hand_over or
 * discard. */
struct atomic_file {
    int descriptor; /* -1: closed */
    bool temporary; /* written under a temporary name */
    bool sync;
    size_t buffered;
    unsigned long long written; /* bytes handed to the system or buffered */
    unsigned long long flushed; /* of them by the system, in the order of the file */
    struct hash_stream *hash;   /* of what was flushed; NULL: not kept */
    char path[ATOMIC_FILE_PATH_BYTES];
    char temporary_path[ATOMIC_FILE_PATH_BYTES];
    unsigned char buffer[ATOMIC_FILE_BUFFER_BYTES];
};

/* Opens a temporary beside `path`; publish syncs and renames it. */
PO_MUST_CHECK enum po_status atomic_file_open(struct atomic_file *file, const char *path,
                                              struct po_error *error);
/* The same where several processes may write `path` at once: the temporary's name is this
 * call's alone. The last one to publish wins. */
PO_MUST_CHECK enum po_status atomic_file_open_shared(struct atomic_file *file,
                                                     const char *path,
                                                     struct po_error *error);
/* Opens `path` itself, for files inside a folder that is published as a whole. */
PO_MUST_CHECK enum po_status atomic_file_open_plain(struct atomic_file *file,
                                                    const char *path, bool sync,
                                                    struct po_error *error);
/* Writes into what `path` is already, a pipe or a character device; without a reader at
 * the other end of a pipe that is an error. */
PO_MUST_CHECK enum po_status atomic_file_open_through(struct atomic_file *file,
                                                      const char *path,
                                                      struct po_error *error);
PO_MUST_CHECK enum po_status atomic_file_write(struct atomic_file *file, const void *data,
                                               size_t bytes, struct po_error *error);
PO_MUST_CHECK enum po_status atomic_file_print(struct atomic_file *file,
                                               struct po_error *error, const char *format,
                                               ...) PO_PRINTF(3, 4);
/* Overwrites bytes already written, for headers whose counts are known only at the end.
 */
PO_MUST_CHECK enum po_status atomic_file_patch(struct atomic_file *file,
                                               unsigned long long offset,
                                               const void *data, size_t bytes,
                                               struct po_error *error);
/* What is written next goes to `offset`: for rows that come in another order than the
 * file's. `written` still counts bytes, so each is to be written once. */
PO_MUST_CHECK enum po_status atomic_file_move_to(struct atomic_file *file,
                                                 unsigned long long offset,
                                                 struct po_error *error);
/* How long the file will be in the end, before its first byte: the system may find the
 * room for it at once. Where it does not, or there is none, writing tells. */
void atomic_file_expect(struct atomic_file *file, unsigned long long bytes);
/* Hashes what is written from here on, for hand_over; at the file's start. */
void atomic_file_hash(struct atomic_file *file);
/* Has the system begin to put on the disk what was written, so that publish waits less;
 * what fails there, publish says. */
PO_MUST_CHECK enum po_status atomic_file_begin_sync(struct atomic_file *file,
                                                    struct po_error *error);
PO_MUST_CHECK enum po_status atomic_file_publish(struct atomic_file *file,
                                                 struct po_error *error);
/* Ends a plain file, which the system has whole and the disk may not: that is so once its
 * descriptor, now the caller's, is synced. `hash` (NULL: not wanted) is of the content,
 * which is read back only where it was not written from the first byte to the last. */
PO_MUST_CHECK enum po_status atomic_file_hand_over(struct atomic_file *file,
                                                   struct hash *hash, int *descriptor,
                                                   struct po_error *error);
/* Has the system begin to put it on the disk; what fails there, syncing says. */
void atomic_file_send_handed(int descriptor);
/* Syncs and closes what was handed over; `path` names it in a message. */
PO_MUST_CHECK enum po_status atomic_file_sync_handed(int *descriptor, const char *path,
                                                     struct po_error *error);
/* Closes and removes what is not published. Safe after publish and on a zeroed struct. */
void atomic_file_discard(struct atomic_file *file);

/* Makes `path` and its missing parents. */
PO_MUST_CHECK enum po_status directory_make(const char *path, struct po_error *error);
/* A folder that is built and then put in its place. */
struct atomic_directory {
    const char *parent;
    const char *name;
    const char *tag; /* of processes that may build the same folder at once: each its
                        own; "" where there is one process */
    const struct directory_names *names;
};

/* Makes "<parent>/.tmp-<tag><name>", empty but for the proof, and writes its path to
 * `building`. */
PO_MUST_CHECK enum po_status
atomic_directory_begin(const struct atomic_directory *directory, char *building,
                       size_t building_bytes, struct po_error *error);
/* Syncs it and puts it in the place of "<parent>/<name>", which has to be ours. Of
 * several processes that publish at once the last one's stays, whole. */
PO_MUST_CHECK enum po_status
atomic_directory_publish(const struct atomic_directory *directory,
                         struct po_error *error);

#endif
