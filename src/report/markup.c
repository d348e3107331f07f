/* SPDX-License-Identifier: Apache-2.0 */
#include "report/markup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "record/utf8.h"

static void put(struct markup *markup, const char *text, size_t bytes)
{
    if (markup->status == PO_OK)
        markup->status = atomic_file_write(markup->file, text, bytes, markup->error);
}

void markup_raw(struct markup *markup, const char *text)
{
    put(markup, text, strlen(text));
}

void markup_print(struct markup *markup, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    markup_raw(markup, text);
}

static const char *entity_of(char byte)
{
    switch (byte) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static size_t put_one(struct markup *markup, const char *text)
{
    const char *entity = entity_of(*text);
    size_t bytes = utf8_sequence_bytes(text);
    bool control = bytes == 1 && ((unsigned char)*text < 0x20 || *text == 0x7f);
    if (entity != NULL)
        markup_raw(markup, entity);
    else if (bytes == 0 || control)
        markup_raw(markup, "?");
    else
        put(markup, text, bytes);
    return bytes > 0 ? bytes : 1;
}

void markup_text(struct markup *markup, const char *text)
{
    while (text != NULL && *text != '\0')
        text += put_one(markup, text);
}
