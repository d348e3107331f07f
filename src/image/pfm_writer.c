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

enum po_status pfm_write(struct atomic_file *file, int width_px, int height_px,
                         image_row_float_source *row, void *context,
                         struct po_error *error)
{
    size_t row_bytes = (size_t)width_px * sizeof(float);
    float *values = malloc(row_bytes);
    if (values == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory for a row of %d values",
                       file->path, width_px);
    enum po_status status =
        atomic_file_print(file, error, "Pf\n%d %d\n-1.0\n", width_px, height_px);
    for (int y = height_px - 1; y >= 0 && status == PO_OK; y--) {
        row(context, y, values);
        to_little_endian(values, width_px);
        status = atomic_file_write(file, values, row_bytes, error);
    }
    free(values);
    return status;
}
