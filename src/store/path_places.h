/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Path places: whether a path leads through, or to, one of a few folders and files,
 * whatever it is called. Each is known by device and inode; a path is followed by its
 * name, behind each of its links, and from its real place up to the root.
 */
#ifndef STORE_PATH_PLACES_H
#define STORE_PATH_PLACES_H

#include <sys/types.h>

#include "process_offline/status.h"

enum { PATH_PLACES_MAX = 8, PATH_PLACES_BYTES = 4096, PATH_PLACES_CLEAR = 8 };

struct path_place {
    dev_t device;
    ino_t inode;
    const char *name; /* what it was given as; the caller's */
};

struct path_places {
    int count;
    struct path_place places[PATH_PLACES_MAX];
    int cleared; /* folders that were followed and lead to no place: a ring */
    char clear[PATH_PLACES_CLEAR][PATH_PLACES_BYTES];
};

/* Adds what is there at `path`, if anything is. Zeroed places hold none. */
PO_MUST_CHECK enum po_status path_places_add(struct path_places *places, const char *path,
                                             struct po_error *error);
/* *met is the name of a place `path` leads to, NULL: none. What is missing leads nowhere;
 * what cannot be looked at is PO_IO. */
PO_MUST_CHECK enum po_status path_places_follow(struct path_places *places,
                                                const char *path, const char **met,
                                                struct po_error *error);

#endif
