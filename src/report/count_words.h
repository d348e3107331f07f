/* SPDX-License-Identifier: Apache-2.0 */
/* The counts of frame.json in plain words, and what they are a share of. */
#ifndef REPORT_COUNT_WORDS_H
#define REPORT_COUNT_WORDS_H

#include "record/frame_record.h"

struct count_words {
    const char *name;
    const char *words; /* NULL: not shown */
    const char *whole; /* the count it is a share of; NULL: the pixels matched */
};

/* NULL: no words for it. */
const struct count_words *count_words_find(const char *name);

/* Percent of the whole; below 0: there is none. */
double count_words_percent(const struct count_words *words,
                           const struct frame_record *record, uint64_t value);

#endif
