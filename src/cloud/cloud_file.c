/* SPDX-License-Identifier: Apache-2.0 */
#include "cloud/cloud_file.h"

#include "cloud/cloud_formats.h"
#include "cloud/plain_points.h"
#include "cloud/text_number.h"

/* In the order of enum po_cloud_format. */
static const struct cloud_format *const formats[] = {
    [PO_CLOUD_PLY] = &ply_format, [PO_CLOUD_PLY_ASCII] = &ply_ascii_format,
    [PO_CLOUD_PCD] = &pcd_format, [PO_CLOUD_XYZ] = &xyz_format,
    [PO_CLOUD_LAS] = &las_format, [PO_CLOUD_GLB] = &glb_format,
};

const char *cloud_file_name(const struct po_cloud_settings *settings)
{
    return formats[settings->format]->file_name;
}

uint64_t cloud_file_bytes(const struct po_cloud_settings *settings, uint64_t points)
{
    const struct cloud_field *fields[FIELD_MAX];
    int count = cloud_fields_list(settings, fields);
    const struct cloud_format *format = formats[settings->format];
    uint64_t record = format->text ? (uint64_t)count * TEXT_NUMBER_MAX_BYTES
                                   : format->record_bytes(fields, count);
    uint64_t bytes;
    if (__builtin_mul_overflow(points, record, &bytes) ||
        bytes > UINT64_MAX - CLOUD_HEADER_MAX_BYTES)
        return UINT64_MAX;
    return bytes + CLOUD_HEADER_MAX_BYTES;
}

uint64_t cloud_likely_bytes(const struct po_cloud_settings *settings, uint64_t points)
{
    const struct cloud_field *fields[FIELD_MAX];
    int count = cloud_fields_list(settings, fields);
    uint64_t record = formats[settings->format]->record_bytes(fields, count);
    if (formats[settings->format]->text) {
        record = 0;
        for (int i = 0; i < count; i++)
            record += (uint64_t)cloud_field_text_bytes(fields[i]);
    }
    if (settings->decimate > 1)
        points = points / (uint64_t)settings->decimate + 1;
    return points * record + CLOUD_HEADER_MAX_BYTES;
}

size_t cloud_write_scratch_bytes(const struct po_cloud_settings *settings, int width_px)
{
    return scratch_sum(point_row_bytes(width_px, settings->normals),
                       scratch_array_size((size_t)width_px, RECORD_MAX_BYTES));
}

static int digits_of(uint64_t number)
{
    char text[TEXT_NUMBER_MAX_BYTES];
    return (int)text_integer(text, number);
}

static enum po_status write_header(struct cloud_writer *writer,
                                   const struct cloud_input *input, uint64_t points,
                                   struct po_error *error)
{
    struct cloud_stream stream = {
        .input = input,
        .points = points,
        .spare_digits = digits_of(writer->max_points) - digits_of(points),
        .bounds = &writer->bounds,
        .file = writer->file,
    };
    writer->header_points = points;
    stream.field_count = cloud_fields_list(input->settings, stream.fields);
    return formats[input->settings->format]->write_header(&stream, error);
}

enum po_status cloud_writer_begin(struct cloud_writer *writer,
                                  const struct cloud_input *input, uint64_t points,
                                  struct po_error *error)
{
    const struct cloud_format *format = formats[input->settings->format];
    writer->bounds.known = false;
    enum po_status status = write_header(writer, input, points, error);
    if (status == PO_OK && format->packed_records && points == writer->max_points) {
        const struct cloud_field *fields[FIELD_MAX];
        int count = cloud_fields_list(input->settings, fields);
        atomic_file_expect(writer->file,
                           writer->file->written +
                               points * format->record_bytes(fields, count));
    }
    return status;
}

enum po_status cloud_writer_end(struct cloud_writer *writer,
                                const struct cloud_input *input, uint64_t points,
                                struct po_error *error)
{
    struct atomic_file *file = writer->file;
    unsigned long long written = file->written;
    if (points == writer->header_points &&
        !formats[input->settings->format]->bounds_in_header)
        return PO_OK;
    enum po_status status = atomic_file_move_to(file, 0, error);
    if (status == PO_OK)
        status = write_header(writer, input, points, error);
    file->written = written;
    return status;
}

