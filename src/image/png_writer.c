/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PNG out: libpng writes the chunks, rows are filtered and deflated here, with one filter
 * for each kind of map, so that bytes depend on the pixels alone and a frame does not
 * wait for its previews.
 *
 * Filters were measured on Middlebury, KITTI and EuRoC frames: without one, classes and
 * confidence are a fifth smaller than with `Up`.
 */
#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "image/image_writer.h"
#include "image/run_deflate.h"

enum { TEXT_MAX = 8, WIDE_BITS = 16 };

/* A row's first byte names its filter. */
static const uint8_t filter_bytes[] = {
    [PNG_ROWS_UP] = PNG_FILTER_VALUE_UP,
    [PNG_ROWS_PLAIN] = PNG_FILTER_VALUE_NONE,
    [PNG_ROWS_LEFT] = PNG_FILTER_VALUE_SUB,
};

static void write_data(png_structp png, png_bytep data, size_t bytes)
{
    struct png_writer *writer = png_get_io_ptr(png);
    writer->status = atomic_file_write(writer->file, data, bytes, writer->error);
    if (writer->status != PO_OK)
        png_error(png, "write failed");
}

static void flush_data(png_structp png)
{
    (void)png;
}

static void on_error(png_structp png, png_const_charp message)
{
    struct png_writer *writer = png_get_error_ptr(png);
    if (writer->status == PO_OK)
        writer->status = po_fail(writer->error, PO_INTERNAL, "%s: libpng: %s",
                                 writer->file->path, message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void write_head(struct png_writer *writer, const struct png_shape *shape,
                       const struct image_text *texts, int text_count)
{
    png_structp png = writer->png;
    png_text chunks[TEXT_MAX];
    memset(chunks, 0, sizeof(chunks));
    int count = text_count < TEXT_MAX ? text_count : TEXT_MAX;
    for (int i = 0; i < count; i++) {
        chunks[i].compression = PNG_TEXT_COMPRESSION_NONE;
        chunks[i].key = (png_charp)texts[i].key;
        chunks[i].text = (png_charp)texts[i].value;
        chunks[i].text_length = strlen(texts[i].value);
    }
    png_set_write_fn(png, writer, write_data, flush_data);
    png_set_IHDR(
        png, writer->info, (png_uint_32)shape->width_px, (png_uint_32)shape->height_px,
        shape->bits, shape->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_text(png, writer->info, chunks, count);
    png_write_info(png, writer->info);
}

/* The stream's next bytes; an error in here leaves the caller's png_writer_ call. */
static void write_image_data(void *context, const uint8_t *data, size_t bytes)
{
    struct png_writer *writer = context;
    png_write_chunk(writer->png, (png_const_bytep) "IDAT", data, bytes);
}

/* A row filtered, with the filter's byte before it, as it is, and the one above it. */
static bool take_rows(struct png_writer *writer, const struct png_shape *shape)
{
    enum { ROWS = 3 };
    size_t bytes = 0;
    writer->filter = shape->filter;
    writer->wide = shape->bits == WIDE_BITS;
    writer->pixel_bytes = (size_t)shape->channels * (writer->wide ? 2 : 1);
    if (!size_multiply((size_t)shape->width_px, writer->pixel_bytes,
                       &writer->row_bytes) ||
        !size_multiply(writer->row_bytes + 1, ROWS, &bytes))
        return false;
    writer->rows = calloc(1, bytes);
    writer->deflate = run_deflate_create(write_image_data, writer);
    return writer->rows != NULL && writer->deflate != NULL;
}

enum po_status png_writer_begin(struct png_writer *writer, struct atomic_file *file,
                                const struct png_shape *shape,
                                const struct image_text *texts, int text_count,
                                struct po_error *error)
{
    *writer = (struct png_writer){.file = file, .error = error, .status = PO_OK};
    writer->png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, writer, on_error, on_warning);
    if (writer->png != NULL)
        writer->info = png_create_info_struct(writer->png);
    if (writer->info == NULL || !take_rows(writer, shape)) {
        png_writer_release(writer);
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write a PNG",
                       file->path);
    }
    if (setjmp(png_jmpbuf((png_structp)writer->png)) == 0)
        write_head(writer, shape, texts, text_count);
    return writer->status;
}

/* Samples of 16 bit as the file has them, high byte first. */
static void high_bytes_first(const uint16_t *samples, size_t count, uint8_t *row)
{
    for (size_t i = 0; i < count; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): take_rows set them all */
        row[2 * i] = (uint8_t)(samples[i] >> 8);
        row[2 * i + 1] = (uint8_t)samples[i];
    }
}

