/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairing by keys: what each image file is paired by, and the files of two sides whose
 * keys are equal, or are time stamps close to each other.
 *
 * Ownership: a keyed list owns its keys until keyed_list_release; names are those of the
 * listing.
 */
#ifndef SESSION_PAIR_KEYS_H
#define SESSION_PAIR_KEYS_H

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

/* Pairs equal keys; the rest is unmatched. No pair because files share a key: an error.
 */
PO_MUST_CHECK enum po_status pair_by_key(struct pair_list *pairs,
                                         const char *const folders[2],
                                         struct keyed_list sides[2],
                                         struct po_error *error);
/* The same, and by time where the keys of both sides are time stamps. No pair is no
 * error. */
PO_MUST_CHECK enum po_status pair_by_key_or_time(struct pair_list *pairs,
                                                 const char *const folders[2],
                                                 struct keyed_list sides[2],
                                                 double tolerance_s,
                                                 struct po_error *error);

#endif
