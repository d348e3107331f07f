/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image files out, streamed row by row into an atomic_file: PNG (8-bit grey, RGB, 16-bit
 * grey, with text chunks) and PFM (float, bottom-up, little-endian). Bytes depend on
 * nothing but the pixels.
 */
#ifndef IMAGE_IMAGE_WRITER_H
#define IMAGE_IMAGE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomic_file.h"
#include "image/image_view.h"

struct run_deflate;

struct image_text {
    const char *key;
    const char *value;
};

/* How rows are made compressible (PNG specification, section 9.2), by what they hold:
 * codes that repeat, or values that change little from row to row or pixel to pixel. */
enum png_filter { PNG_ROWS_UP, PNG_ROWS_PLAIN, PNG_ROWS_LEFT };

/* A PNG being written, top to bottom. Plain value that must not move; release accepts
 * what was never begun if zeroed, and what has ended. */
struct png_writer {
    struct atomic_file *file;
    void *png;
    void *info;
    struct run_deflate *deflate;
    enum png_filter filter;
    bool wide; /* samples of 16 bit */
    size_t pixel_bytes;
    size_t row_bytes;
    uint8_t *rows;
    struct po_error *error; /* of the call that is running */
    enum po_status status;  /* the first failure */
};

struct png_shape {
    int width_px;
    int height_px;
    int channels; /* 1 or 3 */
    int bits;     /* 8 or 16 */
    enum png_filter filter;
};

PO_MUST_CHECK enum po_status png_writer_begin(struct png_writer *writer,
                                              struct atomic_file *file,
                                              const struct png_shape *shape,
                                              const struct image_text *texts,
                                              int text_count, struct po_error *error);
/* One row: bytes, or uint16_t in host order. */
PO_MUST_CHECK enum po_status png_writer_row(struct png_writer *writer,
                                            const void *samples, struct po_error *error);
/* After the last row; releases. */
PO_MUST_CHECK enum po_status png_writer_end(struct png_writer *writer,
                                            struct po_error *error);
void png_writer_release(struct png_writer *writer);

/* A whole image, 8-bit grey or RGB. */
PO_MUST_CHECK enum po_status png_write(struct atomic_file *file,
                                       const struct image_view *image,
                                       const struct image_text *texts, int text_count,
                                       struct po_error *error);

/* Float, one channel; `row` fills width_px values of row y (0 = top). The file is
 * bottom-up: blocks of rows may come in any order, each row once. */
typedef void image_row_float_source(void *context, int y, float *values);

struct pfm_writer {
    struct atomic_file *file;
    int width_px;
    int height_px;
    unsigned long long header_bytes;
};

PO_MUST_CHECK enum po_status pfm_writer_begin(struct pfm_writer *writer,
                                              struct atomic_file *file, int width_px,
                                              int height_px, struct po_error *error);
PO_MUST_CHECK enum po_status pfm_writer_rows(struct pfm_writer *writer, int first_y,
                                             int count, image_row_float_source *row,
                                             void *context, struct po_error *error);
PO_MUST_CHECK enum po_status pfm_write(struct atomic_file *file, int width_px,
                                       int height_px, image_row_float_source *row,
                                       void *context, struct po_error *error);

#endif
