/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame's folder on its way to its place: written whole, not yet on the disk. What is
 * left to do waits for the disk and wants neither a worker nor the frame's scratch, so it
 * goes on beside the worker's next frame.
 *
 * Invariant: the folder is put in its place only when every file in it is on the disk, so
 * that after a crash at any moment the old frame or the new one is there, whole.
 * Ownership: the descriptors, and the folder until it is published; ended by publish or
 * discard. What it points to is borrowed for the run.
 */
#ifndef FRAME_FRAME_PUBLICATION_H
#define FRAME_FRAME_PUBLICATION_H

#include <stdint.h>

#include "base/atomic_file.h"
#include "base/cancel.h"
#include "frame/frame_writers.h"

struct frame_context;
struct frame_entry;

/* Complete, and not synced. */
struct unsynced_file {
    int descriptor; /* -1: closed */
    const char *name;
};

struct frame_publication {
    const struct frame_context *context;
    const struct frame_entry *entry;
    int64_t written_ns; /* when its last byte was written; 0: it is not complete */
    int file_count;
    struct unsynced_file files[ARTEFACT_COUNT + 1]; /* and the record */
    char building[ATOMIC_FILE_PATH_BYTES];          /* the folder; "": none */
};

/* Makes the folder, for a publication that holds nothing. */
PO_MUST_CHECK enum po_status
frame_publication_begin(struct frame_publication *publication, struct po_error *error);
/* The path of one of its files: ATOMIC_FILE_PATH_BYTES. */
PO_MUST_CHECK enum po_status
frame_publication_path(const struct frame_publication *publication, const char *name,
                       char *path, struct po_error *error);
/* Takes over a file that is complete; `name` must outlive it. `hash` as in
 * atomic_file_hand_over. */
PO_MUST_CHECK enum po_status frame_publication_add(struct frame_publication *publication,
                                                   struct atomic_file *file,
                                                   const char *name, struct hash *hash,
                                                   struct po_error *error);
/* Syncs the files, puts the folder in its place, and ends the publication, also on
 * failure. Nothing where it was not complete. */
PO_MUST_CHECK enum po_status
frame_publication_publish(struct frame_publication *publication,
                          const struct cancel *cancel, struct po_error *error);
/* Removes what is not published. Safe after publish and on a zeroed struct. */
void frame_publication_discard(struct frame_publication *publication);

#endif