static enum po_status check_cancel(const struct cloud_input *input,
                                   struct po_error *error)
{
    return cancel_requested(input->cancel)
               ? po_fail(error, PO_CANCELLED, "cancelled while writing a cloud")
               : PO_OK;
}

static enum po_status write_rows(const struct cloud_format *format,
                                 const struct cloud_stream *stream, struct point_row *row,
                                 int end_row, struct po_error *error)
{
    enum po_status status = PO_OK;
    for (int y = stream->input->first_row; y < end_row && status == PO_OK; y++) {
        point_row_load(row, y);
        status = format->write_row(stream, row, error);
        if (status == PO_OK)
            status = check_cancel(stream->input, error);
    }
    return status;
}

/* As many rows at once as there is room for, so that the file need gather few of them. */
static enum po_status write_plain_rows(const struct cloud_stream *stream,
                                       struct point_row *row, int end_row,
                                       struct po_error *error)
{
    size_t row_bytes = (size_t)stream->input->map.width_px * PLAIN_POINT_BYTES;
    size_t last_place = stream->room_bytes - row_bytes - 1;
    size_t bytes = 0;
    enum po_status status = PO_OK;
    for (int y = stream->input->first_row; y < end_row && status == PO_OK; y++) {
        int points = plain_points_pack(row, y, stream->records + bytes);
        bytes += (size_t)points * PLAIN_POINT_BYTES;
        if (bytes > last_place || y == end_row - 1) {
            status = atomic_file_write(stream->file, stream->records, bytes, error);
            bytes = 0;
        }
        if (status == PO_OK)
            status = check_cancel(stream->input, error);
    }
    return status;
}

/* Room for one row of any records; where the arena has more to spare, for a block that
 * stays in a core's cache. */
static enum po_status take_room(struct cloud_stream *stream, struct scratch *scratch,
                                struct po_error *error)
{
    enum { BLOCK_BYTES = 512 << 10 };
    size_t width = (size_t)stream->input->map.width_px;
    stream->room_bytes = BLOCK_BYTES;
    stream->records = BLOCK_BYTES / RECORD_MAX_BYTES > width
                          ? scratch_take(scratch, BLOCK_BYTES)
                          : NULL;
    if (stream->records != NULL)
        return PO_OK;
    stream->room_bytes = width * RECORD_MAX_BYTES;
    stream->records = scratch_take_array(scratch, width, RECORD_MAX_BYTES);
    return stream->records != NULL
               ? PO_OK
               : scratch_exhausted(scratch, "the cloud's writer", error);
}

enum po_status cloud_writer_rows(struct cloud_writer *writer,
                                 const struct cloud_input *input,
                                 const struct cloud_selection *selection,
                                 struct scratch *scratch, struct po_error *error)
{
    const struct cloud_format *format = formats[input->settings->format];
    struct cloud_stream stream = {
        .input = input, .bounds = &writer->bounds, .file = writer->file};
    struct point_row row;
    size_t mark = scratch_mark(scratch);
    int end_row = input->end_row > 0 ? input->end_row : input->map.height_px;
    stream.field_count = cloud_fields_list(input->settings, stream.fields);
    enum po_status status = point_row_take(
        input, &selection->keep, input->settings->normals, scratch, &row, error);
    if (status == PO_OK)
        status = take_room(&stream, scratch, error);
    if (status != PO_OK)
        goto cleanup;
    status = format->packed_records &&
                     plain_points_fit(input, stream.fields, stream.field_count)
                 ? write_plain_rows(&stream, &row, end_row, error)
                 : write_rows(format, &stream, &row, end_row, error);
cleanup:
    scratch_rewind(scratch, mark);
    return status;
}

enum po_status cloud_write(const struct cloud_input *input,
                           const struct cloud_selection *selection,
                           struct scratch *scratch, struct atomic_file *file,
                           struct po_error *error)
{
    struct cloud_writer writer = {.file = file, .max_points = selection->points};
    enum po_status status = cloud_writer_begin(&writer, input, selection->points, error);
    if (status == PO_OK)
        status = cloud_writer_rows(&writer, input, selection, scratch, error);
    if (status == PO_OK)
        status = cloud_writer_end(&writer, input, selection->points, error);
    return status;
}
