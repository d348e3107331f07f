/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both parts of the comparison with a baseline share, the session as a whole
 * (baseline.c) and frame by frame (baseline_frames.c).
 *
 * Invariant: every finding goes through baseline_note. Ownership: borrows all it points
 * to.
 */
#ifndef REPORT_BASELINE_PARTS_H
#define REPORT_BASELINE_PARTS_H

#include <stdio.h>

#include "record/run_report.h"
#include "report/baseline_findings.h"
#include "report/baseline_tolerance.h"

enum worse_kind {
    WORSE_STATUS,
    WORSE_SCORE,
    WORSE_POINTS,
    WORSE_EXTENT,
    WORSE_SESSION, /* of no single frame; always printed */
    WORSE_KINDS
};

enum { LINES_PER_KIND = 20 }; /* then findings are only counted */

/* What is compared of a score, each in its own tolerance; all grow when it gets worse. */
enum { RATES = 6 };

struct rate {
    const char *name;
    double value;
    double tolerance;
};

struct comparison {
    const struct past_report *past;
    const struct past_report *present;
    const struct baseline_tolerance *tolerance;
    FILE *stream;
    struct baseline_findings *findings;
    struct po_error *error;
    enum po_status status; /* of the list of findings */
    int absent;            /* frames of the baseline that this run did not select */
    int compared;          /* finished in both */
    int scored_frames;     /* in both, and the mean of their scores */
    struct frame_scores past_scores;
    struct frame_scores present_scores;
    int lines[WORSE_KINDS];
    double past_ms; /* sums over frames that ran in both */
    double present_ms;
};

/* One finding, printed unless there are many of its kind. */
void baseline_note(struct comparison *comparison, enum worse_kind kind, const char *id,
                   const char *format, ...) PO_PRINTF(4, 5);

void baseline_rates(const struct score *score, const struct baseline_tolerance *tolerance,
                    struct rate rates[RATES]);

#endif
