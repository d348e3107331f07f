/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/input_file.h"
#include "image/image_reader.h"

static const struct image_reader *const readers[] = {
    &png_reader, &jpeg_reader, &tiff_reader, &netpbm_reader, &bmp_reader, &webp_reader,
};

static void source_release(struct image_source *source)
{
    if (source->descriptor >= 0)
        (void)close(source->descriptor);
    source->descriptor = -1;
}

static enum po_status unknown_format(const struct image_source *source,
                                     struct po_error *error)
{
    if (image_source_broke_off(source))
        return image_source_ended(source, error);
    if (source->end == 0)
        return po_fail(error, PO_BAD_IMAGE, "%s: the file is empty; record it again",
                       source->path);
    return po_fail(error, PO_BAD_IMAGE,
                   "%s: not an image this program reads (PNG, JPEG, TIFF, PGM, PPM, PFM, "
                   "BMP, WebP); "
                   "convert it or take it out of the session",
                   source->path);
}

/* Opens the file and finds the reader of its first bytes. source_release in any case. */
static enum po_status source_open(struct image_source *source, const char *path,
                                  const struct cancel *cancel,
                                  const struct image_reader **reader,
                                  struct po_error *error)
{
    struct input_stat info;
    source->path = path;
    source->descriptor = -1;
    source->cancel = cancel;
    source->taken_bytes = 0;
    source->most_bytes = IMAGE_METADATA_MAX_BYTES;
    source->cancelled = false;
    source->too_long = false;
    source->read_errno = 0;
    source->begin = 0;
    source->end = 0;
    enum po_status status = input_file_open(path, &source->descriptor, &info, error);
    if (status != PO_OK)
        return status;
    source->size_bytes = info.size_bytes;
    const uint8_t *head;
    size_t bytes = image_source_next(source, &head);
    source->begin = 0;
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
        if (readers[i]->matches(head, bytes)) {
            *reader = readers[i];
            return PO_OK;
        }
    return unknown_format(source, error);
}

enum po_status image_file_probe(const char *path, struct image_header *header,
                                struct po_error *error)
{
    struct image_source source;
    const struct image_reader *reader = NULL;
    *header = (struct image_header){.exif_orientation = 1};
    enum po_status status = source_open(&source, path, NULL, &reader, error);
    if (status == PO_OK) {
        header->format = reader->format;
        status = reader->probe(&source, header, error);
    }
    source_release(&source);
    return status;
}

/* Opens the file again and sends its samples to the sink. */
static enum po_status decode(const char *path, const struct image_header *header,
                             const struct image_request *request, struct image_sink *sink,
                             struct po_error *error)
{
    struct image_source source;
    const struct image_reader *reader = NULL;
    enum po_status status = source_open(&source, path, request->cancel, &reader, error);
    if (status == PO_OK && reader->format != header->format)
        status =
            po_fail(error, PO_CHANGED,
                    "%s: changed while the session was processed (it became %s); run "
                    "again when it is complete",
                    path, reader->name);
    if (status == PO_OK)
        status = reader->decode(&source, header, sink, request->warnings, error);
    source_release(&source);
    return status;
}

static size_t row_bytes(const struct image_header *header)
{
    size_t sample_bytes = header->is_float     ? sizeof(float)
                          : header->bits == 16 ? sizeof(uint16_t)
                                               : sizeof(uint8_t);
    return (size_t)header->width_px * (size_t)header->channels * sample_bytes;
}

size_t image_file_scratch_bytes(const struct image_header *header)
{
    size_t bytes =
        image_view_bytes(header->width_px, header->height_px, header->channels);
    bytes = scratch_sum(bytes, scratch_size(row_bytes(header)));
    if (header->bits == 16)
        bytes = scratch_sum(bytes, scratch_size(SAMPLE16_COUNT));
    return bytes;
}

struct image_target {
    struct image_view *image;
    const uint8_t *to_8bit; /* SAMPLE16_COUNT entries; NULL: samples are 8 bit */
};

static void put_8bit(void *context, const struct image_span *span, const void *samples)
{
    const struct image_target *target = context;
    int channels = target->image->channels;
    const uint8_t *from = samples;
    uint8_t *to =
        image_row(target->image, span->y) + (ptrdiff_t)span->x * (ptrdiff_t)channels;
    if (span->step == 1) {
        memcpy(to, from, (size_t)span->count * (size_t)channels);
        return;
    }
    for (int i = 0; i < span->count; i++, from += channels) {
        for (int c = 0; c < channels; c++)
            to[c] = from[c];
        to += (ptrdiff_t)span->step * channels;
    }
}

static void put_16bit(void *context, const struct image_span *span, const void *samples)
{
    const struct image_target *target = context;
    int channels = target->image->channels;
    const uint16_t *from = samples;
    uint8_t *to =
        image_row(target->image, span->y) + (ptrdiff_t)span->x * (ptrdiff_t)channels;
    for (int i = 0; i < span->count; i++, from += channels) {
        for (int c = 0; c < channels; c++)
            to[c] = target->to_8bit[from[c]];
        to += (ptrdiff_t)span->step * channels;
    }
}

static void warn_of_header(const char *path, const struct image_header *header,
                           struct warning_list *warnings)
{
    if (warnings == NULL)
        return;
    if (header->has_alpha)
        warning_list_add(warnings, "%s: its alpha channel is ignored", path);
    if (header->exif_orientation != 1)
        warning_list_add(warnings,
                         "%s: EXIF says rotated (orientation %d); ignored, pixels are "
                         "taken as stored",
                         path, header->exif_orientation);
}

