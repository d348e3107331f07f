/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: the one global of the program. One write(2) a line to stderr, no lock held,
 * safe in any thread and after fork. Lines are cut at 4096 bytes; control bytes become
 * '?'. As JSON lines each is an object of time, level, event and message, and of what
 * else its event knows.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "process_offline/status.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);
void log_set_jsonl(bool jsonl);
enum log_level log_get_level(void);
/* Called before each line: the progress painter clears its line. May be NULL. */
void log_set_before_line(void (*callback)(void *context), void *context);

void log_line(enum log_level level, const char *format, ...) PO_PRINTF(2, 3);

/* What programs want to know of a line, in JSON lines only; all but `event` may be
 * absent: NULL, or below 0. configs/log.schema.json describes them. */
struct log_event {
    const char *event; /* "message", "frame", "end" */
    const char *frame;
    const char *status;
    const char *stage;
    double points;
    double ms;
};

void log_event(enum log_level level, const struct log_event *event, const char *format,
               ...) PO_PRINTF(3, 4);

/* An error where hardly any stack is left: cut at 768 bytes; `text` is changed. */
void log_brief_error(char *text);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

#endif
