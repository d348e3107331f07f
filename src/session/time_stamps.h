/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time stamps: images of one camera with the nanosecond each was taken.
 *
 * Stamps come from a data.csv ("stamp,name" lines) or from names that are numbers; only
 * images that are in the folder count. Ownership: stamped_list_release.
 */
#ifndef SESSION_TIME_STAMPS_H
#define SESSION_TIME_STAMPS_H

#include <stdint.h>

#include "session/layout.h"

struct stamped_name {
    int64_t stamp_ns;
    const char *name; /* of the listing */
};

struct stamped_list {
    int count;
    struct stamped_name *names; /* in order of time */
};

/* `csv_path` may name a file that does not exist. Images without a stamp become
 * unmatched. */
PO_MUST_CHECK enum po_status stamped_list_read(const struct listing *listing,
                                               const char *folder, const char *csv_path,
                                               struct stamped_list *stamps,
                                               struct pair_list *pairs,
                                               struct po_error *error);
void stamped_list_release(struct stamped_list *stamps);

/* Pairs each left stamp with the nearest right one within the tolerance. */
PO_MUST_CHECK enum po_status pair_by_time(struct pair_list *pairs,
                                          const char *const folders[2],
                                          const struct stamped_list sides[2],
                                          double tolerance_s, struct po_error *error);

#endif
