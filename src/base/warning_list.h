/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sentences for the person who reads the report: bounded, in order, without repeats.
 * Invariant: at most WARNING_LIST_MAX texts are kept; the rest is only counted.
 */
#ifndef BASE_WARNING_LIST_H
#define BASE_WARNING_LIST_H

#include "process_offline/status.h"

enum { WARNING_LIST_MAX = 24, WARNING_BYTES = 320 };

struct warning_list {
    int length;
    int dropped;
    char texts[WARNING_LIST_MAX][WARNING_BYTES];
};

void warning_list_add(struct warning_list *list, const char *format, ...) PO_PRINTF(2, 3);
/* The same, and says it in the log, whether or not the list has room for it. */
void warning_list_tell(struct warning_list *list, const char *format, ...)
    PO_PRINTF(2, 3);
/* Adds all of `from`, and what it dropped. */
void warning_list_join(struct warning_list *list, const struct warning_list *from);

#endif
