/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session set: the pairs of one folder, under the layout that gives the most of them.
 *
 * Ownership: session_set_release frees the pairs and the path; a zeroed set is empty.
 */
#ifndef SESSION_SESSION_SET_H
#define SESSION_SESSION_SET_H

#include "session/manifest_parts.h"

struct session_set {
    char *path;
    const struct layout *layout; /* NULL: no row knows the folder */
    struct pair_list pairs;
    struct po_error problem; /* why a known folder has no pair */
};

/*
 * Tries every row that knows the folder. A format goes before names alone; of these,
 * captures before results, then the most pairs. The others are reported as not used.
 * Errors: of the listing, and the first row's when none has a pair.
 */
PO_MUST_CHECK enum po_status
session_set_list(const char *path, const struct po_input_settings *input,
                 bool want_ground_truth, struct session_set *set, struct po_error *error);
void session_set_release(struct session_set *set);

#endif
