/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/outside_text.h"

enum { LOG_LINE_BYTES = 4096 };

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

/* Escapes for a JSON string; always terminated, cut where it does not fit. */
static void escape_json(char *out, size_t out_bytes, const char *text)
{
    size_t used = 0;
    for (; *text != '\0' && used + 3 < out_bytes; text++) {
        if (*text == '"' || *text == '\\')
            out[used++] = '\\';
        out[used++] = *text;
    }
    out[used] = '\0';
}

void log_line(enum log_level level, const char *format, ...)
{
    if (level > log_state.level)
        return;
    char text[LOG_LINE_BYTES / 2];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    outside_text_clean(text, "");

    char line[LOG_LINE_BYTES];
    int length;
    if (log_state.jsonl) {
        char escaped[LOG_LINE_BYTES - 128];
        escape_json(escaped, sizeof(escaped), text);
        length = snprintf(line, sizeof(line), "{\"level\":\"%s\",\"message\":\"%s\"}\n",
                          level_names[level], escaped);
    } else if (level == LOG_INFO) {
        length = snprintf(line, sizeof(line), "%s\n", text);
    } else {
        length = snprintf(line, sizeof(line), "%s: %s\n", level_names[level], text);
    }
    if (log_state.before_line != NULL)
        log_state.before_line(log_state.before_context);
    if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0) {
        /* Nowhere left to say so. */
    }
}
