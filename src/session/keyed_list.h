/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keyed list: image files of one side, each with what it is paired by.
 *
 * Ownership: a keyed list owns its keys until keyed_list_release; names are those of the
 * listing.
 */
#ifndef SESSION_KEYED_LIST_H
#define SESSION_KEYED_LIST_H

#include "session/layout.h"

struct keyed_name {
    char *key;
    const char *name;
};

struct keyed_list {
    int count;
    int capacity;
    struct keyed_name *names;
};

PO_MUST_CHECK enum po_status keyed_list_add(struct keyed_list *list, const char *key,
                                            const char *name, struct po_error *error);
void keyed_list_release(struct keyed_list *list);
/* In natural order of the keys. Files of one key (a.pgm beside a.png) become unmatched,
 * with a warning: which of them is meant nobody knows. */
PO_MUST_CHECK enum po_status keyed_list_sort(struct keyed_list *list,
                                             struct pair_list *pairs, const char *folder,
                                             struct po_error *error);

#endif
