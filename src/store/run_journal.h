/* SPDX-License-Identifier: Apache-2.0 */
/* Run journal: what was noteworthy in a run, for its report. Bounded; the rest is
 * dropped. */
#ifndef STORE_RUN_JOURNAL_H
#define STORE_RUN_JOURNAL_H

#include "record/run_report.h"

enum { RUN_JOURNAL_MAX = 64 };

struct run_journal {
    double start_s;
    int length;
    struct report_event events[RUN_JOURNAL_MAX];
};

void run_journal_add(struct run_journal *journal, const char *format, ...)
    PO_PRINTF(2, 3);

#endif
