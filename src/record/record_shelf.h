/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Record shelf: the records of a session's frames, as far as a report needs them, packed
 * in memory. A report passes over its frames several times; reading 100,000 files of JSON
 * each time takes minutes.
 *
 * A record is kept as what differs from the first one, which is little: names and layout
 * are the same. Left out are keys and checksums, which no report shows. Above its limit a
 * shelf takes nothing more. Ownership: record_shelf_release; a zeroed shelf is empty.
 */
#ifndef RECORD_RECORD_SHELF_H
#define RECORD_RECORD_SHELF_H

#include "record/frame_record.h"

struct record_shelf {
    int frame_count;
    struct frame_record *first; /* what the others are told from */
    unsigned char **packed;     /* by frame; NULL: not kept */
    size_t bytes;               /* of all that are packed */
    struct frame_record *room;
    unsigned char *scratch;
};

/* Room for the records of so many frames. */
PO_MUST_CHECK enum po_status record_shelf_init(struct record_shelf *shelf,
                                               int frame_count, struct po_error *error);
void record_shelf_release(struct record_shelf *shelf);

/* Keeps a copy where there is room; else nothing. */
void record_shelf_put(struct record_shelf *shelf, int frame,
                      const struct frame_record *record);
/* False: it was not kept. */
PO_MUST_CHECK bool record_shelf_get(const struct record_shelf *shelf, int frame,
                                    struct frame_record *record);

#endif
