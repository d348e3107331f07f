/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing: the visible entries of one directory, in natural order.
 *
 * Hidden entries and the program's own output folder are left out. No file is opened:
 * an entry is an image when its extension says so, whatever it turns out to be, so that
 * a FIFO or a folder in an image's place becomes a frame that fails with its reason.
 * Ownership: listing_release frees names and entries; a zeroed listing is empty.
 */
#ifndef SESSION_LISTING_H
#define SESSION_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/path.h"
#include "process_offline/status.h"

/* The folder results go to by default; never part of a session. */
#define OUTPUT_FOLDER "reconstruction"
/* The kernel's own folder in the root of a disk, which nobody else may read. */
#define LOST_FOUND "lost+found"

struct listing_entry {
    const char *name;
    bool is_directory;
    bool is_image;
};

struct listing {
    int count;
    struct listing_entry *entries;
    char *names;
};

/* PO_NOT_FOUND when nothing is there; PO_IO when it cannot be listed. */
PO_MUST_CHECK enum po_status listing_read(const char *path, struct listing *listing,
                                          struct po_error *error);
/* The same of a folder that nobody named: empty where it is not there, or where this user
 * may not look. */
PO_MUST_CHECK enum po_status
listing_read_allowed(const char *path, struct listing *listing, struct po_error *error);
void listing_release(struct listing *listing);

/* The entry with this exact name, NULL when there is none. */
const struct listing_entry *listing_find(const struct listing *listing, const char *name);
/* The first image whose name without extension is `stem`, any case; NULL: none. */
const char *listing_find_image(const struct listing *listing, const char *stem);
int listing_count_images(const struct listing *listing);

bool name_is_image(const char *name);
/* Whether `directory`/`name` is a directory, or cannot be looked at: that is noted in
 * `trouble`, NULL where listing it comes next and says why. */
bool directory_exists(const char *directory, const char *name, struct po_error *trouble);
/* Whether it is there at all, or cannot be looked at, which is noted in `trouble`. */
bool entry_exists(const char *directory, const char *name, struct po_error *trouble);

/* Keeps the first fault of those that leave open what is there: whoever decides by it
 * passes it on. */
void trouble_note(struct po_error *trouble, enum po_status status, const char *format,
                  ...) PO_PRINTF(3, 4);
PO_MUST_CHECK enum po_status trouble_status(const struct po_error *trouble,
                                            struct po_error *error);
/* Whether a path out of a session's file stays inside it: relative, no "..". */
bool path_stays_inside(const char *path);

#endif
