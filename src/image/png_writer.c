/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PNG out through libpng: one fixed filter and one fixed deflate setting, so that bytes
 * depend on the pixels alone and a frame does not wait for its previews.
 *
 * Every row is filtered `Up` (PNG specification, section 9.2): the maps written here are
 * smooth or constant down their columns. Z_RLE looks for runs alone, which is most of
 * what a filtered map holds, in a fraction of the time of a full search.
 */
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "image/image_writer.h"

enum { DEFLATE_LEVEL = 1, TEXT_MAX = 8, BITS_PER_BYTE = 8 };

struct png_shape {
    int width_px;
    int height_px;
    int channels; /* 1 or 3 */
    int bits;     /* 8 or 16 */
};

struct png_output {
    struct atomic_file *file;
    struct po_error *error;
    enum po_status status; /* the first failure */
    png_structp png;
    png_infop info;
    uint8_t *row; /* 16 bit: big-endian samples */
};

/* Where the rows come from: an image, or a source of 16-bit values. */
struct png_rows {
    const struct image_view *image;
    image_row16_source *source;
    void *context;
    uint16_t *values;
};

static void write_data(png_structp png, png_bytep data, size_t bytes)
{
    struct png_output *output = png_get_io_ptr(png);
    output->status = atomic_file_write(output->file, data, bytes, output->error);
    if (output->status != PO_OK)
        png_error(png, "write failed");
}

static void flush_data(png_structp png)
{
    (void)png;
}

static void on_error(png_structp png, png_const_charp message)
{
    struct png_output *output = png_get_error_ptr(png);
    if (output->status == PO_OK)
        output->status = po_fail(output->error, PO_INTERNAL, "%s: libpng: %s",
                                 output->file->path, message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void write_head(struct png_output *output, const struct png_shape *shape,
                       const struct image_text *texts, int text_count)
{
    png_text chunks[TEXT_MAX];
    memset(chunks, 0, sizeof(chunks));
    int count = text_count < TEXT_MAX ? text_count : TEXT_MAX;
    for (int i = 0; i < count; i++) {
        chunks[i].compression = PNG_TEXT_COMPRESSION_NONE;
        chunks[i].key = (png_charp)(uintptr_t)texts[i].key;
        chunks[i].text = (png_charp)(uintptr_t)texts[i].value;
        chunks[i].text_length = strlen(texts[i].value);
    }
    png_set_write_fn(output->png, output, write_data, flush_data);
    png_set_filter(output->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
    png_set_compression_level(output->png, DEFLATE_LEVEL);
    png_set_compression_strategy(output->png, Z_RLE);
    png_set_IHDR(output->png, output->info, (png_uint_32)shape->width_px,
                 (png_uint_32)shape->height_px, shape->bits,
                 shape->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_text(output->png, output->info, chunks, count);
    png_write_info(output->png, output->info);
}

static void write_row(struct png_output *output, const struct png_shape *shape,
                      const struct png_rows *rows, int y)
{
    if (rows->image != NULL) {
        png_write_row(output->png, image_row(rows->image, y));
        return;
    }
    rows->source(rows->context, y, rows->values);
    for (int x = 0; x < shape->width_px; x++) {
        output->row[2 * x] = (uint8_t)(rows->values[x] >> BITS_PER_BYTE);
        output->row[2 * x + 1] = (uint8_t)rows->values[x];
    }
    png_write_row(output->png, output->row);
}

/* Returns by longjmp on an error, so nothing here is kept in locals. */
static void write_all(struct png_output *output, const struct png_shape *shape,
                      const struct png_rows *rows, const struct image_text *texts,
                      int text_count)
{
    if (setjmp(png_jmpbuf(output->png)) != 0)
        return;
    write_head(output, shape, texts, text_count);
    for (int y = 0; y < shape->height_px; y++)
        write_row(output, shape, rows, y);
    png_write_end(output->png, NULL);
}

static enum po_status png_stream(struct atomic_file *file, const struct png_shape *shape,
                                 struct png_rows *rows, const struct image_text *texts,
                                 int text_count, struct po_error *error)
{
    struct png_output output = {.file = file, .error = error, .status = PO_OK};
    size_t width = (size_t)shape->width_px;
    output.png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &output, on_error, on_warning);
    if (output.png != NULL)
        output.info = png_create_info_struct(output.png);
    if (rows->image == NULL) {
        output.row = malloc(width * 2);
        rows->values = malloc(width * sizeof(*rows->values));
    }
    if (output.info == NULL ||
        (rows->image == NULL && (output.row == NULL || rows->values == NULL)))
        output.status =
            po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write a PNG", file->path);
    else
        write_all(&output, shape, rows, texts, text_count);
    png_destroy_write_struct(&output.png, &output.info);
    free(output.row);
    free(rows->values);
    return output.status;
}

enum po_status png_write(struct atomic_file *file, const struct image_view *image,
                         const struct image_text *texts, int text_count,
                         struct po_error *error)
{
    struct png_shape shape = {image->width_px, image->height_px, image->channels, 8};
    struct png_rows rows = {.image = image};
    return png_stream(file, &shape, &rows, texts, text_count, error);
}

enum po_status png_write_16(struct atomic_file *file, int width_px, int height_px,
                            image_row16_source *row, void *context,
                            const struct image_text *texts, int text_count,
                            struct po_error *error)
{
    struct png_shape shape = {width_px, height_px, 1, 16};
    struct png_rows rows = {.source = row, .context = context};
    return png_stream(file, &shape, &rows, texts, text_count, error);
}
