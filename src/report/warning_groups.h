/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Warnings of frames, alike ones together: two are alike when they differ in numbers
 * alone. What a thousand frames say is one line with a count.
 *
 * Ownership: plain value, large; init with zeros.
 */
#ifndef REPORT_WARNING_GROUPS_H
#define REPORT_WARNING_GROUPS_H

#include "base/warning_list.h"
#include "record/run_report.h"

enum { WARNING_GROUPS_MAX = 24 };

struct warning_group {
    int frames;
    char first[RECORD_ID_BYTES]; /* the frame that said it first */
    char text[WARNING_BYTES];    /* as that frame said it */
};

struct warning_groups {
    int count;
    int left_out; /* warnings beyond the groups there is room for */
    struct warning_group groups[WARNING_GROUPS_MAX];
};

/* Equal but for their numbers. */
bool warning_texts_alike(const char *a, const char *b);

void warning_groups_add(struct warning_groups *groups, const char *frame,
                        const char *text);

/* Those of all frames of a report. */
void warning_groups_collect(struct warning_groups *groups,
                            const struct run_report *report);

#endif
