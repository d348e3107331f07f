/* SPDX-License-Identifier: Apache-2.0 */
#include "base/outside_text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { SHORT_TEXT_BYTES = 1024 };

struct mark_range {
    char first[4];
    char last[4];
};

/* In UTF-8: C1 controls, line and paragraph separators and marks of direction. */
static const struct mark_range harmful[] = {
    {"\xc2\x80", "\xc2\x9f"},
    {"\xe2\x80\x8e", "\xe2\x80\x8f"},
    {"\xe2\x80\xa8", "\xe2\x80\xae"},
    {"\xe2\x81\xa6", "\xe2\x81\xa9"},
};

static bool is_mark(const char *text, size_t bytes)
{
    for (size_t i = 0; i < sizeof(harmful) / sizeof(harmful[0]); i++)
        if (strlen(harmful[i].first) == bytes &&
            memcmp(text, harmful[i].first, bytes) >= 0 &&
            memcmp(text, harmful[i].last, bytes) <= 0)
            return true;
    return false;
}

size_t outside_text_next(const char *text, bool *harmless)
{
    size_t bytes = utf8_sequence_bytes(text);
    unsigned char first = (unsigned char)text[0];
    if (bytes <= 1)
        *harmless = bytes == 1 && first >= 0x20 && first != 0x7f;
    else
        *harmless = !is_mark(text, bytes);
    return bytes > 0 ? bytes : 1;
}

void outside_text_clean(char *text, const char *keep)
{
    char *to = text;
    while (*text != '\0') {
        bool harmless;
        size_t bytes = outside_text_next(text, &harmless);
        if (harmless || strchr(keep, *text) != NULL) {
            memmove(to, text, bytes);
            to += bytes;
        } else {
            *to++ = '?';
        }
        text += bytes;
    }
    *to = '\0';
}

static void print_clean(FILE *stream, char *text, const char *keep)
{
    outside_text_clean(text, keep);
    (void)fputs(text, stream);
}

/* Texts that do not fit are made on the heap; without memory for them they are cut. */
static void print(FILE *stream, const char *format, va_list arguments) PO_PRINTF(2, 0);
static void print(FILE *stream, const char *format, va_list arguments)
{
    char text[SHORT_TEXT_BYTES];
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(text, sizeof(text), format, arguments);
    char *whole = NULL;
    if (length >= (int)sizeof(text))
        whole = malloc((size_t)length + 1);
    if (whole != NULL)
        (void)vsnprintf(whole, (size_t)length + 1, format, again);
    va_end(again);
    if (length >= 0)
        print_clean(stream, whole != NULL ? whole : text, "");
    free(whole);
}

void text_part(FILE *stream, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print(stream, format, arguments);
    va_end(arguments);
}

void text_line(FILE *stream, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print(stream, format, arguments);
    va_end(arguments);
    text_end(stream);
}

void text_end(FILE *stream)
{
    (void)fputc('\n', stream);
}

void text_tab(FILE *stream)
{
    (void)fputc('\t', stream);
}

void text_lines(FILE *stream, char *text)
{
    print_clean(stream, text, "\n\t");
}
