/* SPDX-License-Identifier: Apache-2.0 */
/* The sessions in the folders below one, down to two levels. */
#ifndef SESSION_SESSION_BELOW_H
#define SESSION_SESSION_BELOW_H

#include "session/session_set.h"

struct session_sets {
    int count;
    int capacity;
    struct session_set *sets;
    struct po_error unread; /* the first folder that could not be listed */
};

/* Folders that are one side of a session, or hold results of this program, are none.
 * `digits_are_sides`: view_0/ and view_1/ are sides too. */
PO_MUST_CHECK enum po_status
session_sets_find(const char *path, const struct po_input_settings *input,
                  bool want_ground_truth, bool digits_are_sides,
                  struct session_sets *sets, struct po_error *error);
void session_sets_release(struct session_sets *sets);

bool session_sets_have_pairs(const struct session_sets *sets);
/* The one set of captures, where there are none the one of pictures of boards, else the
 * one of results; -1: none or several. */
int session_sets_only(const struct session_sets *sets);
/* Their paths below `path`, with commas. */
void session_sets_names(const struct session_sets *sets, const char *path, char *names,
                        size_t bytes);

/* What is in a folder without pairs, and what to do. Never PO_OK. */
PO_MUST_CHECK enum po_status session_nothing_known(const char *path,
                                                   const struct po_input_settings *input,
                                                   struct po_error *error);

#endif
