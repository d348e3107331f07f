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

/* Of which the file need gather little, and which stays in a core's cache. */
enum { BLOCK_BYTES = 4 * ATOMIC_FILE_BUFFER_BYTES };

enum po_status pfm_writer_begin(struct pfm_writer *writer, struct atomic_file *file,
                                int width_px, int height_px, struct po_error *error)
{
    *writer = (struct pfm_writer){file, width_px, height_px, 0};
    enum po_status status =
        atomic_file_print(file, error, "Pf\n%d %d\n-1.0\n", width_px, height_px);
    writer->header_bytes = file->written;
    if (status == PO_OK)
        atomic_file_expect(file, writer->header_bytes +
                                     (unsigned long long)width_px *
                                         (unsigned long long)height_px * sizeof(float));
    return status;
}

enum po_status pfm_writer_rows(struct pfm_writer *writer, int first_y, int count,
                               image_row_float_source *row, void *context,
                               struct po_error *error)
{
    size_t width = (size_t)writer->width_px;
    size_t row_bytes = width * sizeof(float);
    int together = row_bytes < BLOCK_BYTES ? (int)(BLOCK_BYTES / row_bytes) : 1;
    unsigned long long below =
        (unsigned long long)(writer->height_px - first_y - count) * row_bytes;
    float *values = malloc((size_t)together * row_bytes);
    if (values == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory for rows of %d values",
                       writer->file->path, writer->width_px);
    enum po_status status =
        atomic_file_move_to(writer->file, writer->header_bytes + below, error);
    for (int left = count; left > 0 && status == PO_OK; left -= together) {
        int rows = left < together ? left : together;
        for (int i = 0; i < rows; i++) {
            float *values_of_row = values + (size_t)i * width;
            row(context, first_y + left - 1 - i, values_of_row);
            to_little_endian(values_of_row, writer->width_px);
        }
        status = atomic_file_write(writer->file, values, (size_t)rows * row_bytes, error);
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
