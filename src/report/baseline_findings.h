/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Baseline findings: what got worse, a sentence each.
 *
 * Invariant: those of one frame stand together, those of the session have no id.
 * Ownership: ids are the past report's, texts the list's; release is fine on a zeroed
 * list.
 */
#ifndef REPORT_BASELINE_FINDINGS_H
#define REPORT_BASELINE_FINDINGS_H

#include <stdbool.h>

#include "process_offline/status.h"

struct baseline_finding {
    const char *id; /* of a frame of this run; NULL: of the session, or of a lost frame */
    bool unfinished; /* the frame has no result now, which its own status says, too */
    char *text;
};

struct baseline_findings {
    int count;
    int capacity;
    struct baseline_finding *rows;
};

/* Takes over `text`, also when it fails. */
PO_MUST_CHECK enum po_status baseline_findings_add(struct baseline_findings *findings,
                                                   struct baseline_finding finding,
                                                   struct po_error *error);
/* By id, those of the session first: for baseline_findings_of. */
void baseline_findings_sort(struct baseline_findings *findings);
/* The first finding of a frame in a sorted list, and how many; NULL: none. */
const struct baseline_finding *
baseline_findings_of(const struct baseline_findings *findings, const char *id,
                     int *count);
void baseline_findings_release(struct baseline_findings *findings);

#endif
