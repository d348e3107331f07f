/* SPDX-License-Identifier: Apache-2.0 */
#include "store/run_journal.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

void run_journal_add(struct run_journal *journal, const char *format, ...)
{
    if (journal->length == RUN_JOURNAL_MAX)
        return;
    struct report_event *event = &journal->events[journal->length++];
    va_list arguments;
    va_start(arguments, format);
    event->time_s = clock_monotonic_s() - journal->start_s;
    (void)vsnprintf(event->text, sizeof(event->text), format, arguments);
    va_end(arguments);
}