enum po_status image_file_read(const char *path, const struct image_header *header,
                               const struct image_request *request,
                               struct scratch *scratch, struct image_view *image,
                               struct po_error *error)
{
    if (header->is_float)
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: a map of floats, not a picture; want 8 or 16 bit samples",
                       path);
    enum po_status status = image_view_take(scratch, header->width_px, header->height_px,
                                            header->channels, image, error);
    if (status != PO_OK)
        return status;
    size_t mark = scratch_mark(scratch);
    bool wide = header->bits == 16;
    struct image_sink sink = {.row = scratch_take(scratch, row_bytes(header))};
    uint8_t *to_8bit = wide ? scratch_take(scratch, SAMPLE16_COUNT) : NULL;
    if (sink.row == NULL || (wide && to_8bit == NULL)) {
        status = scratch_exhausted(scratch, "an image row", error);
        goto cleanup;
    }
    struct image_target target = {image, to_8bit};
    sink.context = &target;
    sink.put = wide ? put_16bit : put_8bit;
    if (wide)
        image_scale16_table(request->scale, to_8bit);
    else
        sink.direct = *image;
    status = decode(path, header, request, &sink, error);
    if (status == PO_OK)
        warn_of_header(path, header, request->warnings);

cleanup:
    scratch_rewind(scratch, mark);
    return status;
}

struct sample_histogram {
    int channels;
    uint32_t *counts; /* of SAMPLE16_COUNT values */
};

static void put_counts(void *context, const struct image_span *span, const void *samples)
{
    const struct sample_histogram *histogram = context;
    const uint16_t *from = samples;
    for (int i = 0; i < span->count * histogram->channels; i++)
        histogram->counts[from[i]]++;
}

size_t image_file_bounds_bytes(const struct image_header *header)
{
    return scratch_sum(scratch_size(row_bytes(header)),
                       scratch_array_size(SAMPLE16_COUNT, sizeof(uint32_t)));
}

enum po_status image_file_sample_bounds(const char *path, const struct cancel *cancel,
                                        struct scratch *scratch,
                                        struct sample_bounds *bounds,
                                        struct po_error *error)
{
    struct image_header header;
    enum po_status status = image_file_probe(path, &header, error);
    if (status != PO_OK)
        return status;
    *bounds = (struct sample_bounds){0, 255};
    if (header.bits != 16) /* floats have 32 */
        return PO_OK;
    size_t mark = scratch_mark(scratch);
    struct sample_histogram histogram = {
        header.channels, scratch_take_zeroed(scratch, SAMPLE16_COUNT * sizeof(uint32_t))};
    const struct image_request request = {.cancel = cancel};
    struct image_sink sink = {.row = scratch_take(scratch, row_bytes(&header)),
                              .put = put_counts,
                              .context = &histogram};
    if (sink.row == NULL || histogram.counts == NULL)
        status = scratch_exhausted(scratch, "the counts of samples", error);
    else
        status = decode(path, &header, &request, &sink, error);
    if (status == PO_OK)
        *bounds = sample_bounds_of(histogram.counts);
    scratch_rewind(scratch, mark);
    return status;
}

struct float_target {
    const struct image_header *header;
    double scale;
    float *values;
};

static float sample_value(const struct float_target *target, const void *samples, int i)
{
    if (target->header->is_float) {
        float value = ((const float *)samples)[i];
        return isfinite(value) ? value : NAN;
    }
    int value = target->header->bits == 16 ? ((const uint16_t *)samples)[i]
                                           : ((const uint8_t *)samples)[i];
    return value == 0 ? NAN : (float)(value / target->scale);
}

static void put_float(void *context, const struct image_span *span, const void *samples)
{
    const struct float_target *target = context;
    float *row = target->values + (size_t)span->y * (size_t)target->header->width_px;
    for (int i = 0; i < span->count; i++)
        row[span->x + i * span->step] = sample_value(target, samples, i);
}

static enum po_status float_sink_init(const char *path, const struct image_header *header,
                                      struct image_sink *sink, struct po_error *error)
{
    struct float_target *target = sink->context;
    if (header->channels != 1)
        return po_fail(error, PO_UNSUPPORTED,
                       "%s: %d channels; a map of disparities has one, so convert it to "
                       "grey",
                       path, header->channels);
    if (!(target->scale > 0.0))
        return po_fail(error, PO_BAD_ARGUMENT,
                       "%s: the scale of its values is %g; want "
                       "a positive number",
                       path, target->scale);
    size_t values_bytes;
    if (size_multiply((size_t)header->width_px * (size_t)header->height_px, sizeof(float),
                      &values_bytes)) {
        target->values = malloc(values_bytes);
        sink->row = malloc(row_bytes(header));
    }
    if (target->values == NULL || sink->row == NULL)
        return po_fail(error, PO_OUT_OF_MEMORY, "%s: no memory for %dx%d values", path,
                       header->width_px, header->height_px);
    return PO_OK;
}

enum po_status image_file_read_float(const char *path, double scale, int *width_px,
                                     int *height_px, float **values,
                                     struct po_error *error)
{
    struct image_header header;
    *values = NULL;
    enum po_status status = image_file_probe(path, &header, error);
    if (status != PO_OK)
        return status;
    const struct image_request request = {.cancel = NULL};
    struct float_target target = {&header, scale, NULL};
    struct image_sink sink = {.put = put_float, .context = &target};
    status = float_sink_init(path, &header, &sink, error);
    if (status == PO_OK)
        status = decode(path, &header, &request, &sink, error);
    if (status == PO_OK) {
        *width_px = header.width_px;
        *height_px = header.height_px;
        *values = target.values;
        target.values = NULL;
    }
    free(target.values);
    free(sink.row);
    return status;
}
