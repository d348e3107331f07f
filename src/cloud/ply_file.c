/* SPDX-License-Identifier: Apache-2.0 */
/* PLY (Turk 1994), binary little-endian and ascii. */
#include "cloud/cloud_formats.h"
#include "cloud/cloud_unit.h"

enum po_status ply_write_start(const struct cloud_stream *stream, const char *format,
                               struct po_error *error)
{
    return atomic_file_print(
        stream->file, error,
        "ply\nformat %s 1.0\ncomment process_offline\ncomment unit %s\n"
        "comment axes %s%*s\n",
        format, cloud_unit_name(stream->input),
        cloud_axes_text(stream->input->settings->axes), stream->spare_digits, "");
}

enum po_status ply_write_vertex_element(const struct cloud_stream *stream,
                                        struct po_error *error)
{
    enum po_status status = atomic_file_print(
        stream->file, error, "element vertex %llu\n", (unsigned long long)stream->points);
    for (int i = 0; i < stream->field_count && status == PO_OK; i++) {
        const struct cloud_field *field = stream->fields[i];
        const char *type = field->type == FIELD_FLOAT32 ? "float" : "uchar";
        status =
            atomic_file_print(stream->file, error, "property %s %s\n", type, field->name);
    }
    return status;
}

static enum po_status write_header(const struct cloud_stream *stream, const char *format,
                                   struct po_error *error)
{
    enum po_status status = ply_write_start(stream, format, error);
    if (status == PO_OK)
        status = ply_write_vertex_element(stream, error);
    if (status == PO_OK)
        status = atomic_file_print(stream->file, error, "end_header\n");
    return status;
}

static enum po_status write_binary_header(const struct cloud_stream *stream,
                                          struct po_error *error)
{
    return write_header(stream, "binary_little_endian", error);
}

static enum po_status write_ascii_header(const struct cloud_stream *stream,
                                         struct po_error *error)
{
    return write_header(stream, "ascii", error);
}

enum po_status ply_write_binary_row(const struct cloud_stream *stream,
                                    const struct point_row *row, struct po_error *error)
{
    size_t bytes =
        (size_t)row->count * cloud_record_bytes(stream->fields, stream->field_count);
    cloud_records_pack(stream->fields, stream->field_count, row, stream->records);
    return atomic_file_write(stream->file, stream->records, bytes, error);
}

const struct cloud_format ply_format = {
    .file_name = "cloud.ply",
    .packed_records = true,
    .record_bytes = cloud_record_bytes,
    .write_header = write_binary_header,
    .write_row = ply_write_binary_row,
};

const struct cloud_format ply_ascii_format = {
    .file_name = "cloud.ply",
    .text = true,
    .record_bytes = cloud_record_bytes,
    .write_header = write_ascii_header,
    .write_row = cloud_write_text_row,
};