static void subtract(const uint8_t *row, const uint8_t *other, size_t bytes, uint8_t *out)
{
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(row[i] - other[i]);
}

/* PNG specification, section 9.2. */
static void filter_row(const struct png_writer *writer, const uint8_t *row,
                       const uint8_t *above, uint8_t *out)
{
    size_t bytes = writer->row_bytes;
    size_t left = writer->pixel_bytes;
    switch (writer->filter) {
    case PNG_ROWS_UP:
        subtract(row, above, bytes, out);
        break;
    case PNG_ROWS_LEFT:
        memcpy(out, row, left);
        subtract(row + left, row, bytes - left, out + left);
        break;
    case PNG_ROWS_PLAIN:
        memcpy(out, row, bytes);
        break;
    }
}

static void deflate_row(struct png_writer *writer, const void *samples)
{
    uint8_t *filtered = writer->rows;
    uint8_t *row = filtered + 1 + writer->row_bytes;
    uint8_t *above = row + writer->row_bytes;
    if (writer->wide)
        high_bytes_first(samples, writer->row_bytes / 2, row);
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): take_rows set them all */
    filtered[0] = filter_bytes[writer->filter];
    filter_row(writer, writer->wide ? row : samples, above, filtered + 1);
    if (writer->filter == PNG_ROWS_UP)
        memcpy(above, writer->wide ? row : samples, writer->row_bytes);
    run_deflate_add(writer->deflate, filtered, writer->row_bytes + 1);
}

enum po_status png_writer_row(struct png_writer *writer, const void *samples,
                              struct po_error *error)
{
    writer->error = error;
    if (setjmp(png_jmpbuf((png_structp)writer->png)) == 0)
        deflate_row(writer, samples);
    return writer->status;
}

/* libpng knows of no image data, so its png_write_end would object. */
static void write_tail(struct png_writer *writer)
{
    run_deflate_end(writer->deflate);
    png_write_chunk(writer->png, (png_const_bytep) "IEND", NULL, 0);
}

enum po_status png_writer_end(struct png_writer *writer, struct po_error *error)
{
    writer->error = error;
    if (setjmp(png_jmpbuf((png_structp)writer->png)) == 0)
        write_tail(writer);
    enum po_status status = writer->status;
    png_writer_release(writer);
    return status;
}

void png_writer_release(struct png_writer *writer)
{
    png_structp png = writer->png;
    png_infop info = writer->info;
    if (png != NULL)
        png_destroy_write_struct(&png, &info);
    run_deflate_destroy(writer->deflate);
    free(writer->rows);
    writer->png = NULL;
    writer->info = NULL;
    writer->deflate = NULL;
    writer->rows = NULL;
}

enum po_status png_write(struct atomic_file *file, const struct image_view *image,
                         const struct image_text *texts, int text_count,
                         struct po_error *error)
{
    struct png_shape shape = {image->width_px, image->height_px, image->channels, 8,
                              PNG_ROWS_LEFT};
    struct png_writer writer;
    enum po_status status =
        png_writer_begin(&writer, file, &shape, texts, text_count, error);
    for (int y = 0; y < image->height_px && status == PO_OK; y++)
        status = png_writer_row(&writer, image_row(image, y), error);
    if (status == PO_OK)
        status = png_writer_end(&writer, error);
    png_writer_release(&writer);
    return status;
}
