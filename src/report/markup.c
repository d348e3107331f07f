/* SPDX-License-Identifier: Apache-2.0 */
#include "report/markup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/outside_text.h"

void markup_bytes(struct markup *markup, const char *text, size_t bytes)
{
    if (markup->status == PO_OK)
        markup->status = atomic_file_write(markup->file, text, bytes, markup->error);
}

void markup_raw(struct markup *markup, const char *text)
{
    markup_bytes(markup, text, strlen(text));
}

/* Without the last bytes: a page that is on its way and goes on is sent twice. */
void markup_send(struct markup *markup)
{
    if (markup->status == PO_OK)
        atomic_file_send_handed(markup->file->descriptor);
}

void markup_expect(struct markup *markup, unsigned long long bytes)
{
    if (markup->status == PO_OK)
        atomic_file_expect(markup->file, bytes);
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
    bool harmless;
    size_t bytes = outside_text_next(text, &harmless);
    if (entity != NULL)
        markup_raw(markup, entity);
    else if (!harmless)
        markup_raw(markup, "?");
    else
        markup_bytes(markup, text, bytes);
    return bytes;
}

static bool is_plain(char byte)
{
    return byte >= 0x20 && byte < 0x7f && entity_of(byte) == NULL;
}

void markup_text(struct markup *markup, const char *text)
{
    while (text != NULL && *text != '\0') {
        size_t plain = 0;
        while (is_plain(text[plain]))
            plain++;
        if (plain > 0)
            markup_bytes(markup, text, plain);
        else
            plain = put_one(markup, text);
        text += plain;
    }
}
