/* SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "image/image_writer.h"

/* PFM stores the sign of its byte order in the scale: negative is little-endian. */
static void to_little_endian(float *values, int count)
{
    for (int i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof(bits));
        bits = htole32(bits);
        memcpy(&values[i], &bits, sizeof(bits));
    }
}

enum po_status pfm_writer_begin(struct pfm_writer *writer, struct atomic_file *file,
                                int width_px, int height_px, struct po_error *error)
{
    *writer = (struct pfm_writer){file, width_px, height_px, 0};
    enum po_status status =
        atomic_file_print(file, error, "Pf\n%d %d\n-1.0\n", width_px, height_px);
    writer->header_bytes = file->written;
    return status;
}

enum po_status pfm_writer_rows(struct pfm_writer *writer, int first_y, int count,
                               image_row_float_source *row, void *context,
                               struct po_error *error)
{
    size_t row_bytes = (size_t)writer->width_px * sizeof(float);
    unsigned long long below =
        (unsigned long long)(writer->height_px - first_y - count) * row_bytes;
    float *values = malloc(row_bytes);
    if (values == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory for a row of %d values",
                       writer->file->path, writer->width_px);
    enum po_status status =
        atomic_file_move_to(writer->file, writer->header_bytes + below, error);
    for (int i = count - 1; i >= 0 && status == PO_OK; i--) {
        row(context, first_y + i, values);
        to_little_endian(values, writer->width_px);
        status = atomic_file_write(writer->file, values, row_bytes, error);
    }
    free(values);
    return status;
}

enum po_status pfm_write(struct atomic_file *file, int width_px, int height_px,
                         image_row_float_source *row, void *context,
                         struct po_error *error)
{
    struct pfm_writer writer;
    enum po_status status = pfm_writer_begin(&writer, file, width_px, height_px, error);
    if (status == PO_OK)
        status = pfm_writer_rows(&writer, 0, height_px, row, context, error);
    return status;
}
