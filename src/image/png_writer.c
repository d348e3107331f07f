/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PNG out through libpng: one filter for each kind of map and one fixed deflate setting,
 * so that bytes depend on the pixels alone and a frame does not wait for its previews.
 *
 * Z_RLE looks for runs alone, which is most of what a filtered map holds, in a fraction
 * of the time of a full search. Filters were measured on Middlebury, KITTI and EuRoC
 * frames: without one, classes and confidence are a fifth smaller than with `Up`.
 */
#include <png.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "image/image_writer.h"

enum { DEFLATE_LEVEL = 1, TEXT_MAX = 8, WIDE_BITS = 16 };

static const int filters[] = {
    [PNG_ROWS_UP] = PNG_FILTER_UP,
    [PNG_ROWS_PLAIN] = PNG_FILTER_NONE,
    [PNG_ROWS_LEFT] = PNG_FILTER_SUB,
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

/* libpng takes samples of 16 bit as the file has them, high byte first. */
static bool host_is_little_endian(void)
{
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, sizeof(first));
    return first == 1;
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
    png_set_filter(png, PNG_FILTER_TYPE_BASE, filters[shape->filter]);
    png_set_compression_level(png, DEFLATE_LEVEL);
    png_set_compression_strategy(png, Z_RLE);
    png_set_IHDR(
        png, writer->info, (png_uint_32)shape->width_px, (png_uint_32)shape->height_px,
        shape->bits, shape->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_text(png, writer->info, chunks, count);
    png_write_info(png, writer->info);
    if (shape->bits == WIDE_BITS && host_is_little_endian())
        png_set_swap(png);
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
    if (writer->info == NULL) {
        png_writer_release(writer);
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write a PNG",
                       file->path);
    }
    if (setjmp(png_jmpbuf((png_structp)writer->png)) == 0)
        write_head(writer, shape, texts, text_count);
    return writer->status;
}

enum po_status png_writer_row(struct png_writer *writer, const void *samples,
                              struct po_error *error)
{
    writer->error = error;
    if (setjmp(png_jmpbuf((png_structp)writer->png)) == 0)
        png_write_row(writer->png, samples);
    return writer->status;
}

enum po_status png_writer_end(struct png_writer *writer, struct po_error *error)
{
    writer->error = error;
    if (setjmp(png_jmpbuf((png_structp)writer->png)) == 0)
        png_write_end(writer->png, NULL);
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
    writer->png = NULL;
    writer->info = NULL;
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
