/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCD 0.7, binary, as the Point Cloud Library documents it: the three colour bytes are
 * one field "rgb", 0x00RRGGBB in the bits of a float.
 */
#include <stdio.h>

#include "cloud/cloud_formats.h"
#include "cloud/cloud_unit.h"

enum { COLOUR_CHANNELS = 3, COLOUR_PAD = 1, LIST_BYTES = 256 };

/* Appends " text" to one of the header's lines. */
static void append(char *line, const char *text)
{
    size_t length = 0;
    while (line[length] != '\0')
        length++;
    (void)snprintf(line + length, LIST_BYTES - length, " %s", text);
}

static enum po_status write_header(const struct cloud_stream *stream,
                                   struct po_error *error)
{
    char names[LIST_BYTES] = "FIELDS";
    char sizes[LIST_BYTES] = "SIZE";
    char types[LIST_BYTES] = "TYPE";
    char counts[LIST_BYTES] = "COUNT";
    bool colour_named = false;
    for (int i = 0; i < stream->field_count; i++) {
        const struct cloud_field *field = stream->fields[i];
        bool colour = field->pcd_name == NULL;
        bool byte = field->type == FIELD_UINT8 && !colour;
        if (colour && colour_named)
            continue;
        append(names, colour ? "rgb" : field->pcd_name);
        append(sizes, byte ? "1" : "4");
        append(types, byte ? "U" : "F");
        append(counts, "1");
        colour_named = colour_named || colour;
    }
    return atomic_file_print(
        stream->file, error,
        "# .PCD v0.7 - process_offline, unit %s, %s%*s\n"
        "VERSION 0.7\n%s\n%s\n%s\n%s\nWIDTH %llu\nHEIGHT 1\n"
        "VIEWPOINT 0 0 0 1 0 0 0\nPOINTS %llu\nDATA binary\n",
        cloud_unit_name(stream->input), cloud_axes_text(stream->input->settings->axes),
        2 * stream->spare_digits, "", names, sizes, types, counts,
        (unsigned long long)stream->points, (unsigned long long)stream->points);
}

/* Red, green, blue as packed by the table become blue, green, red, 0. */
static void reorder_colours(unsigned char *at, int count, size_t stride)
{
    for (int i = 0; i < count; i++, at += stride) {
        unsigned char red = at[0];
        at[0] = at[2];
        at[2] = red;
        at[COLOUR_CHANNELS] = 0;
    }
}

static size_t pcd_record_bytes(const struct cloud_field *const *fields, int count)
{
    return cloud_record_bytes(fields, count) + COLOUR_PAD;
}

static enum po_status write_row(const struct cloud_stream *stream,
                                const struct point_row *row, struct po_error *error)
{
    size_t stride = pcd_record_bytes(stream->fields, stream->field_count);
    unsigned char *at = stream->records;
    for (int i = 0; i < stream->field_count; i++) {
        const struct cloud_field *field = stream->fields[i];
        bool colour_starts = field->pcd_name == NULL && field->pack != NULL;
        if (field->pack != NULL)
            field->pack(row, at, stride);
        if (colour_starts) {
            reorder_colours(at, row->count, stride);
            at += COLOUR_PAD;
        }
        at += cloud_field_bytes(field);
    }
    return atomic_file_write(stream->file, stream->records, (size_t)row->count * stride,
                             error);
}

const struct cloud_format pcd_format = {
    .file_name = "cloud.pcd",
    .record_bytes = pcd_record_bytes,
    .write_header = write_header,
    .write_row = write_row,
};
