/* SPDX-License-Identifier: Apache-2.0 */
#include "record/json_writer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/utf8.h"

static void put(struct json_writer *writer, const char *text, size_t bytes)
{
    if (writer->status == PO_OK)
        writer->status = atomic_file_write(writer->file, text, bytes, writer->error);
}

static void put_text(struct json_writer *writer, const char *text)
{
    put(writer, text, strlen(text));
}

static void put_escaped(struct json_writer *writer, unsigned char byte)
{
    char escape[8];
    if (byte == '"' || byte == '\\')
        (void)snprintf(escape, sizeof(escape), "\\%c", byte);
    else if (byte == '\n')
        (void)snprintf(escape, sizeof(escape), "\\n");
    else if (byte < 0x20 || byte == 0x7f)
        (void)snprintf(escape, sizeof(escape), "\\u%04x", byte);
    else
        (void)snprintf(escape, sizeof(escape), "%%%02X", byte);
    put_text(writer, escape);
}

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void put_quoted(struct json_writer *writer, const char *text)
{
    put_text(writer, "\"");
    for (const char *start = text; *start != '\0';) {
        size_t plain = 0;
        while (is_plain((unsigned char)start[plain]))
            plain++;
        put(writer, start, plain);
        start += plain;
        if (*start == '\0')
            break;
        size_t sequence = utf8_sequence_bytes(start);
        if (sequence > 1) {
            put(writer, start, sequence);
            start += sequence;
        } else {
            put_escaped(writer, (unsigned char)*start++);
        }
    }
    put_text(writer, "\"");
}

static void new_line(struct json_writer *writer, int depth)
{
    static const char blanks[] = "\n                                ";
    put(writer, blanks, 1 + 2 * (size_t)depth);
}

static void begin_member(struct json_writer *writer, const char *key)
{
    bool *has_members = &writer->has_members[writer->depth - 1];
    if (*has_members)
        put_text(writer, ",");
    *has_members = true;
    new_line(writer, writer->depth);
    if (key == NULL)
        return;
    put_quoted(writer, key);
    put_text(writer, ": ");
}

static void open_nested(struct json_writer *writer, const char *opener, char closer)
{
    if (writer->depth == JSON_WRITER_DEPTH) {
        if (writer->status == PO_OK)
            writer->status = po_fail(writer->error, PO_INTERNAL, "JSON nested too deep");
        return;
    }
    put_text(writer, opener);
    writer->closers[writer->depth] = closer;
    writer->has_members[writer->depth] = false;
    writer->depth++;
}

void json_writer_begin(struct json_writer *writer, struct atomic_file *file,
                       struct po_error *error)
{
    *writer = (struct json_writer){.file = file, .error = error, .status = PO_OK};
    open_nested(writer, "{", '}');
}

enum po_status json_writer_end(struct json_writer *writer)
{
    while (writer->depth > 0)
        json_writer_close(writer);
    put_text(writer, "\n");
    return writer->status;
}

void json_writer_object(struct json_writer *writer, const char *key)
{
    begin_member(writer, key);
    open_nested(writer, "{", '}');
}

void json_writer_array(struct json_writer *writer, const char *key)
{
    begin_member(writer, key);
    open_nested(writer, "[", ']');
}

void json_writer_close(struct json_writer *writer)
{
    int depth = --writer->depth;
    if (writer->has_members[depth])
        new_line(writer, depth);
    put(writer, &writer->closers[depth], 1);
}

void json_writer_text(struct json_writer *writer, const char *key, const char *text)
{
    begin_member(writer, key);
    if (text != NULL)
        put_quoted(writer, text);
    else
        put_text(writer, "null");
}

static void put_number(struct json_writer *writer, double number)
{
    char text[DECIMAL_BYTES];
    if (isfinite(number))
        put(writer, text, decimal_print(number == 0 ? 0 : number, text)); /* no -0 */
    else
        put_text(writer, "null");
}

void json_writer_number(struct json_writer *writer, const char *key, double number)
{
    begin_member(writer, key);
    put_number(writer, number);
}

void json_writer_integer(struct json_writer *writer, const char *key, uint64_t number)
{
    char text[DECIMAL_BYTES];
    begin_member(writer, key);
    put(writer, text, decimal_print_integer(number, text));
}

void json_writer_bool(struct json_writer *writer, const char *key, bool value)
{
    begin_member(writer, key);
    put_text(writer, value ? "true" : "false");
}

void json_writer_null(struct json_writer *writer, const char *key)
{
    begin_member(writer, key);
    put_text(writer, "null");
}

void json_writer_numbers(struct json_writer *writer, const char *key,
                         const double *numbers, int count)
{
    begin_member(writer, key);
    put_text(writer, "[");
    for (int i = 0; i < count; i++) {
        if (i > 0)
            put_text(writer, ", ");
        put_number(writer, numbers[i]);
    }
    put_text(writer, "]");
}
