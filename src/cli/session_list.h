/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session list: the sessions of one call, from --input given several times or a file of
 * --input-list, one path a line. Ownership: session_list_release; a zeroed list is empty.
 */
#ifndef CLI_SESSION_LIST_H
#define CLI_SESSION_LIST_H

#include <stdbool.h>

#include "process_offline/status.h"

struct session_list {
    char **paths;
    int count;
    bool is_file; /* a list was given, be it of one */
};

PO_MUST_CHECK enum po_status session_list_add(struct session_list *list, const char *path,
                                              struct po_error *error);
/* Lines of a file; empty ones and those that begin with # are left out. Relative paths
 * are as on the command line. PO_BAD_ARGUMENT: it names no session. */
PO_MUST_CHECK enum po_status session_list_read(struct session_list *list,
                                               const char *path, struct po_error *error);
void session_list_release(struct session_list *list);

/* What tells a session from the others, for its folder below --output: the last part of
 * its path. False: it has none that can be used. */
PO_MUST_CHECK bool session_list_name(const char *path, char *name, int name_bytes);
/* PO_BAD_ARGUMENT when two sessions are one, or would share an output below --output. */
PO_MUST_CHECK enum po_status session_list_check(const struct session_list *list,
                                                bool share_output,
                                                struct po_error *error);

#endif
