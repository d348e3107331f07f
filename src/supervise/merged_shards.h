/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merged shards: what the records of all shards say together, as one run would have said
 * it. What is on disk decides whether a frame is done; records tell the rest.
 *
 * Invariant: it follows from the records and results alone, so merging twice gives the
 * same report. Ownership: merged_shards_release.
 */
#ifndef SUPERVISE_MERGED_SHARDS_H
#define SUPERVISE_MERGED_SHARDS_H

#include "supervise/session_run.h"

struct merged_shards {
    struct report_memory memory; /* the largest of each */
    struct report_sandbox sandbox;
    double wall_s; /* from the first shard's begin to the last one's end, by the clock of
                      the file system */
    int workers;   /* sum */
    int batch_size;
    int unit;  /* frames that stay together in a shard */
    int parts; /* N that the shards have in common; 0: none was begun, or they differ */
    int shard_count;
    struct report_shard *shards; /* in order; with `parts`, all of them */
};

/* Reads the records and ends the frames of `run`, whose manifest, values and setups are
 * there. */
PO_MUST_CHECK enum po_status merged_shards_make(struct session_run *run,
                                                struct merged_shards *merged,
                                                struct po_error *error);
void merged_shards_release(struct merged_shards *merged);

double merged_shards_wall_s(const struct merged_shards *merged);
/* In place of what one run would say of itself. */
void merged_shards_report(const struct merged_shards *merged, struct run_report *report);

#endif
