/* SPDX-License-Identifier: Apache-2.0 */
/* Text clouds: a point a line, "x y z red green blue" and what else was asked for. */
#include "cloud/cloud_formats.h"
#include "cloud/text_number.h"

enum { METRES_MORE_DECIMALS = 3 };

static size_t text_field(char *out, const struct cloud_field *field,
                         const unsigned char *packed, bool metres)
{
    double value = field->type == FIELD_FLOAT32 ? (double)load_f32(packed) : *packed;
    int more = metres && field->length ? METRES_MORE_DECIMALS : 0;
    return text_number(out, value, field->decimals + more);
}

enum po_status cloud_write_text_row(const struct cloud_stream *stream,
                                    const struct point_row *row, struct po_error *error)
{
    bool metres = row->triangulation.unit_mm > 1.0;
    const unsigned char *packed = stream->records;
    enum po_status status = PO_OK;
    cloud_records_pack(stream->fields, stream->field_count, row, stream->records);
    for (int point = 0; point < row->count && status == PO_OK; point++) {
        char line[FIELD_MAX * TEXT_NUMBER_MAX_BYTES];
        size_t length = 0;
        for (int i = 0; i < stream->field_count; i++) {
            length += text_field(line + length, stream->fields[i], packed, metres);
            line[length++] = i + 1 < stream->field_count ? ' ' : '\n';
            packed += cloud_field_bytes(stream->fields[i]);
        }
        status = atomic_file_write(stream->file, line, length, error);
    }
    return status;
}

static enum po_status write_no_header(const struct cloud_stream *stream,
                                      struct po_error *error)
{
    (void)stream;
    (void)error;
    return PO_OK;
}

const struct cloud_format xyz_format = {
    .file_name = "cloud.xyz",
    .text = true,
    .record_bytes = cloud_record_bytes,
    .write_header = write_no_header,
    .write_row = cloud_write_text_row,
};
