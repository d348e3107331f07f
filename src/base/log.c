/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "base/outside_text.h"

enum { LOG_LINE_BYTES = 4096, LOG_BRIEF_BYTES = 768 };

static struct {
    enum log_level level;
    bool jsonl;
    void (*before_line)(void *context);
    void *before_context;
} log_state = {LOG_INFO, false, NULL, NULL};

static const char *const level_names[] = {"error", "warning", "info", "debug"};

void log_set_level(enum log_level level)
{
    log_state.level = level;
}

void log_set_jsonl(bool jsonl)
{
    log_state.jsonl = jsonl;
}

enum log_level log_get_level(void)
{
    return log_state.level;
}

void log_set_before_line(void (*callback)(void *context), void *context)
{
    log_state.before_line = callback;
    log_state.before_context = context;
}

/* Appends to a line being made; what does not fit is cut. */
struct log_text {
    char *bytes;
    size_t capacity;
    size_t used;
};

static void append(struct log_text *line, const char *format, ...) PO_PRINTF(2, 3);
static void append(struct log_text *line, const char *format, ...)
{
    size_t room = line->capacity - line->used;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line->bytes + line->used, room, format, arguments);
    va_end(arguments);
    if (length > 0)
        line->used += (size_t)length < room ? (size_t)length : room - 1;
}

/* The string with the escapes of JSON; room stays for what closes the line. */
static void append_string(struct log_text *line, const char *key, const char *text)
{
    enum { CLOSING_BYTES = 256 };
    append(line, ",\"%s\":\"", key);
    for (; *text != '\0' && line->used + CLOSING_BYTES < line->capacity; text++) {
        if (*text == '"' || *text == '\\')
            line->bytes[line->used++] = '\\';
        line->bytes[line->used++] = *text;
    }
    line->bytes[line->used] = '\0';
    append(line, "\"");
}

static void append_time(struct log_text *line)
{
    enum { NS_PER_MS = 1000000 };
    struct timespec now;
    struct tm parts;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &parts);
    append(line, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\"",
           parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
           parts.tm_min, parts.tm_sec, now.tv_nsec / NS_PER_MS);
}

static void append_frame(struct log_text *line, const char *frame)
{
    char clean[LOG_LINE_BYTES / 4];
    (void)snprintf(clean, sizeof(clean), "%s", frame);
    outside_text_clean(clean, "");
    append_string(line, "frame", clean);
}

static void make_json(struct log_text *line, enum log_level level,
                      const struct log_event *event, const char *text)
{
    append_time(line);
    append(line, ",\"level\":\"%s\",\"event\":\"%s\"", level_names[level], event->event);
    if (event->frame != NULL)
        append_frame(line, event->frame);
    if (event->status != NULL)
        append_string(line, "status", event->status);
    if (event->stage != NULL)
        append_string(line, "stage", event->stage);
    if (event->points >= 0)
        append(line, ",\"points\":%.0f", event->points);
    if (event->ms >= 0)
        append(line, ",\"ms\":%.1f", event->ms);
    append_string(line, "message", text);
    append(line, "}\n");
}

/* One that is cut ends its line all the same. */
static void make_text(struct log_text *line, enum log_level level, const char *text)
{
    if (level != LOG_INFO)
        append(line, "%s: ", level_names[level]);
    append(line, "%s", text);
    line->used = size_minimum(line->used, line->capacity - 2);
    append(line, "\n");
}

static const struct log_event plain_message = {"message", NULL, NULL, NULL, -1, -1};

static void send(const struct log_text *line)
{
    if (log_state.before_line != NULL)
        log_state.before_line(log_state.before_context);
    if (line->used > 0 && write(STDERR_FILENO, line->bytes, line->used) < 0) {
        /* Nowhere left to say so. */
    }
}

static void put(enum log_level level, const struct log_event *event, char *text)
{
    char bytes[LOG_LINE_BYTES];
    struct log_text line = {bytes, sizeof(bytes), 0};
    outside_text_clean(text, "");
    if (log_state.jsonl)
        make_json(&line, level, event, text);
    else
        make_text(&line, level, text);
    send(&line);
}

void log_brief_error(char *text)
{
    char bytes[LOG_BRIEF_BYTES];
    struct log_text line = {bytes, sizeof(bytes), 0};
    outside_text_clean(text, "");
    if (log_state.jsonl)
        make_json(&line, LOG_ERROR, &plain_message, text);
    else
        make_text(&line, LOG_ERROR, text);
    send(&line);
}

PO_PRINTF(3, 0)
static void put_format(enum log_level level, const struct log_event *event,
                       const char *format, va_list arguments)
{
    char text[LOG_LINE_BYTES / 2];
    if (level > log_state.level)
        return;
    (void)vsnprintf(text, sizeof(text), format, arguments);
    put(level, event, text);
}

void log_line(enum log_level level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_format(level, &plain_message, format, arguments);
    va_end(arguments);
}

void log_event(enum log_level level, const struct log_event *event, const char *format,
               ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_format(level, event, format, arguments);
    va_end(arguments);
}
