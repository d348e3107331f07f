/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PNG out: chunks, one fixed filter and one fixed encoder, so that bytes depend on the
 * pixels alone and a frame does not wait for its previews.
 *
 * Every row is filtered `Up` (PNG specification, section 9.2): the maps written here are
 * smooth or constant down their columns, and Up leaves runs, which are all the encoder
 * looks for. Each of its blocks becomes one IDAT chunk.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "image/deflate_runs.h"
#include "image/image_writer.h"

enum { FILTER_UP = 2, TEXT_KEY_MAX_BYTES = 79 };

struct png_stream {
    struct atomic_file *file;
    size_t row_bytes;
    uint8_t *previous; /* the row above, zero at the top */
    uint8_t *current;
    uint8_t *filtered; /* 1 + row_bytes: the filter's code, then the row */
    struct deflate_runs deflate;
};

static void store_32(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 24);
    to[1] = (uint8_t)(value >> 16);
    to[2] = (uint8_t)(value >> 8);
    to[3] = (uint8_t)value;
}

static enum po_status chunk_write(struct atomic_file *file, const char *name,
                                  const void *data, size_t bytes, struct po_error *error)
{
    uint8_t head[8];
    uint8_t tail[4];
    store_32(head, (uint32_t)bytes);
    memcpy(head + 4, name, 4);
    uLong crc = crc32(crc32(0, head + 4, 4), data, (uInt)bytes);
    store_32(tail, (uint32_t)crc);
    enum po_status status = atomic_file_write(file, head, sizeof(head), error);
    if (status == PO_OK)
        status = atomic_file_write(file, data, bytes, error);
    if (status == PO_OK)
        status = atomic_file_write(file, tail, sizeof(tail), error);
    return status;
}

static enum po_status text_write(struct atomic_file *file, const struct png_text *text,
                                 struct po_error *error)
{
    uint8_t data[1024];
    size_t key_bytes = strlen(text->key);
    size_t value_bytes = strlen(text->value);
    if (key_bytes == 0 || key_bytes > TEXT_KEY_MAX_BYTES ||
        value_bytes > sizeof(data) - TEXT_KEY_MAX_BYTES - 1)
        return po_fail(error, PO_INTERNAL, "%s: the PNG text '%.80s' is too long",
                       file->path, text->key);
    memcpy(data, text->key, key_bytes);
    data[key_bytes] = 0;
    memcpy(data + key_bytes + 1, text->value, value_bytes);
    return chunk_write(file, "tEXt", data, key_bytes + 1 + value_bytes, error);
}

struct png_shape {
    int width_px;
    int height_px;
    int channels; /* 1 or 3 */
    int bits;     /* 8 or 16 */
};

static enum po_status head_write(struct atomic_file *file, const struct png_shape *shape,
                                 const struct png_text *texts, int text_count,
                                 struct po_error *error)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    uint8_t header[13] = {0}; /* last three: deflate, the five filters, not interlaced */
    store_32(header, (uint32_t)shape->width_px);
    store_32(header + 4, (uint32_t)shape->height_px);
    header[8] = (uint8_t)shape->bits;
    header[9] = shape->channels == 3 ? 2 : 0;
    enum po_status status = atomic_file_write(file, signature, sizeof(signature), error);
    if (status == PO_OK)
        status = chunk_write(file, "IHDR", header, sizeof(header), error);
    for (int i = 0; i < text_count && status == PO_OK; i++)
        status = text_write(file, &texts[i], error);
    return status;
}

static void stream_release(struct png_stream *stream)
{
    if (stream == NULL)
        return;
    free(stream->previous);
    free(stream->current);
    free(stream->filtered);
    free(stream);
}

