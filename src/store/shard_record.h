/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shard record: what one shard has to say, in .state/shards/<K>-of-<N>.json: how its
 * frames ended, and what else a report tells of a run. Written when the shard begins and
 * when it ends, by it alone; --merge reads all of them.
 *
 * A frame is one line of numbers and its message, as a session may have a million.
 * Ownership: shard_record_release; safe on a zeroed struct.
 */
#ifndef STORE_SHARD_RECORD_H
#define STORE_SHARD_RECORD_H

#include "process/run_state.h"
#include "record/run_report.h"
#include "store/run_journal.h"
#include "store/session_plan.h"

enum { SHARD_HOST_BYTES = 128 };

/* Part `number` of `count`: with a unit of 1 frames number - 1, number - 1 + count, ...
 * are its own, else as many frames in a row each time. */
struct shard {
    int number; /* from 1 */
    int count;  /* 0: the whole session, no shard */
    int unit;   /* frames that stay together; 1 but for a prior that is carried on */
};

/* The index in the session of a shard's frame, whether the session has as many or not. */
int shard_session_frame(const struct shard *shard, int frame);
/* Which of `count` shards a frame of the session belongs to, from 1. */
int shard_of_frame(int frame, int count, int unit);

struct shard_record {
    struct shard shard;
    char plan[HASH_TEXT_BYTES]; /* the name of the plan it followed */
    char host[SHARD_HOST_BYTES];
    int process;
    bool ended;         /* by itself */
    int64_t began_ns;   /* by the file system's clock */
    int64_t touched_ns; /* likewise, when it was written last */
    int exit_status;
    int workers;
    int batch_size;
    struct report_memory memory;
    struct report_sandbox sandbox;
    struct json *tree; /* for settings, warnings, events, frames */
};

/* What a record is made of beside its plain values; borrowed. */
struct shard_content {
    const struct settings_set *settings;
    const struct warning_list *warnings;
    const struct run_journal *journal;
    const struct run_state *state; /* NULL: the shard has only begun */
};

/* "<folder>/3-of-8<suffix>"; suffix ".json" or ".lock". */
PO_MUST_CHECK enum po_status shard_path(const char *folder, const struct shard *shard,
                                        const char *suffix, char *path,
                                        struct po_error *error);
/* Whether a file's name is such a one. */
bool shard_name_parse(const char *name, const char *suffix, struct shard *shard);

PO_MUST_CHECK enum po_status shard_record_write(const struct shard_record *record,
                                                const struct shard_content *content,
                                                const char *path, struct po_error *error);
PO_MUST_CHECK enum po_status
shard_record_read(const char *path, struct shard_record *record, struct po_error *error);
void shard_record_release(struct shard_record *record);

/* The first of the record's frames, the next one; NULL: no more. */
const struct json *shard_record_frames(const struct shard_record *record);
/* Fills `row`, with a message of its own, and the frame's index in the session; false
 * where the line is broken. */
PO_MUST_CHECK bool shard_record_frame(const struct json *line, int frame_count,
                                      int *frame, struct frame_state *row);

#endif
