/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image files out, streamed row by row into an atomic_file: PNG (8-bit grey, RGB, 16-bit
 * grey, with text chunks) and PFM (float, bottom-up, little-endian). Bytes depend on
 * nothing but the pixels.
 */
#ifndef IMAGE_IMAGE_WRITER_H
#define IMAGE_IMAGE_WRITER_H

#include "base/atomic_file.h"
#include "image/image_view.h"

struct image_text {
    const char *key;
    const char *value;
};

/* 8-bit grey or RGB. */
PO_MUST_CHECK enum po_status png_write(struct atomic_file *file,
                                       const struct image_view *image,
                                       const struct image_text *texts, int text_count,
                                       struct po_error *error);

/* 16-bit grey; `row` fills width_px values (host order) of row y. */
typedef void image_row16_source(void *context, int y, uint16_t *values);
PO_MUST_CHECK enum po_status png_write_16(struct atomic_file *file, int width_px,
                                          int height_px, image_row16_source *row,
                                          void *context, const struct image_text *texts,
                                          int text_count, struct po_error *error);

/* Float, one channel; `row` fills width_px values of row y (0 = top); the file is
 * bottom-up. */
typedef void image_row_float_source(void *context, int y, float *values);
PO_MUST_CHECK enum po_status pfm_write(struct atomic_file *file, int width_px,
                                       int height_px, image_row_float_source *row,
                                       void *context, struct po_error *error);

#endif