/* NULL without memory; stream_release takes NULL. */
static struct png_stream *stream_create(struct atomic_file *file,
                                        const struct png_shape *shape)
{
    struct png_stream *stream = malloc(sizeof(*stream));
    if (stream == NULL)
        return NULL;
    stream->file = file;
    stream->row_bytes =
        (size_t)shape->width_px * (size_t)shape->channels * (size_t)(shape->bits / 8);
    stream->previous = calloc(1, stream->row_bytes);
    stream->current = malloc(stream->row_bytes);
    stream->filtered = malloc(stream->row_bytes + 1);
    if (stream->previous == NULL || stream->current == NULL || stream->filtered == NULL) {
        stream_release(stream);
        return NULL;
    }
    stream->filtered[0] = FILTER_UP;
    deflate_runs_init(&stream->deflate);
    return stream;
}

static enum po_status block_write(struct png_stream *stream, bool last,
                                  struct po_error *error)
{
    struct deflate_runs *deflate = &stream->deflate;
    deflate_runs_block(deflate, last);
    enum po_status status =
        chunk_write(stream->file, "IDAT", deflate->out, deflate->out_bytes, error);
    deflate->out_bytes = 0;
    return status;
}

static enum po_status compress_row(struct png_stream *stream, struct po_error *error)
{
    enum po_status status = PO_OK;
    size_t bytes = stream->row_bytes + 1;
    for (size_t done = 0; done < bytes && status == PO_OK;) {
        if (deflate_runs_full(&stream->deflate))
            status = block_write(stream, false, error);
        done += deflate_runs_add(&stream->deflate, stream->filtered + done, bytes - done);
    }
    return status;
}

static enum po_status row_write(struct png_stream *stream, const uint8_t *row,
                                const uint8_t *above, struct po_error *error)
{
    uint8_t *filtered = stream->filtered + 1;
    for (size_t i = 0; i < stream->row_bytes; i++)
        filtered[i] = (uint8_t)(row[i] - above[i]);
    return compress_row(stream, error);
}

static enum po_status finish(struct png_stream *stream, struct po_error *error)
{
    enum po_status status = block_write(stream, true, error);
    return status == PO_OK ? chunk_write(stream->file, "IEND", "", 0, error) : status;
}

static enum po_status no_memory(const struct atomic_file *file, struct po_error *error)
{
    return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory to write a PNG", file->path);
}

enum po_status png_write(struct atomic_file *file, const struct image_view *image,
                         const struct png_text *texts, int text_count,
                         struct po_error *error)
{
    struct png_shape shape = {image->width_px, image->height_px, image->channels, 8};
    struct png_stream *stream = stream_create(file, &shape);
    if (stream == NULL)
        return no_memory(file, error);
    enum po_status status = head_write(file, &shape, texts, text_count, error);
    const uint8_t *above = stream->previous;
    for (int y = 0; y < image->height_px && status == PO_OK; y++) {
        status = row_write(stream, image_row(image, y), above, error);
        above = image_row(image, y);
    }
    if (status == PO_OK)
        status = finish(stream, error);
    stream_release(stream);
    return status;
}

/* In place: host order to the file's big-endian. */
static void to_big_endian(uint8_t *row, int count)
{
    for (int x = 0; x < count; x++) {
        uint16_t value;
        memcpy(&value, row + 2 * (size_t)x, sizeof(value));
        row[2 * (size_t)x] = (uint8_t)(value >> 8);
        row[2 * (size_t)x + 1] = (uint8_t)value;
    }
}

enum po_status png_write_16(struct atomic_file *file, int width_px, int height_px,
                            image_row16_source *row, void *context,
                            const struct png_text *texts, int text_count,
                            struct po_error *error)
{
    struct png_shape shape = {width_px, height_px, 1, 16};
    struct png_stream *stream = stream_create(file, &shape);
    if (stream == NULL)
        return no_memory(file, error);
    enum po_status status = head_write(file, &shape, texts, text_count, error);
    for (int y = 0; y < height_px && status == PO_OK; y++) {
        row(context, y, (uint16_t *)(void *)stream->current);
        to_big_endian(stream->current, width_px);
        status = row_write(stream, stream->current, stream->previous, error);
        uint8_t *above = stream->previous;
        stream->previous = stream->current;
        stream->current = above;
    }
    if (status == PO_OK)
        status = finish(stream, error);
    stream_release(stream);
    return status;
}
