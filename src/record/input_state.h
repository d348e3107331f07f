/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input state: what stat said of a frame's inputs when their content was last hashed, so
 * that a second run need not read them again. Lives in .state/, never in frame.json:
 * times and inodes are of this machine.
 *
 * Invariant: a state that cannot be read is as good as none. Ownership: plain value.
 */
#ifndef RECORD_INPUT_STATE_H
#define RECORD_INPUT_STATE_H

#include <stdbool.h>

#include "base/hash.h"
#include "base/input_file.h"
#include "process_offline/status.h"

enum { INPUT_STATE_MAX = 4 };

struct input_state_entry {
    struct input_stat stat;
    struct hash hash;
};

struct input_state {
    int count;
    struct input_state_entry entries[INPUT_STATE_MAX];
    bool has_record; /* the hash of the frame.json that was made of them is known */
    struct hash record;
};

/* Replaces `path` atomically, without sync: losing it costs only a hash. */
PO_MUST_CHECK enum po_status input_state_write(const struct input_state *state,
                                               const char *path, struct po_error *error);
PO_MUST_CHECK enum po_status input_state_read(const char *path, struct input_state *state,
                                              struct po_error *error);

#endif
