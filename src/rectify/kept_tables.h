/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kept tables: the remap tables of a session's calibrations in shared memory, so that of
 * the children that need them one after another only the first makes them.
 *
 * Invariant: tables count only under the key of what they were made from, and once their
 * maker has said that they are whole; a child that died before leaves none.
 * Ownership: kept_tables_release, safe on a zeroed struct.
 */
#ifndef RECTIFY_KEPT_TABLES_H
#define RECTIFY_KEPT_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"

struct kept_tables {
    int count;
    size_t slot_bytes;
    unsigned char *slots; /* by calibration index; NULL: there is no room */
};

/* Makes room for `count` times tables of up to `table_bytes`. Where the system refuses it
 * there is none, which is no error: each child makes its own. */
void kept_tables_init(struct kept_tables *tables, int count, size_t table_bytes);
void kept_tables_release(struct kept_tables *tables);

/* Where the tables of a calibration lie, or may be put by the one child there is at a
 * time; NULL: there is no room for `bytes`. `tables` may be NULL. */
void *kept_tables_room(const struct kept_tables *tables, int index, size_t bytes);
/* Whether what lies there is whole, and of this key. */
bool kept_tables_hold(const struct kept_tables *tables, int index, struct hash key);
/* Maps what lies there into this process, whose memory it then counts to, as if it had
 * made it itself: the plan of the run's memory goes by what a child holds when it is
 * ready. */
void kept_tables_map(const struct kept_tables *tables, int index, size_t bytes);
/* Before and after they are put there. */
void kept_tables_begin(const struct kept_tables *tables, int index);
void kept_tables_end(const struct kept_tables *tables, int index, struct hash key);

#endif
