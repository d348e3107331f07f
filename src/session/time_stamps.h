/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time stamps: images of one camera with the nanosecond each was taken.
 *
 * Stamps come from a data.csv ("stamp,name" lines) or from names, in any of the spellings
 * of stamp_text.h; only images that are in the folder count. Invariant: in order of time.
 * Ownership: stamped_list_release; names and keys are those of the listing and the keyed
 * list.
 */
#ifndef SESSION_TIME_STAMPS_H
#define SESSION_TIME_STAMPS_H

#include <stdint.h>

#include "session/keyed_list.h"

struct stamped_name {
    int64_t stamp_ns;
    const char *name;
    const char *key; /* what the frame is called; NULL: its stamp */
};

struct stamped_list {
    int count;
    struct stamped_name *names;
};

/* `csv_path` may name a file that does not exist. Images without a stamp become
 * unmatched. */
PO_MUST_CHECK enum po_status stamped_list_read(const struct listing *listing,
                                               const char *folder, const char *csv_path,
                                               struct stamped_list *stamps,
                                               struct pair_list *pairs,
                                               struct po_error *error);
/* `timed`: at least half of the keys of either side are time stamps; then those that are
 * fill `stamps` and the other files become unmatched. */
PO_MUST_CHECK enum po_status stamped_lists_of_keys(const struct keyed_list sides[2],
                                                   const char *const folders[2],
                                                   struct stamped_list stamps[2],
                                                   struct pair_list *pairs, bool *timed,
                                                   struct po_error *error);
void stamped_list_release(struct stamped_list *stamps);

/* Pairs stamps within the tolerance one to one, the nearest first; the rest is
 * unmatched. */
PO_MUST_CHECK enum po_status pair_by_time(struct pair_list *pairs,
                                          const char *const folders[2],
                                          const struct stamped_list sides[2],
                                          double tolerance_s, struct po_error *error);
/* The least time between two stamps of different sides; negative when a side is empty. */
double stamped_lists_gap_s(const struct stamped_list sides[2]);

#endif
